import { OperationError } from "../../model/values.ts";

/** More than anybody's tool writes (OpenSSL: 2,048; password managers: under a million). */
const iterationsPerMs = 1000;
/** The body ends with the next dashes, so that a text of many beginnings is read once. */
const encryptedPem = /-----BEGIN ENCRYPTED PRIVATE KEY-----([\s\S]*?)(?=-----)/g;
const maxDepth = 16;
const maxNodes = 10_000;

/**
 * A key that is locked with a passphrase says itself how often the passphrase is to be hashed, which may be 2 ** 31
 * times. Looks for such numbers in the PEM texts and DER bytes among a call's arguments.
 * @throws {OperationError} ELIMIT when it would take longer than `maxMs`.
 */
export function checkPassphraseCost(args: readonly unknown[], maxMs: number): void {
  for (const arg of args) look(arg, maxMs * iterationsPerMs, 0);
}

function look(value: unknown, maxIterations: number, depth: number): void {
  if (typeof value === "string") lookInPem(value, maxIterations);
  else if (value instanceof ArrayBuffer) lookInBytes(Buffer.from(value), maxIterations);
  else if (ArrayBuffer.isView(value)) {
    lookInBytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength), maxIterations);
  } else if (typeof value === "object" && value !== null && depth < 3) {
    for (const part of Object.values(value)) look(part, maxIterations, depth + 1);
  }
}

function lookInBytes(bytes: Buffer, maxIterations: number): void {
  // A DER sequence, or PEM as bytes.
  if (bytes[0] === 0x30) walk(bytes, maxIterations, { left: maxNodes }, 0);
  else if (bytes.includes("-----BEGIN ENCRYPTED")) lookInPem(bytes.toString("latin1"), maxIterations);
}

function lookInPem(text: string, maxIterations: number): void {
  for (const [, body = ""] of text.matchAll(encryptedPem)) {
    // Of the older format, which would lock what is locked a second time, and hide its number from us.
    if (body.includes(":")) {
      throw new OperationError(
        "ELIMIT",
        "Cannot unlock the key: its PEM text has header lines, such as Proc-Type, beside a PKCS #8 body",
      );
    }
    walk(Buffer.from(body, "base64"), maxIterations, { left: maxNodes }, 0);
  }
}

const Tag = { integer: 0x02, octets: 0x04, sequence: 0x30 } as const;

/** Salt, then a number: what PBKDF2, scrypt, the schemes of PKCS #12 and its MAC have in common. */
function walk(bytes: Buffer, maxIterations: number, nodes: { left: number }, depth: number): void {
  let before = 0;
  let factor = 1;
  for (let at = 0; at < bytes.length && nodes.left-- > 0; ) {
    const element = readElement(bytes, at);
    if (element === undefined) return;
    const { tag, content, end } = element;
    if (tag === Tag.integer && before === Tag.octets && content.length <= 8) {
      factor *= Number(BigInt(`0x${content.toString("hex") || "0"}`));
      if (factor > maxIterations) {
        throw new OperationError(
          "ELIMIT",
          `Cannot unlock the key: its passphrase is to be hashed ${factor} times, at most ${maxIterations} are allowed`,
        );
      }
    } else {
      before = tag;
      factor = 1;
      const isNested = (tag & 0x20) !== 0 || (tag === Tag.octets && content[0] === Tag.sequence);
      if (isNested && depth < maxDepth) walk(content, maxIterations, nodes, depth + 1);
    }
    at = end;
  }
}

function readElement(bytes: Buffer, at: number): { tag: number; content: Buffer; end: number } | undefined {
  const tag = bytes[at]!;
  let length = bytes[at + 1];
  let from = at + 2;
  if (length === undefined) return undefined;
  if (length >= 0x80) {
    const size = length & 0x7f;
    // An indefinite length (BER, as some PKCS #12 files have it) ends with its parent.
    if (size === 0) length = bytes.length - from;
    else if (size > 4 || from + size > bytes.length) return undefined;
    else {
      length = bytes.readUIntBE(from, size);
      from += size;
    }
  }
  if (from + length > bytes.length) return undefined;
  return { tag, content: bytes.subarray(from, from + length), end: from + length };
}
