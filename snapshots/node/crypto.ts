import { callSync } from "../bridge.ts";
import { requireInternal } from "../registry.ts";
import { invalidArgType, nodeError } from "./internal/errors.ts";
import { web } from "./internal/web.ts";

/**
 * node:crypto in parts, each loaded when something of it is first looked at: who wants a random UUID does not pay for
 * certificates.
 */
const parts: Readonly<Record<string, readonly string[]>> = {
  "crypto-functions": [
    ...["argon2", "argon2Sync", "checkPrime", "checkPrimeSync", "decapsulate", "encapsulate"],
    ...[
      "generatePrime",
      "generatePrimeSync",
      "getCipherInfo",
      "getCiphers",
      "getCurves",
      "getHashes",
      "getMacs",
    ],
    ...["hkdf", "hkdfSync", "pbkdf2", "pbkdf2Sync", "privateDecrypt", "privateEncrypt", "publicDecrypt"],
    ...["publicEncrypt", "scrypt", "scryptSync"],
  ],
  random: [
    ...["randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID", "randomUUIDv7"],
    "timingSafeEqual",
  ],
  hash: ["Hash", "Hmac", "hash"],
  "crypto-cipher": ["Cipheriv", "Decipheriv"],
  "crypto-sign": ["Sign", "Verify", "sign", "verify"],
  "crypto-keys": [
    ...[
      "KeyObject",
      "createPrivateKey",
      "createPublicKey",
      "createSecretKey",
      "generateKey",
      "generateKeyPair",
    ],
    ...["generateKeyPairSync", "generateKeySync", "parsePKCS12"],
  ],
  "crypto-exchange": ["DiffieHellman", "DiffieHellmanGroup", "ECDH", "diffieHellman"],
  "crypto-certificates": ["Certificate", "X509Certificate"],
};

type Exports = Record<string, unknown>;
type Constructor = new (...args: unknown[]) => object;

function load(part: string): Exports {
  return requireInternal(`brisk:node/internal/${part}`) as Exports;
}

/** Becomes an ordinary property when it is first looked at. */
function defineLazy(target: Exports, name: string, make: () => unknown, isShown = true): void {
  const define = (value: unknown) =>
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  Object.defineProperty(target, name, {
    get() {
      const value = make();
      Object.defineProperty(target, name, { value, writable: true, enumerable: isShown, configurable: true });
      return value;
    },
    set: define,
    enumerable: isShown,
    configurable: true,
  });
}

const exported: Exports = {};
for (const [part, names] of Object.entries(parts)) {
  for (const name of names) defineLazy(exported, name, () => load(part)[name]);
}

/** `createX(...)` is `new X(...)`. */
const creators: readonly (readonly [creator: string, name: string, part: string, parameters: number])[] = [
  ["createCipheriv", "Cipheriv", "crypto-cipher", 4],
  ["createDecipheriv", "Decipheriv", "crypto-cipher", 4],
  ["createDiffieHellman", "DiffieHellman", "crypto-exchange", 4],
  ["createDiffieHellmanGroup", "DiffieHellmanGroup", "crypto-exchange", 1],
  ["createECDH", "ECDH", "crypto-exchange", 1],
  ["createHash", "Hash", "hash", 2],
  ["createHmac", "Hmac", "hash", 3],
  ["createMac", "Mac", "crypto-mac", 3],
  ["createSign", "Sign", "crypto-sign", 2],
  ["createVerify", "Verify", "crypto-sign", 2],
];
for (const [creator, name, part, parameters] of creators) {
  defineLazy(exported, creator, () => {
    const create = load(part)[name] as Constructor;
    const run = (one: unknown, two: unknown, three: unknown, four: unknown) =>
      new create(one, two, three, four);
    return Object.defineProperties(run, { name: { value: creator }, length: { value: parameters } });
  });
}
defineLazy(exported, "getDiffieHellman", () => exported["createDiffieHellmanGroup"]);
// Older names of randomBytes, which Node does not list either.
for (const name of ["prng", "pseudoRandomBytes", "rng"]) {
  defineLazy(exported, name, () => exported["randomBytes"], false);
}

Object.assign(exported, {
  getFips: () => 0,
  setFips(isOn: unknown): void {
    if (isOn)
      throw nodeError(Error, "ERR_CRYPTO_FIPS_UNAVAILABLE", "Cannot set FIPS mode in a non-FIPS build.");
  },
  setEngine(id: unknown, flags?: unknown): never {
    if (typeof id !== "string") throw invalidArgType("id", "of type string", id);
    if (flags && typeof flags !== "number") throw invalidArgType("flags", "of type number", flags);
    throw nodeError(
      Error,
      "ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED",
      "Custom engines not supported by this OpenSSL",
    );
  },
  secureHeapUsed: () => ({ total: 0, used: 0, utilization: 0, min: 0 }),
});

let constants: object | undefined;

function readConstants(): object {
  const values = JSON.parse(callSync("crypto.constants") as string) as Record<string, unknown>;
  const made = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(values)) {
    const isOwn = name === "defaultCipherList";
    Object.defineProperty(made, name, { value, enumerable: true, writable: isOwn, configurable: isOwn });
  }
  return made;
}

Object.defineProperties(exported, {
  fips: {
    enumerable: false,
    get: () => 0,
    set: exported["setFips"] as (isOn: unknown) => void,
  },
  constants: {
    enumerable: true,
    get() {
      constants ??= readConstants();
      return constants;
    },
  },
  webcrypto: { enumerable: true, get: () => web.crypto },
  subtle: { enumerable: true, get: () => web.crypto["subtle"] },
  getRandomValues: {
    enumerable: true,
    get: () => getRandomValues,
  },
});

function getRandomValues(target: unknown): unknown {
  return (web.crypto["getRandomValues"] as (target: unknown) => unknown).call(web.crypto, target);
}

export default exported;
