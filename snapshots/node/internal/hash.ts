import buffer, { type Buffer } from "node:buffer";
import { wholeBuffer } from "../../web/bytes.ts";
import { asBuffer } from "./as-buffer.ts";
import { Feed, finish, latin1Bytes } from "./crypto-feed.ts";
import { ask, askNode, keyOf, writeDown } from "./crypto-wire.ts";
import { invalidArgType, nodeError } from "./errors.ts";
import { inheritTransform, type LazyTransform } from "./lazy-transform.ts";

const state = Symbol("state");
type Done = (error?: unknown) => void;

interface DigestState {
  readonly feed: Feed;
  /** In one crossing, when the host knows nothing of it. */
  readonly once: (data: string | Uint8Array, length: number, encoding: string) => unknown;
  isFinalized: boolean;
  /** The digest that a stream ended with. */
  result?: Buffer;
}

export interface Digest extends LazyTransform {
  [state]: DigestState;
  update(data: unknown, encoding?: unknown): this;
  digest(encoding?: unknown): Buffer | string;
}

/** Algorithms that the host was asked about, as they were spelled. */
const knownHashes = new Set<string>();
const knownHmacs = new Set<string>();

export function checkDigest(kind: "hash" | "hmac", algorithm: string): void {
  const names = kind === "hash" ? knownHashes : knownHmacs;
  if (names.has(algorithm)) return;
  ask("crypto.checkDigest", kind, algorithm);
  // As many as there are, and some in capitals.
  if (names.size < 128) names.add(algorithm);
}

/** Of a SHAKE, Node wants to be told how long its digest is; the host is told what it would be otherwise. */
export function shakeLength(algorithm: string): number | undefined {
  const length = { shake128: 16, shake256: 32 }[algorithm.toLowerCase().replace("-", "")];
  if (length !== undefined) warnOfShake();
  return length;
}

let hasWarned = false;
function warnOfShake(): void {
  if (hasWarned) return;
  hasWarned = true;
  (
    globalThis as unknown as { process: { emitWarning(message: string, type: string, code: string): void } }
  ).process.emitWarning(
    "Creating SHAKE128/256 digests without an explicit options.outputLength is deprecated.",
    "DeprecationWarning",
    "DEP0198",
  );
}

/** Spellings of encodings that Node knows. */
const encodings: ReadonlySet<string> = new Set([
  "hex",
  "base64",
  "base64url",
  "latin1",
  "binary",
  "utf8",
  "utf-8",
  "ascii",
  "ucs2",
  "utf16le",
]);

function compute(of: DigestState, encoding: unknown): Buffer | string {
  const name = encoding ? `${encoding as string}` : "buffer";
  if (of.result !== undefined) return name === "buffer" ? of.result : of.result.toString(name);
  const isPlain = name === "buffer" || encodings.has(name);
  if (of.feed.isOpen || !isPlain) return finish(of.feed.flush(), encoding);
  const { data, length } = of.feed.take();
  const answer = of.once(data, length, name === "buffer" ? "latin1" : name);
  if (typeof answer !== "string") return asBuffer(answer);
  return name === "buffer" ? latin1Bytes(answer) : answer;
}

export function Hash(
  this: Digest | undefined,
  algorithm: unknown,
  options?: { outputLength?: unknown },
): unknown {
  if (!new.target) return new (Hash as never as HashClass)(algorithm, options) as never;
  if (typeof algorithm !== "string") throw invalidArgType("algorithm", "of type string", algorithm);
  const length = options?.outputLength === undefined ? shakeLength(algorithm) : undefined;
  const given = length === undefined ? options : { ...options, outputLength: length };
  const feed = new Feed((handle) => {
    ask("crypto.open", handle, "createHash", ...writeDown([algorithm, given]));
  });
  // What is said of a digest is for Node to judge.
  if (options !== undefined && options !== null) feed.flush();
  else checkDigest("hash", algorithm);
  setState(this!, feed, options, (data, bytes, encoding) =>
    ask("crypto.hash", algorithm, data, bytes, length ?? -1, encoding),
  );
}

function setState(target: Digest, feed: Feed, options: object | undefined, once: DigestState["once"]): void {
  target[state] = { feed, once, isFinalized: false };
  target._options = options;
}

const digestMethods = {
  update(this: Digest, data: unknown, encoding?: unknown): Digest {
    if (this[state].isFinalized) throw finalized();
    this[state].feed.add(data, encoding);
    return this;
  },
  _transform(this: Digest, chunk: unknown, encoding: unknown, done: Done): void {
    try {
      this[state].feed.add(chunk, encoding);
    } catch (error) {
      done(error);
      return;
    }
    done();
  },
};

inheritTransform(Hash, {
  ...digestMethods,
  digest(this: Digest, encoding?: unknown): Buffer | string {
    if (this[state].isFinalized) throw finalized();
    const result = compute(this[state], encoding);
    this[state].isFinalized = true;
    return result;
  },
  copy(this: Digest, options?: { outputLength?: unknown }): Digest {
    const { feed, once, isFinalized } = this[state];
    if (isFinalized) throw finalized();
    // Only the host can make another length of it.
    if (options !== undefined) feed.flush();
    const copy = Object.create(Object.getPrototypeOf(this) as object) as Digest;
    setState(copy, feed.copy(options), options, once);
    return copy;
  },
  _flush(this: Digest, done: Done): void {
    this[state].result = compute(this[state], undefined) as Buffer;
    this.push(this[state].result);
    done();
  },
});

export function Hmac(this: Digest | undefined, algorithm: unknown, key: unknown, options?: object): unknown {
  if (!(this instanceof Hmac)) return new (Hmac as never as HmacClass)(algorithm, key, options) as never;
  const secret = secretOf(key);
  const feed = new Feed((handle) => {
    ask("crypto.open", handle, "createHmac", ...writeDown([algorithm, secret ?? key, options]));
  });
  if (typeof algorithm !== "string" || secret === undefined || options !== undefined) feed.flush();
  else checkDigest("hmac", algorithm);
  setState(this as Digest, feed, options, (data, bytes, encoding) =>
    ask("crypto.hmac", algorithm as string, secret!, data, bytes, encoding),
  );
}

/** A copy of the key's bytes; undefined for what Node may have something to say about. */
function secretOf(key: unknown): Uint8Array | undefined {
  if (typeof key === "string") return wholeBuffer(buffer.Buffer.from(key, "utf8"));
  if (ArrayBuffer.isView(key)) return new Uint8Array(key.buffer, key.byteOffset, key.byteLength).slice();
  const material = keyOf(key);
  return material?.type === "secret" ? material.bytes : undefined;
}

inheritTransform(Hmac, {
  ...digestMethods,
  /** Node answers a second digest of an Hmac with nothing. */
  digest(this: Digest, encoding?: unknown): Buffer | string {
    const of = this[state];
    if (of.isFinalized) {
      const nothing = buffer.Buffer.alloc(0);
      return encoding && encoding !== "buffer" ? nothing.toString(`${encoding as string}`) : nothing;
    }
    const result = compute(of, encoding);
    of.isFinalized = true;
    return result;
  },
  _flush(this: Digest, done: Done): void {
    this.push(compute(this[state], undefined));
    this[state].isFinalized = true;
    done();
  },
});

/** crypto.hash(): one shot; hex unless another encoding is named. */
export function hash(algorithm: unknown, input: unknown, options?: unknown): unknown {
  const encoding = options === undefined ? "hex" : options;
  const isBytes = ArrayBuffer.isView(input);
  const isPlain = typeof encoding === "string" && (encoding === "buffer" || encodings.has(encoding));
  if (typeof algorithm !== "string" || !isPlain || !(isBytes || typeof input === "string")) {
    return askNode("hash", ...(options === undefined ? [algorithm, input] : [algorithm, input, options]));
  }
  const data = isBytes
    ? wholeBuffer(new Uint8Array(input.buffer, input.byteOffset, input.byteLength))
    : input;
  const length = shakeLength(algorithm) ?? -1;
  const asked = encoding === "buffer" ? "latin1" : encoding;
  const answer = ask("crypto.hash", algorithm, data, isBytes ? input.byteLength : 0, length, asked) as string;
  return encoding === "buffer" ? latin1Bytes(answer) : answer;
}

export type HashClass = new (algorithm: unknown, options?: object) => Digest;
export type HmacClass = new (algorithm: unknown, key: unknown, options?: object) => Digest;

export function finalized(): Error {
  return nodeError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");
}

/** For modules that take text or bytes as Node's older functions do. */
export function toBytes(data: unknown, name: string, encoding?: string): Uint8Array {
  if (typeof data === "string") return buffer.Buffer.from(data, encoding === "buffer" ? "utf8" : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer && name !== "data") return new Uint8Array(data);
  throw invalidArgType(name, "of type string or an instance of Buffer, TypedArray, or DataView", data);
}
