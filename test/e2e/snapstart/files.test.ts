import { createHash, createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../server.ts";
import { FrozenServer } from "./frozen-server.ts";

/** What the host holds for a guest, and snapshots: what init read or made is in the heap, what it left open is not. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
let server: TestServer;
let frozen: FrozenServer;

beforeAll(async () => {
  server = await startServer({ spareEnvironments: 0 });
  frozen = new FrozenServer(server);
});
afterAll(() => server.close());

it("init reads files and cleans up after itself; a restored environment has files again, and a warm-up left none", async () => {
  await frozen.freeze({
    name: "reads",
    files: {
      "a.json": '{"a":1}',
      "index.mjs": `import fs from "node:fs"; import fsp from "node:fs/promises";
        const config = JSON.parse(fs.readFileSync(new URL("./a.json", import.meta.url), "utf8"));
        fs.writeFileSync("/tmp/scratch", "of init"); fs.unlinkSync("/tmp/scratch");
        const later = await fsp.readFile("a.json", "utf8");
        export const handler = async () => {
          const before = fs.readdirSync("/tmp");
          try { fs.writeFileSync("/tmp/mine", "x"); } catch (error) { return error.code; }
          return [config, later, before, fs.readFileSync("/tmp/mine", "utf8"), fs.statSync("a.json").size];
        };`,
    },
    environment: { BRISK_WARMUP_EVENTS: "[{}]", BRISK_PRIMING: "1" },
  });
  const expected = [{ a: 1 }, '{"a":1}', [], "x", 7];
  expect([await frozen.restored("reads"), await frozen.restored("reads")]).toEqual([expected, expected]);
});

it("modules whose names init computed are in the heap, and a handler finds more of them", async () => {
  const fail = "exports.fail = () => new Error().stack.split(`\\n`)[1].trim();";
  await frozen.freeze({
    name: "computed",
    files: {
      "index.js": `const at = (name) => [".", "lib", name].join("/"); const early = require(at("early"));
        const modern = require("modern".slice());
        exports.handler = async () => [early.name, early.fail(), require(at("early")) === early, require(at("late.js")), modern.next(), (await import("modern/more.mjs".slice())).count];`,
      "node_modules/modern/package.json": `{"type":"module","exports":{".":"./index.mjs","./*":"./*"}}`,
      "node_modules/modern/index.mjs": "export let count = 0; export const next = () => ++count; next();",
      "node_modules/modern/more.mjs": `export { count } from "modern"`,
      "lib/early.js": `exports.name = __filename;\n${fail}`,
      "lib/late.js": "module.exports = require('./data' + '.json').n",
      "lib/data.json": `{"n":1}`,
    },
  });
  const place = "at exports.fail (/var/task/lib/early.js:2:22)";
  const expected = ["/var/task/lib/early.js", place, true, 1, 2, 2];
  expect([await frozen.restored("computed"), await frozen.restored("computed")]).toEqual([
    expected,
    expected,
  ]);
});

it("keys, exchanges and what a hash was fed live in the heap, and the host's half is made again", async () => {
  await frozen.freeze({
    name: "keys-of-node",
    files: {
      "index.mjs": `import crypto from "node:crypto";
        const pair = crypto.generateKeyPairSync("ed25519");
        const [ecdh, group] = [crypto.createECDH("prime256v1"), crypto.createDiffieHellmanGroup("modp5")];
        ecdh.generateKeys();
        group.generateKeys();
        const hash = crypto.createHash("sha256").update("first");
        const hmac = crypto.createHmac("sha256", crypto.createSecretKey(Buffer.from("k"))).update(Buffer.from("first"));
        export const handler = async () => {
          const signature = crypto.sign(null, Buffer.from("a"), pair.privateKey);
          const others = [crypto.createECDH("prime256v1"), crypto.createDiffieHellmanGroup("modp5")];
          const agrees = [ecdh, group].map((own, index) => {
            const open = others[index].generateKeys();
            return own.computeSecret(open).equals(others[index].computeSecret(own.getPublicKey()));
          });
          return [
            crypto.verify(null, Buffer.from("a"), pair.publicKey, signature), ...agrees,
            hash.copy().update("second").digest("hex"), hmac.update("second").digest("hex"),
          ];
        };`,
    },
  });
  const text = "firstsecond";
  const digests = [createHash("sha256").update(text), createHmac("sha256", "k").update(text)];
  const expected = [true, true, true, ...digests.map((digest) => digest.digest("hex"))];
  expect(await frozen.restored("keys-of-node")).toEqual(expected);
});

it.each([
  ["leaves", `fs.writeFileSync("/tmp/left", "x");`, "init left files in /tmp"],
  ["holds", `globalThis.fd = fs.openSync("a.txt");`, "1 files are open"],
  [
    "seals",
    `globalThis.cipher = process.getBuiltinModule("crypto").createCipheriv("aes-128-ctr", "k".repeat(16), "i".repeat(16));`,
    "1 hashes, ciphers or signatures of node:crypto have not been ended",
  ],
])(
  "init that %s something of the host's has no snapshot, for a reason, and runs at each start",
  async (name, init, reason) => {
    await frozen.deploy({
      name,
      files: {
        "a.txt": "a",
        "index.js": `const fs = require("node:fs"); ${init} exports.handler = async () => fs.readdirSync("/tmp");`,
      },
    });
    const state = await frozen.settled(name);
    expect(JSON.stringify(state)).toContain(reason);
    expect(await server.runtime.invoke(name, {})).toEqual(name === "leaves" ? ["left"] : []);
  },
);
