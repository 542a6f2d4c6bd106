import crypto from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import * as cases from "./crypto-cases.ts";
import { type Guest, type GuestModule, loadGuest } from "./guest-modules.ts";

const { ec, ed, outcome, rsa } = cases;

let guest: Guest;
let guestCrypto: GuestModule;
beforeAll(async () => {
  guest = await loadGuest();
  guestCrypto = guest.require("node:crypto");
});

/** Both modules do the same, and answer or refuse the same. */
function same(run: (module: typeof crypto) => unknown): void {
  expect(outcome(() => run(guestCrypto))).toEqual(outcome(() => run(crypto)));
}

test("everything that Node's module has is there, under the same names", () => {
  const members = (module: object) => Object.keys(module).sort();
  expect(members(guestCrypto)).toEqual(members(crypto));
  for (const name of members(crypto)) {
    expect(typeof guestCrypto[name], name).toBe(typeof crypto[name as keyof typeof crypto]);
  }
  expect(guestCrypto.constants).toEqual(crypto.constants);
  expect(guest.require("node:process").versions.openssl).toBe(process.versions.openssl);
  same((c) => [c.getHashes(), c.getCiphers(), c.getCurves(), { ...c.getCipherInfo("aes-256-gcm") }]);
});

describe("hashes", () => {
  const [small, large] = [Buffer.from([0, 255, 7]), Buffer.alloc(200_000, "ab€")];
  test.each(cases.hashCases)("%s, as Node's", (_name, run) => same(run));

  test("a copy goes its own way, small or large", () => {
    for (const start of ["a", large]) {
      same((c) => {
        const hash = c.createHash("sha256").update(start);
        const copy = hash.copy().update("b");
        return [hash.digest("hex"), copy.digest("hex"), outcome(() => hash.copy())];
      });
    }
  });

  test("what changes after update() is not hashed", () => {
    same((c) => {
      const bytes = Buffer.from("before");
      const [one, two] = [c.createHash("md5").update(bytes), c.createHash("md5").update(bytes)];
      bytes.fill("x");
      return [one.update("y").digest("hex"), two.digest("hex")];
    });
  });

  test("a hash is a stream", async () => {
    const { Readable } = guest.require("node:stream");
    const hash = guestCrypto.createHash("sha256");
    const chunks: Buffer[] = await Readable.from([small, "text"]).pipe(hash).toArray();
    const expected = crypto.createHash("sha256").update(small).update("text").digest();
    expect(Buffer.concat(chunks)).toEqual(expected);
    expect(hash).toBeInstanceOf(guest.require("node:stream").Transform);
  });
});

describe("ciphers", () => {
  const key = Buffer.alloc(32, 1);
  const iv = Buffer.alloc(12, 2);
  test.each(["aes-256-gcm", "aes-256-ccm", "aes-256-ocb", "chacha20-poly1305"] as const)(
    "%s seals and opens as Node's, and refuses what was changed",
    (name) => {
      const options = { authTagLength: 16, plaintextLength: 9 };
      const seal = (c: typeof crypto) => {
        const cipher = c.createCipheriv(name as "aes-256-gcm", key, iv, options);
        cipher.setAAD(Buffer.from("aad"), options);
        const sealed = Buffer.concat([cipher.update("plain €"), cipher.final()]);
        return { sealed, tag: cipher.getAuthTag() };
      };
      const { sealed, tag } = seal(crypto);
      const mine = seal(guestCrypto);
      expect([Buffer.from(mine.sealed), Buffer.from(mine.tag)]).toEqual([sealed, tag]);
      for (const change of [0, 1]) {
        same((c) => {
          const changed = Buffer.from(tag);
          changed[0]! ^= change;
          const opener = c.createDecipheriv(name as "aes-256-gcm", key, iv, options);
          opener.setAuthTag(changed);
          opener.setAAD(Buffer.from("aad"), options);
          return opener.update(sealed, undefined, "utf8") + opener.final("utf8");
        });
      }
    },
  );

  test.each(cases.cipherCases)("%s, as Node's", (_name, run) => same(run));

  test("a cipher is a stream", async () => {
    const { Readable } = guest.require("node:stream");
    const cipher = guestCrypto.createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
    const chunks = await Readable.from([Buffer.from("ab"), "c"])
      .pipe(cipher)
      .toArray();
    const expected = crypto.createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update("abc");
    expect(Buffer.concat(chunks)).toEqual(expected);
  });
});

describe("signatures and encryption", () => {
  const data = Buffer.from("data");
  test.each([
    ["rsa", rsa, {}],
    ["rsa, PSS", rsa, { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 }],
    ["ec", ec, {}],
    ["ec, ieee-p1363", ec, { dsaEncoding: "ieee-p1363" as const }],
  ])("%s: each understands the other, streaming or not", (_name, { publicKey, privateKey }, options) => {
    for (const [signer, verifier] of [
      [crypto, guestCrypto],
      [guestCrypto, crypto],
    ]) {
      const signature = signer.sign("sha256", data, { key: privateKey, ...options });
      expect(verifier.verify("sha256", data, { key: publicKey, ...options }, signature)).toBe(true);
      const sign = signer.createSign("sha256").update("da").update(Buffer.from("ta"));
      const streamed = sign.sign({ key: privateKey, ...options }, "hex");
      const verify = verifier.createVerify("sha256").update(data);
      expect(verify.verify({ key: publicKey, ...options }, streamed, "hex")).toBe(true);
      const other = verifier.createVerify("sha256").update("other");
      expect(other.verify({ key: publicKey, ...options }, streamed, "hex")).toBe(false);
    }
  });

  test("answers to a callback, after it has returned", async () => {
    const heard: unknown[] = [];
    await new Promise<void>((resolve) => {
      guestCrypto.sign(null, data, ed.privateKey, (error: unknown, signature: Buffer) => {
        heard.push(error, crypto.verify(null, data, ed.publicKey, signature));
        resolve();
      });
      heard.push("first");
    });
    expect(heard).toEqual(["first", null, true]);
  });

  test.each(cases.signatureCases)("%s, as Node's", (_name, run) => same(run));
});

describe("keys", () => {
  test.each([rsa, ec, ed])("are exported and read in every format", ({ publicKey, privateKey }) => {
    same((c) => {
      const [secret, open] = [c.createPrivateKey(privateKey), c.createPublicKey(publicKey)];
      const jwk = secret.export({ format: "jwk" });
      const der = Buffer.from(secret.export({ format: "der", type: "pkcs8" }));
      return [
        [secret.type, secret.asymmetricKeyType, secret.asymmetricKeyDetails, open.asymmetricKeyDetails],
        [jwk, der, open.export({ format: "pem", type: "spki" })],
        c.createPrivateKey({ key: jwk, format: "jwk" }).equals(secret),
        c.createPrivateKey({ key: der, format: "der", type: "pkcs8" }).equals(secret),
        c.createPublicKey(secret).equals(open),
        outcome(() => c.createPublicKey(open)),
        outcome(() => secret.export({ format: "pem", type: "spki" } as never)),
      ];
    });
  });

  test("locked with a passphrase, in PEM and DER", () => {
    for (const format of ["pem", "der"] as const) {
      const options = { format, type: "pkcs8", cipher: "aes-256-cbc", passphrase: "secret" } as const;
      const locked = guestCrypto.createPrivateKey(ec.privateKey).export(options);
      const key = format === "pem" ? locked : Buffer.from(locked);
      const read = (c: typeof crypto, passphrase: string) =>
        c
          .createPrivateKey({ key, format, type: "pkcs8", passphrase })
          .export({ format: "pem", type: "pkcs8" });
      expect(read(crypto, "secret")).toBe(ec.privateKey);
      expect(read(guestCrypto, "secret")).toBe(ec.privateKey);
      expect(outcome(() => read(guestCrypto, "wrong"))).toEqual(outcome(() => read(crypto, "wrong")));
    }
  });

  test("pairs and secrets are made, at once and later", async () => {
    const { promisify } = guest.require("node:util");
    const { publicKey, privateKey } = await promisify(guestCrypto.generateKeyPair)("ed25519");
    const signature = guestCrypto.sign(null, Buffer.from("a"), privateKey);
    expect(guestCrypto.verify(null, Buffer.from("a"), publicKey, signature)).toBe(true);
    const encoded = guestCrypto.generateKeyPairSync("rsa", {
      modulusLength: 512,
      publicKeyEncoding: { type: "pkcs1", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "der" },
    });
    expect(encoded.publicKey).toContain("BEGIN RSA PUBLIC KEY");
    expect(encoded.privateKey).toBeInstanceOf(Uint8Array);
    const secret = await promisify(guestCrypto.generateKey)("aes", { length: 192 });
    expect([secret.type, secret.symmetricKeySize]).toEqual(["secret", 24]);
    expect(secret).toBeInstanceOf(guestCrypto.KeyObject);
    expect(Object.prototype.toString.call(secret)).toBe("[object KeyObject]");
    same((c) => c.generateKeyPairSync("rsa", { modulusLength: "a" } as never));
    same((c) => c.generateKeyPair("nope" as never, {}, () => {}));
    same((c) => c.generateKeyPair("ed25519", {}, undefined as never));
  });

  test("keys agree on a secret", () => {
    const dh = guestCrypto.createDiffieHellmanGroup("modp5");
    const other = crypto.createDiffieHellmanGroup("modp5");
    const [mineOpen, othersOpen] = [dh.generateKeys(), other.generateKeys()];
    expect(Buffer.from(dh.computeSecret(othersOpen))).toEqual(other.computeSecret(mineOpen));
    const [one, two] = [guestCrypto.createECDH("prime256v1"), crypto.createECDH("prime256v1")];
    one.generateKeys();
    two.generateKeys();
    expect(one.computeSecret(two.getPublicKey(), null, "hex")).toBe(
      two.computeSecret(one.getPublicKey(), null, "hex"),
    );
    const [mine, theirs] = [
      guestCrypto.generateKeyPairSync("x25519"),
      guestCrypto.generateKeyPairSync("x25519"),
    ];
    const secret = (a: { privateKey: unknown }, b: { publicKey: unknown }) =>
      guestCrypto.diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey }).toString("hex");
    expect(secret(mine, theirs)).toBe(secret(theirs, mine));
    same((c) => c.createECDH("prime256v1").computeSecret("00", "hex"));
    same((c) => c.createECDH("nope"));
    same((c) => c.createECDH("secp256k1").getPrivateKey());
  });

  test("ML-KEM encapsulates", () => {
    const { publicKey, privateKey } = guestCrypto.generateKeyPairSync("ml-kem-768");
    const { sharedKey, ciphertext } = guestCrypto.encapsulate(publicKey);
    expect(guestCrypto.decapsulate(privateKey, ciphertext).equals(sharedKey)).toBe(true);
  });
});

describe("derivation and chance", () => {
  test.each(cases.derivationCases)("%s, as Node's", (_name, run) => same(run));

  test("later, they answer the same", async () => {
    const { promisify } = guest.require("node:util");
    const hex = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString("hex");
    expect(hex(await promisify(guestCrypto.pbkdf2)("pw", "salt", 10, 24, "sha1"))).toBe(
      hex(crypto.pbkdf2Sync("pw", "salt", 10, 24, "sha1")),
    );
    expect(hex(await promisify(guestCrypto.scrypt)("pw", "salt", 16))).toBe(
      hex(crypto.scryptSync("pw", "salt", 16)),
    );
    const derived = await promisify(guestCrypto.hkdf)("sha256", "key", "salt", "info", 32);
    expect(derived).toBeInstanceOf(ArrayBuffer);
    expect(hex(derived)).toBe(hex(crypto.hkdfSync("sha256", "key", "salt", "info", 32)));
    expect(await promisify(guestCrypto.checkPrime)(await promisify(guestCrypto.generatePrime)(32))).toBe(
      true,
    );
  });

  test("random values have the asked length, range and version", async () => {
    const { randomBytes, randomUUIDv7, randomInt, randomFill } = guestCrypto;
    expect(randomBytes(70_000)).toHaveLength(70_000);
    const before = Date.now();
    const uuid: string = randomUUIDv7();
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replace("-", "").slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
    for (let round = 0; round < 50; round++) expect([5, 6, 7]).toContain(randomInt(5, 8));
    const filled = await new Promise<Uint16Array>((resolve) => {
      randomFill(new Uint16Array(8), 4, (_error: unknown, target: Uint16Array) => resolve(target));
    });
    expect([...filled.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(filled.subarray(4).some((value) => value > 0)).toBe(true);
  });
});

test("what a call would cost too much is refused before it starts, and says so", () => {
  const small = Buffer.from("small");
  const refused = (run: () => unknown, what: RegExp) =>
    expect(outcome(run)).toMatchObject({ code: "ELIMIT", message: expect.stringMatching(what) });
  refused(() => guestCrypto.pbkdf2Sync("a", "b", 2 ** 31 - 1, 64, "sha512"), /about \d+ s, at most 10 s/);
  refused(() => guestCrypto.generateKeyPairSync("rsa", { modulusLength: 16_384 }), /asynchronous form/);
  refused(() => guestCrypto.scryptSync("a", "b", 8, { N: 2 ** 20, maxmem: 2 ** 40 }), /at most 64 MiB/);
  refused(() => guestCrypto.generatePrimeSync(64, { add: 4n, rem: 2n }), /there is none/);
  // Zeros in front change nothing for OpenSSL, which would look for ever. By the asynchronous form, lest the test does.
  const padded = Buffer.concat([Buffer.alloc(4096), Buffer.of(4)]);
  refused(
    () => guestCrypto.generatePrime(64, { add: padded, rem: Buffer.of(2) }, () => {}),
    /a number of 4097 bytes/,
  );
  refused(() => guestCrypto.createDiffieHellman(4096), /at most 10 s/);
  // 2 ** 31 - 1 iterations, as the key itself says.
  const locked = crypto
    .createPrivateKey(ec.privateKey)
    .export({ format: "der", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" });
  const slow = withIterations(locked);
  const options = { key: slow, format: "der", type: "pkcs8", passphrase: "x" };
  refused(() => guestCrypto.createPrivateKey(options), /hashed 2147483647 times/);
  const body = slow.toString("base64").replace(/.{64}/g, "$&\n");
  const pem = (header: string) =>
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${header}${body}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
  refused(() => guestCrypto.createPrivateKey({ key: pem(""), passphrase: "x" }), /hashed 2147483647 times/);
  // Node reads the key of an asynchronous call on the thread that calls.
  refused(
    () => guestCrypto.sign("sha256", small, { key: pem(""), passphrase: "x" }, () => {}),
    /at most 10000000/,
  );
  const header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n";
  refused(() => guestCrypto.createPrivateKey({ key: pem(header), passphrase: "x" }), /header lines/);
});

test("a hash that goes on after 256 others were begun says that it is gone", () => {
  const large = Buffer.alloc(70_000);
  const hash = guestCrypto.createHash("md5").update(large);
  for (let count = 0; count < 256; count++) guestCrypto.createHash("md5").update(large);
  expect(outcome(() => hash.update("a").digest())).toMatchObject({ code: "ELIMIT" });
});

/** A locked key whose iterations, 2,048, are 2 ** 31 - 1, and whose sequences around that number are longer by two. */
function withIterations(locked: Buffer): Buffer {
  const at = locked.indexOf(Buffer.from([2, 2, 8, 0]));
  const longer = Buffer.concat([
    locked.subarray(0, at),
    Buffer.from([2, 4, 127, 255, 255, 255]),
    locked.subarray(at + 4),
  ]);
  // A length from 128 on has a byte of its own before it.
  const lengthAt = (start: number) => (longer[start + 1] === 0x81 ? start + 2 : start + 1);
  let start = 0;
  while (start < at) {
    const [content, length] = [lengthAt(start) + 1, longer[lengthAt(start)]!];
    if (longer[start] === 0x30 && content + length >= at) {
      longer[lengthAt(start)]! += 2;
      start = content;
    } else {
      start = content + length;
    }
  }
  return longer;
}
