import type { Buffer } from "node:buffer";
import { callAsync, callSync } from "../bridge.ts";
import { asBuffer } from "./internal/as-buffer.ts";
import { assertFunction, invalidArgType, nodeError, unavailable } from "./internal/errors.ts";
import { Hash, Hmac, SecretKey, toBytes } from "./internal/hash.ts";
import { hashName, hashNames, invalidDigest } from "./internal/hashes.ts";
import { randomBytes, randomFill, randomFillSync, randomInt } from "./internal/random.ts";
import { web } from "./internal/web.ts";

type Callback = (error: Error | null, key?: Buffer) => void;

/** In time that depends on the length alone. */
function timingSafeEqual(one: unknown, other: unknown): boolean {
  const view = (value: unknown, name: string) => {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    throw invalidArgType(name, "an instance of ArrayBuffer, Buffer, TypedArray, or DataView", value);
  };
  const left = view(one, "buf1");
  const right = view(other, "buf2");
  if (left.length !== right.length) {
    throw nodeError(
      RangeError,
      "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH",
      "Input buffers must have the same byte length",
    );
  }
  let difference = 0;
  for (let index = 0; index < left.length; index++) {
    difference |= (left[index] as number) ^ (right[index] as number);
  }
  return difference === 0;
}

/** crypto.hash(): one shot; hex unless another encoding is named. */
function hash(algorithm: string, data: unknown, encoding: string | { outputEncoding?: string } = "hex") {
  const name = typeof encoding === "string" ? encoding : (encoding.outputEncoding ?? "hex");
  return new Hash(algorithm).update(data).digest(name);
}

function pbkdf2(
  password: unknown,
  salt: unknown,
  iterations: number,
  length: number,
  digest: string,
  callback: Callback,
): void {
  assertFunction(callback, "callback");
  const name = hashName(digest, () => invalidDigest(digest));
  settle(
    callAsync(
      "crypto.pbkdf2",
      name,
      toBytes(password, "password"),
      toBytes(salt, "salt"),
      iterations,
      length,
    ),
    callback,
  );
}

interface ScryptOptions {
  N?: number;
  cost?: number;
  r?: number;
  blockSize?: number;
  p?: number;
  parallelization?: number;
}

function scrypt(password: unknown, salt: unknown, length: number, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback;
  assertFunction(callback, "callback");
  const options = (rest[0] ?? {}) as ScryptOptions;
  settle(
    callAsync(
      "crypto.scrypt",
      toBytes(password, "password"),
      toBytes(salt, "salt"),
      length,
      options.N ?? options.cost ?? 16_384,
      options.r ?? options.blockSize ?? 8,
      options.p ?? options.parallelization ?? 1,
    ),
    callback,
  );
}

function hkdfSync(digest: string, key: unknown, salt: unknown, info: unknown, length: number): ArrayBuffer {
  const secret = key instanceof SecretKey ? key.export() : toBytes(key, "ikm");
  const name = hashName(digest, () => invalidDigest(digest));
  const derived = callSync("crypto.hkdf", name, secret, toBytes(salt, "salt"), toBytes(info, "info"), length);
  return (derived as Uint8Array).slice().buffer as ArrayBuffer;
}

function hkdf(...args: unknown[]): void {
  const callback = args.pop() as (error: Error | null, key?: ArrayBuffer) => void;
  assertFunction(callback, "callback");
  const derived = hkdfSync(...(args as Parameters<typeof hkdfSync>));
  Promise.resolve().then(() => callback(null, derived));
}

function settle(answer: Promise<unknown>, callback: Callback): void {
  answer.then(
    (bytes) => callback(null, asBuffer(bytes)),
    (error: Error) => callback(error),
  );
}

const notYet = (name: string, instead: string) => {
  const refuse = (): never => {
    throw unavailable(`crypto.${name}`, instead);
  };
  return Object.defineProperty(refuse, "name", { value: name });
};
const pureJavaScript = "use a package of JavaScript such as @noble/ciphers or jose";

const exported: Record<string, unknown> = {
  constants: {},
  Hash,
  Hmac,
  KeyObject: SecretKey,
  createHash: (algorithm: string) => new Hash(algorithm),
  createHmac: (algorithm: string, key: unknown) => new Hmac(algorithm, key),
  createSecretKey: (key: unknown, encoding?: string) => new SecretKey(toBytes(key, "key", encoding)),
  getHashes: () => [...hashNames],
  getCiphers: () => [],
  getCurves: () => [],
  getFips: () => 0,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  scrypt,
  randomBytes,
  pseudoRandomBytes: randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID: () => callSync("crypto.randomUuid") as string,
  timingSafeEqual,
  getRandomValues: <T extends ArrayBufferView>(target: T) =>
    (web.crypto["getRandomValues"] as (target: T) => T).call(web.crypto, target),
  pbkdf2Sync: notYet("pbkdf2Sync", "use crypto.pbkdf2: derivation runs outside the isolate's thread"),
  scryptSync: notYet("scryptSync", "use crypto.scrypt: derivation runs outside the isolate's thread"),
};
for (const name of [
  "createCipheriv",
  "createDecipheriv",
  "createDiffieHellman",
  "createECDH",
  "createPrivateKey",
  "createPublicKey",
  "createSign",
  "createVerify",
  "generateKeyPair",
  "generateKeyPairSync",
  "privateDecrypt",
  "privateEncrypt",
  "publicDecrypt",
  "publicEncrypt",
  "sign",
  "verify",
]) {
  exported[name] = notYet(name, pureJavaScript);
}
Object.defineProperties(exported, {
  webcrypto: { enumerable: true, get: () => web.crypto },
  subtle: { enumerable: true, get: () => web.crypto["subtle"] },
});

export default exported;
