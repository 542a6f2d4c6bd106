import crypto from "node:crypto";

/** What is done with either module, and answered or refused the same by both. */
export type Case = readonly [name: string, run: (c: typeof crypto) => unknown];

/** What a call answers or throws, so that two modules' answers can be compared. */
export function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    const { name, code, message, library, reason } = error as Error & Record<string, unknown>;
    return { name, code, message, library, reason };
  }
}

const pair = (type: "rsa" | "ec" | "ed25519", options: object) =>
  crypto.generateKeyPairSync(
    type as "rsa",
    {
      ...options,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    } as never,
  ) as unknown as { publicKey: string; privateKey: string };
export const rsa = pair("rsa", { modulusLength: 1024 });
export const ec = pair("ec", { namedCurve: "P-256" });
export const ed = pair("ed25519", {});

const [small, large] = [Buffer.from([0, 255, 7]), Buffer.alloc(200_000, "ab€")];
export const hashCases: readonly Case[] = [
  ["text, then bytes", (c) => c.createHash("sha256").update("ä€").update(small).digest("hex")],
  ["halves of a character", (c) => c.createHash("sha256").update("\ud83d").update("\ude00").digest("hex")],
  [
    "more than is kept in the guest",
    (c) => c.createHash("md5").update(large).update("x").digest("base64url"),
  ],
  ["long text", (c) => c.createHash("sha1").update("ä".repeat(50_000)).update("b").digest("latin1")],
  ["nothing", (c) => c.createHash("sha512").digest("hex")],
  [
    "another encoding",
    (c) => c.createHash("md5").update("616", "latin1").update("6162", "hex").digest("hex"),
  ],
  ["half a byte", (c) => c.createHash("md5").update("616", "hex")],
  [
    "an encoding that is none",
    (c) =>
      Buffer.from(
        c
          .createHash("md5")
          .update("a")
          .digest("nope" as never),
      ),
  ],
  ["a length of its own", (c) => c.createHash("shake256", { outputLength: 5 }).update("a").digest("hex")],
  ["a length that is none", (c) => c.createHash("shake256", { outputLength: -1 })],
  ["an unknown algorithm", (c) => c.createHash("nope")],
  ["no algorithm", (c) => c.createHash(undefined as never)],
  ["no data", (c) => c.createHash("md5").update({} as never)],
  ["a second digest", (c) => [c.createHash("md5")].map((hash) => [hash.digest("hex"), hash.digest("hex")])],
  ["hmac", (c) => c.createHmac("sha256", "key").update(large).digest("hex")],
  ["hmac, key object", (c) => c.createHmac("sha1", c.createSecretKey(small)).update("a").digest("hex")],
  ["hmac, empty key", (c) => c.createHmac("sha1", "").update("a").digest("hex")],
  ["hmac, unknown", (c) => c.createHmac("nope", "key")],
  ["hmac, no key", (c) => c.createHmac("sha1", null as never)],
  [
    "hash()",
    (c) => [c.hash("sha256", "ä"), c.hash("sha1", small, "base64"), c.hash("md5", "a", "nope" as never)],
  ],
];

const key = Buffer.alloc(32, 1);
const iv = Buffer.alloc(12, 2);
export const cipherCases: readonly Case[] = [
  ["an unknown cipher", (c) => c.createCipheriv("nope", key, iv)],
  ["a short key", (c) => c.createCipheriv("aes-256-cbc", iv, Buffer.alloc(16))],
  ["a wrong vector", (c) => c.createCipheriv("aes-256-cbc", key, "short")],
  ["a key that is none", (c) => c.createCipheriv("aes-256-cbc", 5 as never, iv)],
  ["a class of its own as key", (c) => c.createCipheriv("aes-256-cbc", new (class Mine {})() as never, iv)],
  [
    "text in pieces",
    (c) => {
      const cipher = c.createCipheriv("aes-256-cbc", key, Buffer.alloc(16));
      return cipher.update("abcdefghijklmnopqrstuvw", "utf8", "base64") + cipher.final("base64");
    },
  ],
  [
    "no padding",
    (c) => {
      const cipher = c.createCipheriv("aes-256-cbc", key, Buffer.alloc(16)).setAutoPadding(false);
      cipher.update("a");
      return cipher.final();
    },
  ],
  [
    "used after its end",
    (c) => {
      const cipher = c.createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
      cipher.final();
      return [outcome(() => cipher.update("a")), outcome(() => cipher.final())];
    },
  ],
];

const data = Buffer.from("data");
export const signatureCases: readonly Case[] = [
  ["no key", (c) => c.createSign("sha256").sign(undefined as never)],
  ["text that is no key", (c) => c.sign("sha256", data, "nope")],
  ["an unknown algorithm", (c) => c.createSign("nope")],
  ["a public key to sign", (c) => c.sign("sha256", data, rsa.publicKey)],
  ["padding that is none", (c) => c.sign("sha256", data, { key: rsa.privateKey, padding: "x" as never })],
  ["too much for the key", (c) => c.publicEncrypt(rsa.publicKey, Buffer.alloc(500))],
  ["what was not encrypted", (c) => c.privateDecrypt(rsa.privateKey, Buffer.alloc(128, 1))],
  [
    "private, then public",
    (c) => c.publicDecrypt(rsa.publicKey, c.privateEncrypt(rsa.privateKey, data)).toString(),
  ],
  [
    "a label and a hash",
    (c) => {
      const options = { oaepHash: "sha256", oaepLabel: Buffer.from("label") };
      const sealed = c.publicEncrypt({ key: rsa.publicKey, ...options }, data);
      return c.privateDecrypt({ key: rsa.privateKey, ...options }, sealed).toString();
    },
  ],
];

export const derivationCases: readonly Case[] = [
  ["pbkdf2", (c) => c.pbkdf2Sync("pw", "salt", 100, 24, "sha512").toString("hex")],
  ["pbkdf2, iterations", (c) => c.pbkdf2Sync("pw", "salt", 0, 24, "sha512")],
  ["pbkdf2, digest", (c) => c.pbkdf2("pw", "salt", 1, 24, "nope", () => {})],
  ["scrypt", (c) => c.scryptSync("pw", Buffer.from("salt"), 16, { N: 1024 }).toString("hex")],
  ["scrypt, N", (c) => c.scryptSync("pw", "salt", 16, { N: 3 })],
  ["hkdf", (c) => Buffer.from(c.hkdfSync("sha256", "key", "salt", "info", 32)).toString("hex")],
  ["hkdf, length", (c) => c.hkdfSync("sha256", "key", "salt", "info", 1e6)],
  [
    "argon2",
    (c) =>
      c
        .argon2Sync("argon2id", {
          message: "m",
          nonce: "saltsalt",
          parallelism: 1,
          tagLength: 16,
          memory: 8,
          passes: 1,
        })
        .toString("hex"),
  ],
  ["a prime", (c) => [c.checkPrimeSync(7n), c.checkPrimeSync(8n), c.generatePrimeSync(3, { bigint: true })]],
  ["no prime", (c) => c.generatePrimeSync(0)],
  ["too many random bytes", (c) => c.randomBytes(2 ** 31)],
  ["an empty range", (c) => c.randomInt(5, 5)],
  ["an offset outside", (c) => c.randomFillSync(Buffer.alloc(4), 5)],
  ["unequal lengths", (c) => c.timingSafeEqual(Buffer.alloc(1), Buffer.alloc(2))],
];
