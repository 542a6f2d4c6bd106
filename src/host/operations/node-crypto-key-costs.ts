import { createPrivateKey, KeyObject } from "node:crypto";

/** Of a key that was never looked at, or is locked with a passphrase: as long as the slowest that we take. */
const unknownMs = 2000;
const shortMs = 2;
/** RSA of 2,048 bits has about so many in its PEM text or its JWK. */
const charactersOfRsa2048 = 1600;

/**
 * Rough milliseconds on one core of one signature, or one exchange, with the private key among these arguments.
 * Seen with OpenSSL 3.5: RSA of 2,048 bits 1.3 ms, of 8,192 bits 55 ms; SLH-DSA's small signatures 0.5 to 3 s, its
 * fast ones 30 to 240 ms.
 */
export function keyUseMs(args: readonly unknown[]): number {
  return Math.max(shortMs, ...args.map(ofArgument));
}

function ofArgument(value: unknown): number {
  if (typeof value === "string") return ofText(value, value.length);
  if (value instanceof KeyObject) return ofKey(value);
  if (typeof value !== "object" || value === null || isBytes(value)) return 0;
  const { key, privateKey, passphrase, format } = value as Record<string, unknown>;
  const found = privateKey ?? key;
  if (found instanceof KeyObject) return ofKey(found);
  if (found === undefined) return 0;
  if (passphrase !== undefined) return unknownMs;
  return ofText(value, format === "jwk" ? JSON.stringify(found).length : lengthOf(found));
}

function ofText(key: unknown, length: number): number {
  // Parsing a short one takes a fraction of a millisecond, and no long one is of another kind than RSA's.
  if (length > 4 * charactersOfRsa2048) {
    return Math.min(unknownMs, shortMs * (length / charactersOfRsa2048) ** 3);
  }
  try {
    return ofKey(createPrivateKey(key as never));
  } catch {
    // A public key, or none.
    return shortMs;
  }
}

function ofKey(key: KeyObject): number {
  if (key.type !== "private") return shortMs;
  const { asymmetricKeyType: type = "", asymmetricKeyDetails } = key;
  if (type.startsWith("slh-dsa")) return type.endsWith("f") ? unknownMs / 8 : unknownMs;
  // A key of Diffie and Hellman says nothing of its length. It holds the prime once, and a number below it.
  const bits =
    type === "dh"
      ? key.export({ format: "der", type: "pkcs8" }).byteLength * 4
      : (asymmetricKeyDetails?.modulusLength ?? 0);
  return shortMs * (bits / 2048) ** 3;
}

function isBytes(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value === "object" && value !== null && isBytes(value)) {
    return (value as ArrayBufferView | ArrayBuffer).byteLength * (4 / 3);
  }
  return 0;
}
