import { createSecretKey, generateKeyPairSync, KeyObject } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  cryptoKeyFrom,
  cryptoKeyMaterial,
  isCryptoKey,
} from "../../../../snapshots/web/lazy/crypto-subtle.ts";
import { materialOf, parseKey } from "../../../../src/host/operations/crypto-keys.ts";
import { guest } from "./guest.ts";

type Realm = typeof globalThis;
// biome-ignore lint/suspicious/noExplicitAny: what is newer than the types, and what is wrong on purpose
type Any = any;

const here = globalThis;
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index + 1);
const hex = (buffer: ArrayBuffer) => Buffer.from(buffer).toString("hex");
const aes = { name: "AES-GCM", length: 128 };
const importAes = (realm: Realm, extractable = true, usages: Any = ["encrypt", "decrypt"]): Promise<Any> =>
  realm.crypto.subtle.importKey("raw", bytes(16), "aes-gcm", extractable, usages);

async function told(call: () => unknown): Promise<unknown> {
  try {
    return { value: await call() };
  } catch (error) {
    const { name, message, code } = error as Error & { code: unknown };
    return { name, message, code, type: (error as Error).constructor.name };
  }
}

type Call = (subtle: Any, key: Any, realm: Realm) => unknown;
const same: Call[] = [
  // Results.
  (subtle) => subtle.digest("sha-256", bytes(3)).then(hex),
  (subtle) => subtle.digest({ name: "SHA3-384" }, new DataView(bytes(9).buffer, 2, 3)).then(hex),
  (subtle) => subtle.digest({ name: "TurboSHAKE128", outputLength: 256 }, bytes(3)).then(hex),
  (subtle) => subtle.digest("SHA-512", new Uint8Array(200_000)).then(hex),
  (subtle, key) => subtle.encrypt({ name: "AES-GCM", iv: bytes(12) }, key, bytes(40)).then(hex),
  (subtle, key) => subtle.exportKey("jwk", key),
  (subtle, key) => subtle.exportKey("raw", key).then(hex),
  (subtle) =>
    subtle
      .importKey("raw", bytes(9), "HKDF", false, ["deriveBits"])
      .then((made: Any) =>
        subtle
          .deriveBits({ name: "HKDF", hash: "SHA-256", salt: bytes(3), info: bytes(2) }, made, 200)
          .then(hex),
      ),
  (subtle) =>
    subtle
      .importKey("raw", bytes(9), "PBKDF2", false, ["deriveBits"])
      .then((made: Any) =>
        subtle
          .deriveBits({ name: "PBKDF2", hash: "SHA-1", salt: bytes(3), iterations: 9 }, made, 256)
          .then(hex),
      ),
  (subtle) =>
    subtle
      .importKey("raw-secret", bytes(9), "Argon2id", false, ["deriveBits"])
      .then((made: Any) =>
        subtle
          .deriveBits({ name: "Argon2id", nonce: bytes(8), parallelism: 1, memory: 8, passes: 1 }, made, 256)
          .then(hex),
      ),
  // Refusals: of the receiver, of arguments, of algorithms, of keys, of the host.
  (subtle) => subtle.digest.call({}, "SHA-1", bytes(1)),
  (subtle) => subtle.digest("SHA-1"),
  (subtle) => subtle.digest("SHA-1", "text"),
  (subtle) => subtle.digest("SHA-1", [1]),
  (subtle) => subtle.digest("SHA-1", new Uint8Array(new SharedArrayBuffer(1))),
  (subtle) => subtle.digest("MD5", bytes(1)),
  (subtle) => subtle.digest({}, bytes(1)),
  (subtle) => subtle.digest({ name: Symbol("x") }, bytes(1)),
  (subtle) => subtle.digest({ name: "KT128" }, bytes(1)),
  (subtle) => subtle.digest({ name: "KT128", outputLength: 12 }, bytes(1)),
  (subtle) => subtle.digest({ name: "KT128", outputLength: 2n }, bytes(1)),
  (subtle) => subtle.digest({ name: "KT128", outputLength: -1 }, bytes(1)),
  (subtle) => subtle.generateKey(aes, true, ["fly"]),
  (subtle) => subtle.generateKey(aes, true, "encrypt"),
  (subtle) => subtle.generateKey(aes, true, { [Symbol.iterator]: 1 }),
  (subtle) => subtle.generateKey(aes, true, []),
  (subtle) => subtle.generateKey(aes, true, ["sign"]),
  (subtle) => subtle.generateKey({ name: "AES-GCM", length: 65_664 }, true, ["encrypt"]),
  (subtle) => subtle.generateKey({ name: "AES-GCM", length: Number.NaN }, true, ["encrypt"]),
  (subtle) => subtle.generateKey({ name: "AES-GCM", length: 100 }, true, ["encrypt"]),
  (subtle) => subtle.generateKey({ name: "ECDH", namedCurve: "P-1" }, true, ["deriveKey"]),
  (subtle) =>
    subtle.generateKey({ name: "RSA-PSS", hash: "SHA-1", modulusLength: 512, publicExponent: [1] }, true, [
      "sign",
    ]),
  (subtle) => subtle.importKey("der", bytes(1), aes, true, []),
  (subtle) => subtle.importKey("raw", { kty: "oct" }, aes, true, ["encrypt"]),
  (subtle) => subtle.importKey("raw", bytes(5), aes, true, ["encrypt"]),
  (subtle) => subtle.importKey("jwk", bytes(16), aes, true, ["encrypt"]),
  (subtle) => subtle.importKey("jwk", null, aes, true, ["encrypt"]),
  (subtle) =>
    subtle.importKey("jwk", { kty: "oct", k: "AAAA", ext: false }, { name: "HMAC", hash: "SHA-1" }, true, [
      "sign",
    ]),
  (subtle) => subtle.importKey("pkcs8", bytes(50), "Ed25519", true, ["sign"]),
  (subtle, key) => subtle.encrypt({ name: "AES-GCM" }, key, bytes(1)),
  (subtle, key) => subtle.encrypt({ name: "AES-CBC", iv: bytes(16) }, key, bytes(1)),
  (subtle, key) => subtle.sign("HMAC", key, bytes(1)),
  (subtle, key) => subtle.decrypt({ name: "AES-GCM", iv: bytes(12) }, key, bytes(30)),
  (subtle, key) => subtle.decrypt({ name: "AES-GCM", iv: bytes(12), tagLength: 5 }, key, bytes(30)),
  (subtle) => subtle.encrypt({ name: "AES-GCM", iv: bytes(12) }, { type: "secret" }, bytes(1)),
  (subtle, key) => subtle.deriveBits({ name: "ECDH", public: key }, key, 8),
  (subtle, key) => subtle.deriveBits({ name: "ECDH", public: {} }, key, 8),
  (subtle, key) => subtle.wrapKey("raw", key, key, "AES-KW"),
  (subtle, key) => subtle.getPublicKey(key, []),
  // Surfaces.
  (_subtle, key) => key,
  (_subtle, key) => inspect(key),
  (_subtle, key) => [Object.keys(key), JSON.stringify(key), String(key)],
  (_subtle, _key, realm) => new (realm.CryptoKey as Any)(),
  (_subtle, _key, realm) => realm.CryptoKey.prototype.type,
  (_subtle, _key, realm) => new (realm.SubtleCrypto as Any)(),
  (_subtle, _key, realm) => realm.crypto.randomUUID.call({} as Any),
  (subtle) =>
    Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(subtle)))
      .map(([name, { value, enumerable }]) => [name, value.name, value.length, enumerable])
      .sort(),
];

describe("crypto.subtle", () => {
  test.each(same)("answers and refuses as Node's: %s", async (call) => {
    const run = async (realm: Realm) => {
      const key = await importAes(realm);
      const outcome = (await told(() => call(realm.crypto.subtle, key, realm))) as { value?: unknown };
      // A key of either realm, by what it shows.
      return outcome.value === key
        ? { ...key, type: key.type, usages: key.usages, algorithm: key.algorithm }
        : outcome;
    };
    expect(await run(guest)).toEqual(await run(here));
  });

  test("reads parameters in the order that Node reads them, and once", async () => {
    const run = async (realm: Realm) => {
      const log: PropertyKey[] = [];
      const logged = (of: object, label: string): Any =>
        new Proxy(of, {
          get(target, name) {
            log.push(`${label}.${String(name)}`);
            return Reflect.get(target, name);
          },
        });
      const { subtle } = realm.crypto;
      const rsa = {
        name: "RSA-PSS",
        modulusLength: 512,
        publicExponent: new Uint8Array([1, 0, 1]),
        // Node reads a hash's name once more than it has to.
        hash: "SHA-1",
      };
      const made = (await subtle.generateKey(logged(rsa, "rsa"), true, ["sign", "verify"])) as Any;
      await subtle.sign(logged({ name: "rsa-pss", saltLength: 4 }, "pss"), made.privateKey, bytes(1));
      const jwk = logged((await subtle.exportKey("jwk", made.publicKey)) as object, "jwk");
      await subtle.importKey("jwk", jwk, { name: "RSA-PSS", hash: "SHA-1" }, true, ["verify"]);
      return log;
    };
    expect(await run(guest)).toEqual(await run(here));
  });

  test("works on what the bytes were when it was called", async () => {
    const { subtle } = guest.crypto;
    const [message, iv, raw] = [bytes(20), bytes(12), bytes(16)];
    const importing = subtle.importKey("raw", raw, "AES-GCM", true, ["encrypt"]);
    raw.fill(0);
    const key = await importing;
    const encrypting = subtle.encrypt({ name: "AES-GCM", iv }, key, message);
    iv.fill(0);
    message.buffer.transfer();
    const nodes = await importAes(here);
    const expected = await here.crypto.subtle.encrypt({ name: "AES-GCM", iv: bytes(12) }, nodes, bytes(20));
    expect(hex(await encrypting)).toBe(hex(expected));
    // A buffer that went elsewhere is empty.
    expect(hex(await subtle.digest("SHA-1", message))).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
  });

  test("a key is what it was made as, whatever a script does to what it shows", async () => {
    const { subtle } = guest.crypto;
    const key = await importAes(guest, false, ["encrypt"]);
    const { algorithm, usages } = key;
    expect([key.algorithm === algorithm, key.usages === usages]).toEqual([true, true]);
    key.algorithm.name = "AES-CBC";
    key.usages.push("decrypt");
    for (const name of ["type", "extractable", "usages", "algorithm"]) {
      Object.defineProperty(key, name, { value: name === "extractable" ? true : "mine" });
    }
    expect(await told(() => subtle.exportKey("raw", key))).toMatchObject({ name: "InvalidAccessError" });
    expect(
      await told(() => subtle.wrapKey("raw", key, key, { name: "AES-GCM", iv: bytes(12) })),
    ).toMatchObject({
      name: "InvalidAccessError",
    });
    expect(
      await told(() => subtle.decrypt({ name: "AES-GCM", iv: bytes(12) }, key, bytes(20))),
    ).toMatchObject({
      name: "InvalidAccessError",
    });
    expect((await subtle.encrypt({ name: "AES-GCM", iv: bytes(12) }, key, bytes(1))).byteLength).toBe(17);
    const forged = Object.create(guest.CryptoKey.prototype, { extractable: { value: true } });
    expect([isCryptoKey(key), isCryptoKey(forged), isCryptoKey(await importAes(here))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("supports() says what Node's says", () => {
    const names = [
      "AES-GCM",
      "AES-KW",
      "ECDH",
      "HMAC",
      "SHA-256",
      "Ed448",
      "ML-KEM-768",
      "PBKDF2",
      "RSA-OAEP",
      "nope",
    ];
    const methods = [...Object.keys(Object.getPrototypeOf(here.crypto.subtle)), "fly"];
    const parameters = {
      length: 256,
      iv: bytes(12),
      hash: "SHA-256",
      namedCurve: "P-256",
      salt: bytes(1),
      iterations: 1,
    };
    const run = ({ SubtleCrypto }: Realm) =>
      methods.flatMap((method) =>
        names.flatMap((name) =>
          [name, { name, ...parameters }].flatMap((algorithm) =>
            [undefined, "AES-GCM", { name: "HMAC", hash: "SHA-1" }, null].map((other) => {
              try {
                return `${method} ${name} ${(SubtleCrypto as Any).supports(method, algorithm, other)}`;
              } catch (error) {
                return `${method} ${name} ${(error as Error).message}`;
              }
            }),
          ),
        ),
      );
    expect(run(guest)).toEqual(run(here));
  });
});

describe("node:crypto's keys", () => {
  test("become the web's, and the web's theirs", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const signer = cryptoKeyFrom(materialOf(privateKey) as Any, "Ed25519", false, ["sign"]) as Any;
    const verifier = cryptoKeyFrom(
      materialOf(publicKey) as Any,
      { name: "ed25519" },
      true,
      new Set(["verify"]),
    ) as Any;
    const { subtle } = guest.crypto;
    const signature = await subtle.sign("Ed25519", signer, bytes(3));
    expect(await subtle.verify("Ed25519", verifier, signature, bytes(3))).toBe(true);
    expect(cryptoKeyMaterial(signer)).toMatchObject({
      type: "private",
      extractable: false,
      usages: ["sign"],
    });
    expect(parseKey(cryptoKeyMaterial(verifier)!).equals(publicKey)).toBe(true);
    expect(cryptoKeyMaterial({})).toBeUndefined();
  });

  const wrong: [Any, Any, Any][] = [
    ["Ed25519", true, ["sign"]],
    ["HMAC", true, ["sign"]],
    ["nope", true, ["sign"]],
    [{ name: "AES-GCM" }, true, []],
    [{ name: "AES-GCM" }, true, ["sign"]],
    [{ name: "AES-GCM" }, true, 5],
    [Symbol("x"), true, []],
  ];
  test.each(wrong)(
    "are refused as Node's toCryptoKey refuses them: %j",
    async (algorithm, extractable, usages) => {
      const secret = createSecretKey(bytes(16));
      const run = (make: () => unknown) => told(make);
      expect(
        await run(() => cryptoKeyFrom(materialOf(secret) as Any, algorithm, extractable, usages)),
      ).toEqual(
        await run(() => KeyObject.prototype.toCryptoKey.call(secret, algorithm, extractable, usages)),
      );
    },
  );
});
