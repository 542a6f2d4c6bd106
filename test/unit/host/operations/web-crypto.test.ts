import { describe, expect, test } from "vitest";
import { type Operation, type OperationEnvironment, parseArguments } from "../../../../src/host/operation.ts";
import * as webCrypto from "../../../../src/host/operations/web-crypto.ts";
import { checkBounds } from "../../../../src/host/operations/web-crypto-bounds.ts";
import type { Value } from "../../../../src/model/values.ts";

const operations = new Map<string, Operation>(Object.values(webCrypto).map((one) => [one.name, one]));
const environment = () => ({ resources: new Map() }) as unknown as OperationEnvironment;

async function call(name: string, ...args: Value[]): Promise<unknown> {
  const operation = operations.get(name)!;
  try {
    return await operation.run(environment(), ...parseArguments(operation, args, 0));
  } catch (error) {
    const { code, message } = error as Error & { code: unknown };
    return [code, message];
  }
}

const secret = (name: string, usages: string[]) => ({
  "#key": { type: "secret", algorithm: { name }, extractable: false, usages, bytes: { "#data": true } },
});
const derive = (algorithm: object, ...rest: unknown[]) =>
  JSON.stringify([
    algorithm,
    secret((algorithm as { name: string }).name, ["deriveBits", "deriveKey"]),
    ...rest,
  ]);
const salt = { "#data": true };
const pbkdf2 = { name: "PBKDF2", hash: { name: "SHA-1" }, salt, iterations: 10_000_000 };
const argon2 = { name: "Argon2id", nonce: salt, memory: 65_536, passes: 1, parallelism: 1 };
const rsa = { name: "RSA-OAEP", hash: { name: "SHA-1" }, publicExponent: salt, modulusLength: 4096 };
const data = new Uint8Array([1, 0, 1, 0, 0, 0, 0, 1]);

describe("what a guest asks of WebCrypto", () => {
  const tooMuch: [string, string, string][] = [
    ["crypto.subtle", "deriveBits", derive({ ...pbkdf2, iterations: 10_000_001 }, 128)],
    // Each 20 bytes of output cost all iterations.
    ["crypto.subtle", "deriveBits", derive(pbkdf2, 168)],
    ["crypto.subtle", "deriveBits", derive({ ...pbkdf2, iterations: 1 }, 8 * 1024 * 1024 + 8)],
    ["crypto.subtle", "deriveBits", derive({ ...pbkdf2, iterations: "4e9" }, 8)],
    ["crypto.subtle", "deriveBits", derive({ ...pbkdf2, iterations: ["4000000000"] }, 8)],
    ["crypto.subtle", "deriveKey", derive(pbkdf2, { name: "AES-GCM", length: 256 }, false, ["encrypt"])],
    [
      "crypto.subtle",
      "deriveKey",
      derive(pbkdf2, { name: "HMAC", hash: { name: "SHA-512" } }, false, ["sign"]),
    ],
    ["crypto.subtle", "deriveBits", derive({ ...argon2, memory: 65_537 }, 256)],
    ["crypto.subtle", "deriveBits", derive({ ...argon2, passes: 257 }, 256)],
    ["crypto.subtle", "deriveBits", derive({ ...argon2, passes: "257" }, 256)],
    ["crypto.subtle", "deriveBits", derive({ ...argon2, parallelism: 17 }, 256)],
    ["crypto.subtle", "digest", JSON.stringify([{ name: "cSHAKE128", outputLength: 2 ** 32 - 8 }, salt])],
    ["crypto.subtle", "digest", JSON.stringify([{ name: "KT256", outputLength: "1e9" }, salt])],
    [
      "crypto.subtleRandom",
      "generateKey",
      JSON.stringify([{ ...rsa, modulusLength: 4104 }, true, ["encrypt"]]),
    ],
    [
      "crypto.subtleRandom",
      "generateKey",
      JSON.stringify([{ ...rsa, modulusLength: "9e4" }, true, ["encrypt"]]),
    ],
    [
      "crypto.subtleRandom",
      "generateKey",
      JSON.stringify([{ name: "HMAC", hash: { name: "SHA-1" }, length: 2 ** 31 }, true, ["sign"]]),
    ],
  ];
  test.each(tooMuch)("%s %s %s is too much, and says so", async (operation, method, json) => {
    expect(await call(operation, method, json, undefined, data)).toEqual([
      "OperationError",
      expect.stringMatching(/^Cannot run \w+ with .* were asked for, at most \d+ are allowed$/),
    ]);
  });

  const key = (changes: object) => [
    { name: "HMAC" },
    {
      "#key": {
        ...secret("HMAC", ["sign"])["#key"],
        algorithm: { name: "HMAC", hash: { name: "SHA-1" } },
        ...changes,
      },
    },
    salt,
  ];
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  const broken: [string, unknown][] = [
    ["not JSON", undefined],
    ["no list", {}],
    ["null", null],
    ["a number", 5],
    ["nothing", []],
    ["bytes beyond the end", [{ name: "SHA-1" }, { "#bytes": [0, 9] }]],
    ["bytes before the start", [{ name: "SHA-1" }, { "#bytes": [-1, 1] }]],
    ["bytes that are no range", [{ name: "SHA-1" }, { "#bytes": "all" }]],
    ["fractions of bytes", [{ name: "SHA-1" }, { "#bytes": [0.5, 1] }]],
    ["a deep list", nested(1000)],
    ["a key that is none", key({ type: "open" })],
    ["a key without bytes", key({ bytes: "0" })],
    ["a key without a name", key({ algorithm: null })],
    ["a key with other usages", key({ usages: { length: 1 } })],
    ["a key that is extractable in part", key({ extractable: "yes" })],
    ["a private key of nonsense", key({ type: "private" })],
    ["a hybrid of nonsense", key({ type: "public", algorithm: { name: "MLKEM768-P256" } })],
    ["a key for another algorithm", key({ algorithm: { name: "AES-GCM" } })],
    ["a prototype", [{ __proto__: null, name: "SHA-1", constructor: { prototype: 1 } }, { "#bytes": [] }]],
  ];
  test.each(broken)("is refused when it is %s", async (_, packed) => {
    const json = packed === undefined ? "[" : JSON.stringify(packed);
    for (const method of ["sign", "digest", "importKey", "unwrapKey", "deriveKey"]) {
      expect(await call("crypto.subtle", method, json, new Uint8Array(8), data)).toEqual([
        expect.stringMatching(/^ERR_INVALID_ARG_VALUE$|^ERR_CRYPTO_INVALID_KEY$|Error/),
        expect.any(String),
      ]);
    }
    expect(await call("crypto.toCryptoKey", "secret", data, json)).toEqual([
      expect.any(String),
      expect.any(String),
    ]);
  });

  test("leaves no rejection behind when a hybrid key and what follows are both nonsense", async () => {
    const [algorithm, hybrid] = key({ type: "public", algorithm: { name: "MLKEM768-P256" } });
    const json = JSON.stringify([algorithm, hybrid, { "#bytes": "none" }]);
    expect(await call("crypto.subtle", "sign", json, undefined, data)).toEqual([
      "ERR_INVALID_ARG_VALUE",
      expect.any(String),
    ]);
  });

  test("waits for its turn when it takes a pool thread for long", () => {
    const key = (modulusLength: number) => ({ algorithm: { name: "RSA-PSS", modulusLength } });
    const slow: [string, unknown[]][] = [
      ["generateKey", [rsa, true, ["encrypt"]]],
      ["deriveBits", [{ ...pbkdf2, iterations: 100_000 }, {}, 160]],
      ["deriveKey", [{ ...pbkdf2, iterations: 30_000 }, {}, { name: "AES-GCM", length: 256 }, true, []]],
      ["deriveBits", [{ ...argon2, passes: 2 }, {}, 256]],
      ["sign", [{ name: "RSA-PSS", saltLength: 0 }, key(8192), data]],
    ];
    const quick: [string, unknown[]][] = [
      ["generateKey", [{ name: "Ed25519" }, true, ["sign"]]],
      ["deriveBits", [{ ...pbkdf2, iterations: 1000 }, {}, 160]],
      ["deriveBits", [{ ...argon2, memory: 1024 }, {}, 256]],
      ["sign", [{ name: "RSA-PSS", saltLength: 0 }, key(4096), data]],
    ];
    const isSlow = ([method, args]: [string, unknown[]]) => checkBounds(method, args);
    expect(slow.map(isSlow)).toEqual(slow.map(() => true));
    expect(quick.map(isSlow)).toEqual(quick.map(() => false));
  });

  test("may be much that is allowed", async () => {
    const bits = await call(
      "crypto.subtle",
      "deriveBits",
      derive({ ...argon2, memory: 1024 }, 256),
      undefined,
      data,
    );
    expect(bits).toHaveLength(32);
    expect(await call("crypto.supports", JSON.stringify(["digest", "SHA-1"]))).toBe(true);
  });
});
