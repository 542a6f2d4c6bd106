import { createHash, createHmac, hkdfSync, pbkdf2, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { OperationError } from "../../model/values.ts";
import { bytes, defineOperation, integer, oneOf } from "../operation.ts";

/** What createHash and createHmac take; the guest's table of names and aliases maps to these. */
const hashes = oneOf(
  "md5",
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha512",
  "sha512-224",
  "sha512-256",
  "sha3-224",
  "sha3-256",
  "sha3-384",
  "sha3-512",
  "ripemd160",
);
const maxDataBytes = 256 * 1024 * 1024;
const maxKeyBytes = 16 * 1024 * 1024;
const maxDerivedBytes = 1024 * 1024;

export const hash = defineOperation({
  name: "crypto.hash",
  kind: "sync",
  args: [hashes, bytes(maxDataBytes)],
  replay: "pure",
  run: (_environment, algorithm, data) => new Uint8Array(createHash(algorithm).update(data).digest()),
});

export const hmac = defineOperation({
  name: "crypto.hmac",
  kind: "sync",
  args: [hashes, bytes(maxKeyBytes), bytes(maxDataBytes)],
  replay: "pure",
  run: (_environment, algorithm, key, data) =>
    new Uint8Array(createHmac(algorithm, key).update(data).digest()),
});

export const hkdf = defineOperation({
  name: "crypto.hkdf",
  kind: "sync",
  args: [hashes, bytes(maxKeyBytes), bytes(maxKeyBytes), bytes(1024), integer(0, 255 * 64)],
  replay: "pure",
  run: (_environment, algorithm, key, salt, info, length) => {
    try {
      return new Uint8Array(hkdfSync(algorithm, key, salt, info, length));
    } catch {
      throw new OperationError("ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length");
    }
  },
});

/** Slow on purpose, so in Node's pool and never within a turn: its bound is what a pool thread may be busy for. */
export const derivePbkdf2 = defineOperation({
  name: "crypto.pbkdf2",
  kind: "async",
  args: [hashes, bytes(maxKeyBytes), bytes(maxKeyBytes), integer(1, 10_000_000), integer(0, maxDerivedBytes)],
  replay: "pure",
  run: async (_environment, algorithm, password, salt, iterations, length) =>
    new Uint8Array(await promisify(pbkdf2)(password, salt, iterations, length, algorithm)),
});

const maxScryptBytes = 64 * 1024 * 1024;

export const deriveScrypt = defineOperation({
  name: "crypto.scrypt",
  kind: "async",
  args: [
    bytes(maxKeyBytes),
    bytes(maxKeyBytes),
    integer(0, maxDerivedBytes),
    integer(2, 1 << 20),
    integer(1, 1024),
    integer(1, 1024),
  ],
  replay: "pure",
  run: async (_environment, password, salt, length, cost, blockSize, parallelization) => {
    try {
      return await runScrypt(password, salt, length, {
        cost,
        blockSize,
        parallelization,
        maxmem: maxScryptBytes,
      });
    } catch {
      throw new OperationError(
        "ERR_CRYPTO_INVALID_SCRYPT_PARAMS",
        `Invalid scrypt params: N is a power of two, and 128 * N * r at most ${maxScryptBytes} bytes`,
      );
    }
  },
});

function runScrypt(
  password: Uint8Array,
  salt: Uint8Array,
  length: number,
  options: { cost: number; blockSize: number; parallelization: number; maxmem: number },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}
