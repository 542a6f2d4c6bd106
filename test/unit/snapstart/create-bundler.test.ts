import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredContent } from "../../../src/model/version.ts";
import { DamagedFileError } from "../../../src/sealing/index.ts";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import {
  type Bundler,
  type BundlerOptions,
  createBundler,
  FilePackStore,
} from "../../../src/snapstart/index.ts";
import { contentOf } from "../../stored-content.ts";

const sealing = await deriveSealingKey(Buffer.alloc(32, 1));
const config = { builderTimeoutMs: 60_000, builderMemoryMb: 1024 };

describe("createBundler()", () => {
  let dir: string;
  let bundler: Bundler | undefined;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "brisk-bundler-"));
  });
  afterEach(async () => {
    await bundler?.close();
    bundler = undefined;
    await rm(dir, { recursive: true, force: true });
  });

  async function open(options: Partial<BundlerOptions> = {}): Promise<Bundler> {
    bundler = await createBundler({
      cacheDir: join(dir, "bundles"),
      sealing,
      packs: await FilePackStore.open(join(dir, "files"), Buffer.alloc(32)),
      config,
      spare: false,
      ...options,
    });
    return bundler;
  }

  const zip = (files: Record<string, string>): StoredContent =>
    contentOf(
      zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
    );

  const request = (code: StoredContent) => ({ code, handler: "index.handler", runtime: "nodejs22.x" });

  test("gives a script, its map and the node modules it names, and leaves no temporary files", async () => {
    const code = zip({ "index.js": `exports.handler = require("fs").existsSync` });
    const made = await open();
    const bundle = await (await made.start(request(code))).bundle;
    expect(bundle.builtins).toEqual(["node:fs"]);
    const { script, map } = await made.read(bundle);
    expect(script.toString()).toContain("exports.handler");
    expect(JSON.parse(map.toString())).toMatchObject({ version: 3 });
    expect(await readdir(join(dir, "bundles"))).toEqual([bundle.key, "tmp"]);
    expect(await readdir(join(dir, "bundles", "tmp"))).toEqual([]);
  });

  test("reuses a bundle of the same zip and handler, and makes it anew when its file was damaged", async () => {
    const code = zip({ "index.js": "exports.handler = () => 1" });
    const made = await open({ nodePath: process.execPath });
    const first = await (await made.start(request(code))).bundle;
    await made.close();
    // This one cannot start a builder: whatever it gives comes from the cache.
    const cached = await open({ nodePath: "/nonexistent/node" });
    expect(await (await cached.start(request(code))).bundle).toEqual(first);
    await cached.close();
    await writeFile(join(dir, "bundles", first.key), "damaged");
    const whole = await open();
    await expect(whole.read(first)).rejects.toThrow(DamagedFileError);
    expect(await (await whole.start(request(code))).bundle).toEqual(first);
    expect((await whole.read(first)).script.toString()).toContain("exports.handler");
  });

  test("sweep() leaves what was made since, though no version has it yet; an older bundler's goes", async () => {
    const code = zip({ "index.js": "exports.handler = async () => 1" });
    const first = await open();
    const bundle = await (await first.start(request(code))).bundle;
    await first.sweep([]);
    expect(await first.keys()).toEqual(new Set([bundle.key]));
    await first.close();
    // This one cannot start a builder: what is gone stays so.
    const second = await open({ nodePath: "/nonexistent/node" });
    await second.sweep([bundle]);
    expect(await second.keys()).toEqual(new Set([bundle.key]));
    // Somebody deploys the same code again while files go.
    const [, again] = await Promise.all([second.sweep([]), second.start(request(code))]);
    expect(await again.bundle).toEqual(bundle);
    expect(await second.keys()).toEqual(new Set([bundle.key]));
    expect(await readdir(join(dir, "files"))).toHaveLength(1);
    await second.close();
    const third = await open();
    await third.sweep([]);
    expect(await third.keys()).toEqual(new Set());
    expect(await readdir(join(dir, "files"))).toEqual([]);
  });

  test("a bundle is of its layers too: of their contents, their order, and the runtime that looks for them", async () => {
    const code = zip({ "index.js": `exports.handler = () => require("tool")` });
    const tool = (text: string, folder = "nodejs") => ({ [`${folder}/node_modules/tool/index.js`]: text });
    const one = zip(tool("module.exports = 1"));
    const two = zip(tool("module.exports = 2"));
    const other = zip(tool("module.exports = 22", "nodejs/node22"));
    const made = await open();
    const scriptOf = async (layers: StoredContent[], runtime = "nodejs22.x") => {
      const { bundle } = await made.start({ ...request(code), layers, runtime });
      return (await made.read(await bundle)).script.toString();
    };
    expect(await scriptOf([])).toContain("Cannot find module 'tool'");
    expect(await scriptOf([one, two])).toContain("module.exports=2;");
    expect(await scriptOf([two, one])).toContain("module.exports=1;");
    expect(await scriptOf([one, other])).toContain("module.exports=22;");
    expect(await scriptOf([one, other], "nodejs24.x")).toContain("module.exports=1;");
  });

  test("a zip that cannot be read to its end is never bundled, and the error says why", async () => {
    const damaged: StoredContent = {
      ...zip({ "nodejs/node_modules/tool/index.js": "" }),
      // biome-ignore lint/correctness/useYield: it fails before its first piece.
      async *read() {
        throw new DamagedFileError("Altered", "piece 1 does not open");
      },
    };
    const made = await open();
    const code = zip({ "index.js": "exports.handler = () => 1" });
    for (const asked of [request(damaged), { ...request(code), layers: [damaged] }]) {
      const built = made.start(asked).then(({ bundle }) => bundle);
      await expect(built).rejects.toMatchObject({
        reasonCode: "CodeDamaged",
        message: `Cannot bundle the function: its stored code ${damaged.hash} cannot be used: piece 1 does not open; deploy it again`,
      });
    }
    expect(await made.keys()).toEqual(new Set());
  });

  test("a function and its layers that are too large together are refused, though each alone is not", async () => {
    // One that is sent in several pieces.
    const noise = randomBytes(2_000_000);
    const half = contentOf(
      zipSync({ noise: [noise, { level: 0 }], half: [new Uint8Array(129_072_001), { level: 1 }] }),
    );
    const made = await open();
    await made.inspect(half);
    await expect(made.start({ ...request(half), layers: [half] })).rejects.toMatchObject({
      code: "InvalidParameterValueException",
      message:
        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144002 bytes.",
    });
  });

  test("inspect() takes a zip, and refuses what is none", async () => {
    const made = await open();
    await made.inspect(zip({ "nodejs/node_modules/tool/index.js": "" }));
    await expect(made.inspect(contentOf("this is no zip"))).rejects.toMatchObject({
      code: "InvalidParameterValueException",
      message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
    });
    expect(await readdir(join(dir, "bundles"))).toEqual(["tmp"]);
  });

  test("start() rejects with InvalidParameterValueException for what is no zip", async () => {
    const code = contentOf("this is no zip");
    await expect((await open()).start(request(code))).rejects.toMatchObject({
      code: "InvalidParameterValueException",
      message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
    });
  });

  test("a builder that takes too long is killed, and the error states the limit and its setting", async () => {
    const lines = Array.from({ length: 400_000 }, (_, index) => `exports.a${index} = (x) => x + ${index};`);
    const code = zip({ "index.js": lines.join("\n") });
    const slow = await open({ config: { ...config, builderTimeoutMs: 1000 } });
    const built = slow.start(request(code)).then((job) => job.bundle);
    await expect(built).rejects.toMatchObject({
      reasonCode: "BuilderTimedOut",
      message: "Cannot bundle the function: it took longer than 1000 ms (setting builderTimeoutMs)",
    });
  });

  test("a builder that needs too much memory dies alone, and the error states the limit and its setting", async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, index) => `export const a${index} = (x) => x + ${index};`,
    );
    const code = zip({ "index.mjs": lines.join("\n") });
    const small = await open({ config: { ...config, builderMemoryMb: 48 } });
    const built = small.start(request(code)).then((job) => job.bundle);
    await expect(built).rejects.toMatchObject({
      reasonCode: "BuilderOutOfMemory",
      message: "Cannot bundle the function: it needs more than 48 MB of memory (setting builderMemoryMb)",
    });
  });

  test("an aborted job rejects with the signal's reason", async () => {
    const code = zip({ "index.js": "exports.handler = () => 1" });
    const made = await open();
    const controller = new AbortController();
    const job = made.start({ ...request(code), signal: controller.signal });
    controller.abort(new Error("not wanted any more"));
    await expect(job.then(({ bundle }) => bundle)).rejects.toThrow("not wanted any more");
  });

  test("close() rejects the jobs that run and those that wait", async () => {
    const code = zip({ "index.js": "exports.handler = () => 1" });
    const made = await open({ parallelism: 1, spare: true });
    const jobs = [1, 2, 3].map((n) =>
      made.start({ ...request(code), handler: `index.h${n}` }).then((job) => job.bundle),
    );
    const settled = Promise.allSettled(jobs);
    await made.close();
    for (const result of await settled)
      expect(result).toMatchObject({ status: "rejected", reason: { reasonCode: "BundlerClosed" } });
  });

  test("a builder whose compiler is ready makes the same bundle, and ends when it is not needed", async () => {
    const code = zip({ "index.ts": "export const handler = async (event: object) => event;" });
    const made = await open({ spare: true, warmSpare: true });
    const warm = await (await made.start(request(code))).bundle;
    await made.close();
    await rm(join(dir, "bundles"), { recursive: true });
    expect(await (await (await open()).start(request(code))).bundle).toEqual(warm);
  });

  test("more jobs than may run at once all finish", async () => {
    const code = zip({ "index.js": "exports.handler = () => 1" });
    const made = await open({ parallelism: 1, spare: true });
    const jobs = [1, 2, 3].map((n) =>
      made.start({ ...request(code), handler: `index.h${n}` }).then((job) => job.bundle),
    );
    const bundles = await Promise.all(jobs);
    // The handler's export is looked up at init: the same file gives the same script.
    expect(new Set(bundles.map((bundle) => bundle.hash)).size).toBe(1);
  });
});
