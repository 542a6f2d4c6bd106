import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../server.ts";
import { FrozenServer } from "./frozen-server.ts";

/** Files and snapshots: what init read is in the heap, what it left on a disk is not. */
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

it.each([
  ["leaves", `fs.writeFileSync("/tmp/left", "x");`, "init left files in /tmp"],
  ["holds", `globalThis.fd = fs.openSync("a.txt");`, "1 files are open"],
])(
  "init that %s a file has no snapshot, for a reason, and runs at each start",
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
