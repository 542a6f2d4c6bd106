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

  async function zipFile(files: Record<string, string>): Promise<string> {
    const path = join(dir, "code.zip");
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
