import { describe, expect, test } from "vitest";
import { dropRandomPool } from "../../../../snapshots/random-pool.ts";
import { guest } from "./guest.ts";

type Realm = typeof globalThis;
// biome-ignore lint/suspicious/noExplicitAny: what is newer than the types, and what is wrong on purpose
type Any = any;

const here = globalThis;
const realms = [
  ["guest", guest, here],
  ["Node", here, guest],
] as const;
const data = new TextEncoder().encode("what is signed");
const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index + 1);
const subtleOf = (realm: Realm) => realm.crypto.subtle as Any;
const hex = (buffer: ArrayBuffer) => Buffer.from(buffer).toString("hex");

/** What a call comes to, with all that a program can tell errors apart by. */
async function told(call: () => unknown): Promise<unknown> {
  try {
    return { value: await call() };
  } catch (error) {
    const { name, message, code } = error as Error & { code: unknown };
    return { name, message, code, type: (error as Error).constructor.name };
  }
}

const signing: [string, Any, Any][] = [
  ["HMAC", { name: "HMAC", hash: "SHA-256" }, "hmac"],
  ["HMAC of odd length", { name: "HMAC", hash: { name: "sha-512" }, length: 77 }, "HMAC"],
  ["ECDSA", { name: "ECDSA", namedCurve: "P-521" }, { name: "ECDSA", hash: "SHA-384" }],
  ["RSA", rsa("RSASSA-PKCS1-v1_5"), "RSASSA-PKCS1-v1_5"],
  ["RSA-PSS", rsa("RSA-PSS"), { name: "RSA-PSS", saltLength: 20 }],
  ["Ed25519", "Ed25519", "Ed25519"],
  ["Ed448", "Ed448", { name: "Ed448" }],
  ["ML-DSA", "ML-DSA-65", { name: "ML-DSA-65", context: bytes(5) }],
  ["KMAC", { name: "KMAC256" }, { name: "KMAC256", outputLength: 256, customization: bytes(3) }],
];

function rsa(name: string): Any {
  return { name, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
}

const encrypting: [string, Any, Any][] = [
  ["AES-CBC", { name: "AES-CBC", length: 256 }, { name: "AES-CBC", iv: bytes(16) }],
  ["AES-CTR", { name: "AES-CTR", length: 192 }, { name: "AES-CTR", counter: bytes(16), length: 64 }],
  ["AES-GCM", { name: "AES-GCM", length: 128 }, { name: "AES-GCM", iv: bytes(12), additionalData: bytes(3) }],
  ["AES-OCB", { name: "AES-OCB", length: 256 }, { name: "AES-OCB", iv: bytes(12), tagLength: 96 }],
  ["ChaCha20", "ChaCha20-Poly1305", { name: "ChaCha20-Poly1305", iv: bytes(12), tagLength: 128 }],
  ["RSA-OAEP", rsa("RSA-OAEP"), { name: "RSA-OAEP", label: bytes(4).buffer }],
];

/** The same key in the other realm, by way of a JSON Web Key. */
async function moved(key: Any, from: Realm, to: Realm): Promise<CryptoKey> {
  const jwk = await subtleOf(from).exportKey("jwk", key);
  return subtleOf(to).importKey("jwk", jwk, key.algorithm, true, key.usages);
}

describe.each(realms)("made in %s, used in the other", (_, from, to) => {
  test.each(signing)("%s signs", async (_name, generate, algorithm) => {
    const made = await subtleOf(from).generateKey(generate, true, ["sign", "verify"]);
    const [signer, verifier] = [made.privateKey ?? made, made.publicKey ?? made];
    const signature = await subtleOf(from).sign(algorithm, await moved(signer, from, from), data);
    const key = await moved(verifier, from, to);
    expect(key.algorithm).toEqual(verifier.algorithm);
    expect(await subtleOf(to).verify(algorithm, key, signature, data)).toBe(true);
    expect(await subtleOf(to).verify(algorithm, key, signature, data.subarray(1))).toBe(false);
  });

  test.each(encrypting)("%s encrypts, and wraps keys", async (_name, generate, algorithm) => {
    const usages = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
    const made = await subtleOf(from).generateKey(generate, true, usages);
    const encrypted = await subtleOf(from).encrypt(algorithm, made.publicKey ?? made, data);
    const key = await moved(made.privateKey ?? made, from, to);
    expect(hex(await subtleOf(to).decrypt(algorithm, key, encrypted))).toBe(hex(data.buffer));
    const inner = await subtleOf(from).importKey("raw", bytes(16), "AES-KW", true, ["wrapKey"]);
    const wrapped = await subtleOf(from).wrapKey("raw", inner, made.publicKey ?? made, algorithm);
    const rest = ["AES-KW", true, ["unwrapKey"]];
    const back = await subtleOf(to).unwrapKey("raw", wrapped, key, algorithm, ...rest);
    expect(hex(await subtleOf(to).exportKey("raw-secret", back))).toBe(hex(bytes(16).buffer));
  });

  test.each(["ECDH", "X25519", "X448"])("%s agrees on bits and keys", async (name) => {
    const algorithm = name === "ECDH" ? { name, namedCurve: "P-384" } : { name };
    const usages = ["deriveBits", "deriveKey"];
    const [mine, theirs] = await Promise.all(
      [from, to].map((realm) => subtleOf(realm).generateKey(algorithm, true, usages)),
    );
    const sides = [
      [from, mine.privateKey, await moved(theirs.publicKey, to, from)],
      [to, theirs.privateKey, await moved(mine.publicKey, from, to)],
    ] as [Realm, CryptoKey, CryptoKey][];
    const derived = sides.map(async ([realm, key, peer]) => {
      const parameters = { name, public: peer };
      const aes = { name: "AES-GCM", length: 256 };
      const made = await subtleOf(realm).deriveKey(parameters, key, aes, true, ["encrypt"]);
      return [
        hex(await subtleOf(realm).deriveBits(parameters, key, 128)),
        hex(await subtleOf(realm).exportKey("raw", made)),
      ];
    });
    expect(await derived[0]).toEqual(await derived[1]);
  });

  test.each(["ML-KEM-768", "MLKEM768-X25519", "MLKEM1024-P384"])("%s encapsulates", async (name) => {
    const usages = ["encapsulateBits", "decapsulateBits", "encapsulateKey", "decapsulateKey"];
    const { publicKey, privateKey } = await subtleOf(from).generateKey(name, true, usages);
    const key = await moved(privateKey, from, to);
    const sent = await subtleOf(from).encapsulateBits(name, publicKey);
    expect(hex(await subtleOf(to).decapsulateBits(name, key, sent.ciphertext))).toBe(hex(sent.sharedKey));
    const shared = [{ name: "AES-GCM" }, true, ["encrypt"]];
    const keyed = await subtleOf(from).encapsulateKey(name, publicKey, ...shared);
    const got = await subtleOf(to).decapsulateKey(name, key, keyed.ciphertext, ...shared);
    expect(hex(await subtleOf(to).exportKey("raw", got))).toBe(
      hex(await subtleOf(from).exportKey("raw", keyed.sharedKey)),
    );
    const again = await subtleOf(to).getPublicKey(key, ["encapsulateBits"]);
    expect(again.algorithm).toEqual({ name });
    // What is two keys in one lets itself be exported no more than others.
    const hidden = await subtleOf(from).generateKey(name, false, usages);
    expect([hidden.privateKey.extractable, hidden.publicKey.extractable]).toEqual([false, true]);
    expect(await told(() => subtleOf(from).exportKey("raw-seed", hidden.privateKey))).toMatchObject({
      name: "InvalidAccessError",
    });
  });
});

describe("randomness", () => {
  test("is drawn anew when a heap was frozen, and never twice", () => {
    const seen = new Set<string>();
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 600; count++) {
        seen.add(guest.crypto.randomUUID());
        seen.add(String(guest.crypto.getRandomValues(new Uint32Array(2 + (count % 40)))));
      }
      dropRandomPool();
    }
    expect(seen.size).toBe(3600);
    for (const uuid of [...seen].filter((text) => text.includes("-"))) {
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }
  });

  test("fills what it is given, and nothing beside it", () => {
    for (const length of [0, 1, 63, 64, 65, 4095, 65_536]) {
      const buffer = new Uint8Array(length + 2);
      const view = new Uint8Array(buffer.buffer, 1, length);
      expect(guest.crypto.getRandomValues(view)).toBe(view);
      expect([buffer[0], buffer[length + 1]]).toEqual([0, 0]);
      if (length > 60) expect(new Set(view).size).toBeGreaterThan(30);
    }
  });

  const wrong = [
    () => [new Float32Array(1)],
    () => [new DataView(new ArrayBuffer(1))],
    () => [new Uint8Array(65_537)],
    () => [new ArrayBuffer(1)],
    () => ["x"],
    () => [],
  ];
  test.each(wrong)("getRandomValues refuses as Node's (%#)", async (args) => {
    const run = (realm: Realm) => told(() => (realm.crypto.getRandomValues as Any)(...args()));
    expect(await run(guest)).toEqual(await run(here));
  });
});
