import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bundler, type BundlerOptions, createBundler } from "../../../src/snapstart/index.ts";

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
    bundler = await createBundler({ cacheDir: join(dir, "bundles"), config, spare: false, ...options });
    return bundler;
  }

  async function zipFile(files: Record<string, string>, name = "code.zip"): Promise<string> {
    const path = join(dir, name);
    await writeFile(
      path,
      zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))),
    );
    return path;
  }

  const request = (codeFile: string) => ({ codeFile, handler: "index.handler", runtime: "nodejs22.x" });

  test("gives a script, its map and the node modules it names, and leaves no temporary files", async () => {
    const codeFile = await zipFile({ "index.js": `exports.handler = require("fs").existsSync` });
    const { start } = await open().then((made) => ({ start: made.start.bind(made) }));
    const bundle = await (await start(request(codeFile))).bundle;
    expect(bundle.builtins).toEqual(["node:fs"]);
    expect(await readFile(bundle.scriptFile, "utf8")).toContain("exports.handler");
    expect(JSON.parse(await readFile(bundle.mapFile, "utf8"))).toMatchObject({ version: 3 });
    expect(await readdir(join(dir, "bundles", "tmp"))).toEqual([]);
  });

  test("reuses a bundle of the same zip and handler, and makes it anew when its file was damaged", async () => {
    const codeFile = await zipFile({ "index.js": "exports.handler = () => 1" });
    const made = await open({ nodePath: process.execPath });
    const first = await (await made.start(request(codeFile))).bundle;
    await made.close();
    // This one cannot start a builder: whatever it gives comes from the cache.
    const cached = await open({ nodePath: "/nonexistent/node" });
    expect(await (await cached.start(request(codeFile))).bundle).toEqual(first);
    await cached.close();
    await writeFile(first.scriptFile, "damaged");
    const again = await (await (await open()).start(request(codeFile))).bundle;
    expect(again).toEqual(first);
    expect(await readFile(again.scriptFile, "utf8")).not.toBe("damaged");
  });

  test("a bundle is of its layers too: of their contents, their order, and the runtime that looks for them", async () => {
    const codeFile = await zipFile({ "index.js": `exports.handler = () => require("tool")` });
    const tool = (text: string, folder = "nodejs") => ({ [`${folder}/node_modules/tool/index.js`]: text });
    const one = await zipFile(tool("module.exports = 1"), "one.zip");
    const two = await zipFile(tool("module.exports = 2"), "two.zip");
    const other = await zipFile(tool("module.exports = 22", "nodejs/node22"), "other.zip");
    const made = await open();
    const scriptOf = async (layerFiles: string[], runtime = "nodejs22.x") => {
      const { bundle } = await made.start({ ...request(codeFile), layerFiles, runtime });
      return readFile((await bundle).scriptFile, "utf8");
    };
    expect(await scriptOf([])).toContain("Cannot find module 'tool'");
    expect(await scriptOf([one, two])).toContain("module.exports=2;");
    expect(await scriptOf([two, one])).toContain("module.exports=1;");
    expect(await scriptOf([one, other])).toContain("module.exports=22;");
    expect(await scriptOf([one, other], "nodejs24.x")).toContain("module.exports=1;");
    await zipFile(tool("module.exports = 3"), "one.zip");
    expect(await scriptOf([one])).toContain("module.exports=3;");
  });

  test("a layer's file that is gone is no function without that layer", async () => {
    const codeFile = await zipFile({ "index.js": "exports.handler = () => 1" });
    const made = await open();
    await expect(made.start({ ...request(codeFile), layerFiles: [join(dir, "gone.zip")] })).rejects.toThrow();
  });

  test("inspect() takes a zip, and refuses what is none", async () => {
    const made = await open();
    await made.inspect(await zipFile({ "nodejs/node_modules/tool/index.js": "" }));
    const broken = join(dir, "broken.zip");
    await writeFile(broken, "this is no zip");
    await expect(made.inspect(broken)).rejects.toMatchObject({
      code: "InvalidParameterValueException",
      message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
    });
    expect(await readdir(join(dir, "bundles"))).toEqual(["tmp"]);
  });

  test("start() rejects with InvalidParameterValueException for what is no zip", async () => {
    const codeFile = join(dir, "code.zip");
    await writeFile(codeFile, "this is no zip");
    await expect((await open()).start(request(codeFile))).rejects.toMatchObject({
      code: "InvalidParameterValueException",
      message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
    });
  });

  test("a builder that takes too long is killed, and the error states the limit and its setting", async () => {
    const lines = Array.from({ length: 400_000 }, (_, index) => `exports.a${index} = (x) => x + ${index};`);
    const codeFile = await zipFile({ "index.js": lines.join("\n") });
    const slow = await open({ config: { ...config, builderTimeoutMs: 1000 } });
    const built = slow.start(request(codeFile)).then((job) => job.bundle);
    await expect(built).rejects.toMatchObject({
      reasonCode: "BuilderTimedOut",
      message: "Cannot bundle the function: it took longer than 1000 ms (setting builderTimeoutMs)",
    });
  });

  test("a builder that needs too much memory dies alone, and the error states the limit and its setting", async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `exports.a${index} = (x) => x + ${index};`);
    const codeFile = await zipFile({ "index.js": lines.join("\n") });
    const small = await open({ config: { ...config, builderMemoryMb: 48 } });
    const built = small.start(request(codeFile)).then((job) => job.bundle);
    await expect(built).rejects.toMatchObject({
      reasonCode: "BuilderOutOfMemory",
      message: "Cannot bundle the function: it needs more than 48 MB of memory (setting builderMemoryMb)",
    });
  });

  test("an aborted job rejects with the signal's reason", async () => {
    const codeFile = await zipFile({ "index.js": "exports.handler = () => 1" });
    const made = await open();
    const controller = new AbortController();
    const job = made.start({ ...request(codeFile), signal: controller.signal });
    controller.abort(new Error("not wanted any more"));
    await expect(job.then(({ bundle }) => bundle)).rejects.toThrow("not wanted any more");
  });

  test("close() rejects the jobs that run and those that wait", async () => {
    const codeFile = await zipFile({ "index.js": "exports.handler = () => 1" });
    const made = await open({ parallelism: 1, spare: true });
    const jobs = [1, 2, 3].map((n) =>
      made.start({ ...request(codeFile), handler: `index.h${n}` }).then((job) => job.bundle),
    );
    const settled = Promise.allSettled(jobs);
    await made.close();
    for (const result of await settled)
      expect(result).toMatchObject({ status: "rejected", reason: { reasonCode: "BundlerClosed" } });
  });

  test("more jobs than may run at once all finish", async () => {
    const codeFile = await zipFile({ "index.js": "exports.handler = () => 1" });
    const made = await open({ parallelism: 1, spare: true });
    const jobs = [1, 2, 3].map((n) =>
      made.start({ ...request(codeFile), handler: `index.h${n}` }).then((job) => job.bundle),
    );
    const bundles = await Promise.all(jobs);
    // The handler's export is looked up at init: the same file gives the same script.
    expect(new Set(bundles.map((bundle) => bundle.hash)).size).toBe(1);
  });
});
