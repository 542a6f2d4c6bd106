import { nodeError } from "./errors.ts";

/** Names that the host takes. */
const names = [
  "md5",
  "ripemd160",
  "sha1",
  "sha224",
  "sha256",
  "sha3-224",
  "sha3-256",
  "sha3-384",
  "sha3-512",
  "sha384",
  "sha512",
  "sha512-224",
  "sha512-256",
];

export const hashNames: readonly string[] = names;

/** Any spelling that OpenSSL takes, as in `RSA-SHA256` or `SHA-256`. @throws {Error} ERR_CRYPTO_INVALID_DIGEST-like, as Node */
export function hashName(algorithm: string, invalid: () => Error = unsupported): string {
  const name = algorithm
    .toLowerCase()
    .replace(/^rsa-/, "")
    .replace(/^sha-(1|224|256|384|512)\b/, "sha$1")
    .replace("/", "-");
  if (!names.includes(name)) throw invalid();
  return name;
}

function unsupported(): Error {
  return Object.assign(new Error("Digest method not supported"), { code: "ERR_OSSL_EVP_UNSUPPORTED" });
}

export function invalidDigest(algorithm: string): Error {
  return nodeError(TypeError, "ERR_CRYPTO_INVALID_DIGEST", `Invalid digest: ${algorithm}`);
}
