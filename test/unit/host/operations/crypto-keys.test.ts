import { generateKeyPairSync, KeyObject, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../../../src/host/operation.ts";
import {
  KeyCache,
  type KeyMaterial,
  keyObjectOf,
  materialOf,
  parseKey,
} from "../../../../src/host/operations/crypto-keys.ts";

const environment = () => ({ resources: new Map<string, Resource>() });
const secret = (text: string): KeyMaterial => ({ type: "secret", bytes: Buffer.from(text) });

describe("key material", () => {
  test("makes the same key again, of every type", () => {
    const pairs = [
      generateKeyPairSync("rsa", { modulusLength: 1024 }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }),
      generateKeyPairSync("ed25519"),
      generateKeyPairSync("ml-dsa-44"),
      generateKeyPairSync("ml-kem-512"),
    ];
    const keys = pairs.flatMap(({ publicKey, privateKey }) => [publicKey, privateKey]);
    for (const key of [...keys, parseKey({ type: "secret", bytes: randomBytes(32) })]) {
      const again = parseKey(materialOf(key));
      expect(again).toBeInstanceOf(KeyObject);
      expect(again.equals(key)).toBe(true);
    }
  });

  test("of another kind, cut off or too long is refused with a code", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const { bytes } = materialOf(privateKey);
    const wrong: KeyMaterial[] = [
      { type: "private", bytes: materialOf(publicKey).bytes },
      { type: "private", bytes: bytes.subarray(0, 20) },
      { type: "public", bytes: new Uint8Array(0) },
      { type: "private", bytes: new Uint8Array(65 * 1024) },
    ];
    for (const material of wrong) {
      expect(() => parseKey(material)).toThrow(expect.objectContaining({ code: "ERR_CRYPTO_INVALID_KEY" }));
    }
  });
});

describe("an environment's keys", () => {
  test("are parsed once while they are in use, and are never another environment's", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const one = environment();
    const made = keyObjectOf(one, materialOf(privateKey));
    expect(keyObjectOf(one, materialOf(privateKey))).toBe(made);
    expect(keyObjectOf(environment(), materialOf(privateKey))).not.toBe(made);
  });

  test("are found by type, bytes and use", () => {
    const cache = new KeyCache();
    const made = ["a", "ab"].flatMap((text) =>
      ["use", "b use", ""].map((use) => cache.get(secret(text), use, () => ({}))),
    );
    made.push(cache.get({ type: "public", bytes: secret("a").bytes }, "use", () => ({})));
    expect(new Set(made).size).toBe(7);
  });

  test("fill no host: the one unused for longest goes, and long ones are not kept", () => {
    const cache = new KeyCache();
    const first = cache.get(secret("0"), "", () => ({}));
    for (let index = 1; index < 200; index++) {
      cache.get(secret(String(index)), "", () => ({}));
      expect(cache.get(secret("0"), "", () => ({}))).toBe(first);
    }
    expect(cache.size).toBe(64);
    cache.get({ type: "secret", bytes: new Uint8Array(70_000) }, "", () => ({}));
    expect(cache.get(secret("0"), "", () => ({}))).toBe(first);
    expect(cache.size).toBe(64);
    expect(cache.get(secret("5"), "", () => undefined)).toBeUndefined();
  });
});
