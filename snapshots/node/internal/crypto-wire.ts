import buffer, { type Buffer } from "node:buffer";
import { callAsync, callSync, type Value } from "../../bridge.ts";
import { requireInternal } from "../../registry.ts";
import { isArrayBuffer, wholeBuffer } from "../../web/bytes.ts";
import { asBuffer } from "./as-buffer.ts";
import { nodeError } from "./errors.ts";

/**
 * Calls of the host's own node:crypto. Arguments are written down as they are, for Node to judge, with stand-ins
 * for what can't cross; src/host/operations/node-crypto-values.ts says how, and reads them.
 */

/** The members of options and of keys that node:crypto looks at; what else an object holds stays here. */
const optionNames = [
  // Keys, and how they are encoded.
  "key",
  "format",
  "type",
  "passphrase",
  "encoding",
  "cipher",
  "asymmetricKeyType",
  "namedCurve",
  "paramEncoding",
  "publicKeyEncoding",
  "privateKeyEncoding",
  "publicKey",
  "privateKey",
  // JSON Web Keys.
  ..."kty crv x y d n e p q dp dq qi k oth alg use key_ops ext kid pub priv seed".split(" "),
  // Signatures and encryption.
  ..."padding saltLength dsaEncoding context oaepHash oaepLabel mgf1Hash".split(" "),
  ..."authTagLength plaintextLength ctsMode xtsStandard iv keyLength ivLength".split(" "),
  // Key pairs, primes, derivation, digests.
  ..."modulusLength publicExponent hashAlgorithm mgf1HashAlgorithm hash mgf1Hash divisorLength".split(" "),
  ..."prime primeLength generator group groupName length safe bigint add rem checks".split(" "),
  ..."N r p cost blockSize parallelization maxmem".split(" "),
  ..."message nonce parallelism tagLength memory passes secret associatedData".split(" "),
  ..."outputLength outputEncoding functionName customization digest salt".split(" "),
  // Certificates.
  ..."subject wildcards partialWildcards multiLabelWildcards singleLabelSubdomains".split(" "),
];
const maxDepth = 4;
const maxNameLength = 128;

export interface KeyMaterial {
  readonly type: "secret" | "private" | "public";
  readonly bytes: Uint8Array;
}
type Written = string | number | boolean | null | object;

/** What the modules of keys and certificates tell of their objects, once they are loaded. */
export const known = {
  /** The bytes of a KeyObject or CryptoKey. */
  keyOf: [] as ((value: object) => KeyMaterial | undefined)[],
  certificateOf: (_value: object): Uint8Array | undefined => undefined,
};

export function keyOf(value: unknown): KeyMaterial | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const read of known.keyOf) {
    const material = read(value);
    if (material !== undefined) return material;
  }
  return webKeyOf(value);
}

/** The bytes of the web's key, if it is one. Its module is only asked about what looks like a key. */
export function webKeyOf(value: object): KeyMaterial | undefined {
  if (Object.prototype.toString.call(value) !== "[object CryptoKey]") return undefined;
  return webKeys().cryptoKeyMaterial(value);
}

export function webKeys(): typeof import("../../web/lazy/crypto-subtle.ts") {
  return requireInternal("brisk:web/lazy/crypto-subtle") as ReturnType<typeof webKeys>;
}

/** Arguments as they cross: JSON, then the bytes that it speaks of. */
export function writeDown(args: readonly unknown[]): [string, ...Uint8Array[]] {
  const parts: Uint8Array[] = [];
  return [JSON.stringify(args.map((arg) => write(arg, parts, 0))), ...parts];
}

function write(value: unknown, parts: Uint8Array[], depth: number): Written {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { n: Object.is(value, -0) ? "-0" : String(value) };
    case "undefined":
      return { u: 1 };
    case "bigint":
      return { i: value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}` };
    case "symbol":
      return { s: (value.description ?? "").slice(0, maxNameLength) };
    case "function":
      return { f: value.name.slice(0, maxNameLength) };
  }
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) {
    return addPart(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), kindOf(value), parts);
  }
  if (isMemory(value)) return addPart(new Uint8Array(value), "ArrayBuffer", parts);
  const key = keyOf(value);
  if (key !== undefined) return { k: key.type, b: addPart(key.bytes, "", parts).b };
  const certificate = known.certificateOf(value as object);
  if (certificate !== undefined) return { x: addPart(certificate, "", parts).b };
  if (depth > maxDepth) return { o: "Object" };
  if (Array.isArray(value)) {
    return { a: value.slice(0, 64).map((item) => write(item, parts, depth + 1)) };
  }
  return writeObject(value as Record<string, unknown>, parts, depth);
}

function writeObject(value: Record<string, unknown>, parts: Uint8Array[], depth: number): Written {
  const properties: Record<string, Written> = {};
  for (const name of optionNames) {
    if (!(name in value)) continue;
    const property = value[name];
    if (property !== undefined) properties[name] = write(property, parts, depth + 1);
  }
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return { o: typeof name === "string" && name ? name.slice(0, maxNameLength) : null, p: properties };
}

function addPart(bytes: Uint8Array, kind: string, parts: Uint8Array[]): { b: number; t: string } {
  // Shared memory can't cross.
  parts.push(isArrayBuffer(bytes.buffer) ? wholeBuffer(bytes) : new Uint8Array(bytes));
  return { b: parts.length - 1, t: kind };
}

function isMemory(value: unknown): value is ArrayBuffer {
  return isArrayBuffer(value) || Object.prototype.toString.call(value) === "[object SharedArrayBuffer]";
}

function kindOf(view: ArrayBufferView): string {
  if (buffer.Buffer.isBuffer(view)) return "Buffer";
  return Object.prototype.toString.call(view).slice("[object ".length, -1);
}

/** Calls a synchronous operation. @throws {Error} What Node threw. */
export function ask(operation: string, ...args: Value[]): Value {
  try {
    return callSync(operation, ...args);
  } catch (error) {
    throw asNodes(error);
  }
}

/** Calls a function of Node's by its name. */
export function askNode(name: string, ...args: unknown[]): unknown {
  return readAnswer(ask("crypto.call", name, ...writeDown(args)));
}

type Callback = (error: unknown, ...results: unknown[]) => void;
let lastJob = 0;

/** In a tick of its own: what a callback throws is uncaught, not a rejection. The global's carries the async context. */
export function answerTo(callback: Callback, ...results: [error: unknown, ...unknown[]]): void {
  (globalThis as unknown as { process: { nextTick(...args: unknown[]): void } }).process.nextTick(
    callback,
    ...results,
  );
}

/**
 * Starts one that answers to its last argument, which is a function. Node throws at once for arguments that it does
 * not take, among them none to answer to.
 */
export function startNode(name: string, args: readonly unknown[], read = readAnswer): void {
  const at = args.findLastIndex((arg) => typeof arg === "function");
  const callback = args[at] as Callback | undefined;
  if (callback === undefined) {
    askWithoutCallback(name, args);
    return;
  }
  const job = ++lastJob;
  ask("crypto.start", job, name, ...writeDown(args.slice(0, at)));
  callAsync("crypto.wait", job).then(
    (answer) => {
      const results = read(answer);
      answerTo(callback, null, ...(Array.isArray(results) ? (results as unknown[]) : [results]));
    },
    (error: unknown) => answerTo(callback, asNodes(error)),
  );
}

/** Node is given the arguments as they are, to say what is wrong with them. */
function askWithoutCallback(name: string, args: readonly unknown[]): void {
  ask("crypto.refuse", name, ...writeDown(args));
}

/** The host's refusal as Node would have thrown it here. */
export function asNodes(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code !== "ERR_NODE_CRYPTO") return error;
  const thrown = JSON.parse(message) as {
    name: string;
    message: string;
    code?: string;
    isNodes?: boolean;
    properties: object;
  };
  const classes: Record<string, ErrorConstructor> = { TypeError, RangeError };
  const base = classes[thrown.name] ?? Error;
  const made = thrown.isNodes ? nodeError(base, thrown.code!, thrown.message) : new base(thrown.message);
  Object.assign(made, thrown.properties);
  if (thrown.code !== undefined && !thrown.isNodes) Object.assign(made, { code: thrown.code });
  return made;
}

interface WrittenAnswer {
  u?: 1;
  i?: string;
  t?: number | "ArrayBuffer";
  d?: string;
  k?: KeyMaterial["type"];
  x?: string;
  a?: unknown[];
  o?: string | null;
  p?: Record<string, unknown>;
}

/** Bytes as a Buffer, everything else as Node answered it. */
export function readAnswer(answer: Value): unknown {
  return typeof answer === "string" ? read(JSON.parse(answer)) : asBuffer(answer);
}

function read(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { u, i, t, d, k, x, a, o, p } = value as WrittenAnswer;
  if (u !== undefined) return undefined;
  if (i !== undefined) return BigInt(i);
  if (k !== undefined) return keys().keyObject({ type: k, bytes: bytesOf(d!) });
  if (x !== undefined) return certificates().certificate(bytesOf(x));
  if (d !== undefined) return t === "ArrayBuffer" ? bytesOf(d).buffer : bytesOf(d);
  if (t !== undefined) return new Date(t);
  if (a !== undefined) return a.map(read);
  const made = (o === null ? Object.create(null) : {}) as Record<string, unknown>;
  for (const [name, property] of Object.entries(p ?? {})) made[name] = read(property);
  return made;
}

/** In memory of its own. */
function bytesOf(base64: string): Buffer {
  const decoded = buffer.Buffer.from(base64, "base64");
  return decoded.byteLength === decoded.buffer.byteLength ? decoded : asBuffer(new Uint8Array(decoded));
}

// Loaded when Node answers with one: they import this module.
const keys = () => requireInternal("brisk:node/internal/crypto-keys") as typeof import("./crypto-keys.ts");
const certificates = () =>
  requireInternal("brisk:node/internal/crypto-certificates") as typeof import("./crypto-certificates.ts");
