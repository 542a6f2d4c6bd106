import { isBuiltin } from "node:module";
import { describe, expect, test } from "vitest";
import { ModuleResolver } from "../../../snapshots/bundle/lazy/resolve-module.ts";
import { checkTotalSize, type ZipArchive } from "../../../src/builder/zip-archive.ts";
import { exportsOf, packageFiles } from "./bundled-function.ts";

const says = (text: string) => `module.exports = ${JSON.stringify(text)}`;
const asks = (...names: string[]) =>
  `exports.handler = () => [${names.map((name) => `require(${JSON.stringify(name)})`).join(", ")}]`;

async function call(
  files: Record<string, string>,
  layers: readonly Record<string, string>[],
  handler?: string,
): Promise<unknown> {
  const exports = await exportsOf(files, handler, layers);
  return (exports["handler"] as () => unknown)();
}

describe("packages of layers", () => {
  test("recorded: the function's own go first, then those for its runtime, then those for all, then the function's folder", async () => {
    const all = (from: string, ...names: string[]) =>
      Object.fromEntries(names.map((name) => [`${from}/${name}/index.js`, says(`${from}: ${name}`)]));
    const layer = {
      ...all("nodejs/node_modules", "own", "runtime", "shared", "deep"),
      ...all("nodejs/node22/node_modules", "own", "runtime"),
      // Of another runtime: nobody looks there.
      ...all("nodejs/node20/node_modules", "own", "runtime", "shared", "local"),
    };
    const files = {
      "index.js": asks("own", "runtime", "shared", "local"),
      ...all("node_modules", "own"),
      "local/index.js": says("local"),
    };
    expect(await call(files, [layer])).toEqual([
      "node_modules: own",
      "nodejs/node22/node_modules: runtime",
      "nodejs/node_modules: shared",
      "local",
    ]);
  });

  test("have exports, subpaths, files of their own and packages beside them", async () => {
    const layer = {
      "nodejs/node_modules/tool/package.json": JSON.stringify({
        exports: { ".": { import: "./esm.mjs", require: "./main.cjs" }, "./sub": "./lib/sub.js" },
      }),
      "nodejs/node_modules/tool/main.cjs": `module.exports = [require("./data.json").n, require("@scope/dep")]`,
      "nodejs/node_modules/tool/data.json": `{ "n": 7 }`,
      "nodejs/node_modules/tool/lib/sub.js": says("sub"),
      "nodejs/node_modules/@scope/dep/index.js": says("dep"),
      "nodejs/node_modules/single.js": says("single"),
    };
    const files = { "index.js": asks("tool", "tool/sub", "single") };
    expect(await call(files, [layer])).toEqual([[7, "dep"], "sub", "single"]);
    const hidden = await exportsOf(
      { "index.js": `try { require("tool/lib/sub") } catch (e) { exports.code = e.code }` },
      undefined,
      [layer],
    );
    expect(hidden["code"]).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  test("are found by import, too, with the conditions of import", async () => {
    const layer = {
      "nodejs/node_modules/tool/package.json": JSON.stringify({
        exports: { ".": { import: "./esm.mjs", require: "./main.cjs" }, "./sub": "./sub.mjs" },
      }),
      "nodejs/node_modules/tool/esm.mjs": `import dep from "dep"; export default "esm with " + dep;`,
      "nodejs/node_modules/tool/main.cjs": says("cjs"),
      "nodejs/node_modules/tool/sub.mjs": `export default "sub"`,
      "nodejs/node22/node_modules/dep/index.js": says("dep"),
      "nodejs/node_modules/own/index.js": says("of the layer"),
    };
    const files = {
      "index.mjs": `import { createRequire } from "node:module"; import tool from "tool"; import sub from "tool/sub"; import own from "own";
        import path from "/opt/nodejs/node_modules/tool/sub.mjs";
        const require = createRequire(import.meta.url);
        export const handler = () => [tool, sub, own, path === sub, require("tool")]`,
      "node_modules/own/index.js": says("own"),
    };
    expect(await call(files, [layer])).toEqual(["esm with dep", "sub", "own", true, "cjs"]);
    const resolver = new ModuleResolver(
      await packageFiles({ "index.mjs": "" }, [layer]),
      "nodejs24.x",
      isBuiltin,
    );
    for (const [specifier, message] of [
      ["dep", "Cannot find package 'dep' imported from /var/task/index.mjs"],
      [
        "tool/esm.mjs",
        `Package subpath './esm.mjs' is not defined by "exports" in /opt/nodejs/node_modules/tool/package.json`,
      ],
    ] as const) {
      expect(resolver.resolve(specifier, "/var/task/index.mjs", "import")).toMatchObject({ message });
    }
  });

  test("TypeScript that becomes CommonJS finds them", async () => {
    const layer = { "nodejs/node_modules/tool/index.js": `exports.tool = "tool"` };
    const files = {
      "package.json": `{ "type": "commonjs" }`,
      "index.ts": `import { tool } from "tool"; export const handler = (): string => tool`,
    };
    expect(await call(files, [layer])).toBe("tool");
  });
});

describe("several layers", () => {
  test("are unpacked one after another: a later one's files replace an earlier one's", async () => {
    const first = { "lib/a.js": says("first a"), "lib/b.js": says("first b") };
    const second = { "lib/b.js": says("second b") };
    const files = { "index.js": asks("/opt/lib/a.js", "/opt/lib/b") };
    expect(await call(files, [first, second])).toEqual(["first a", "second b"]);
    expect(await call(files, [second, first])).toEqual(["first a", "first b"]);
  });

  test("a file of a later one takes a folder's place, and a folder a file's", async () => {
    const first = { "x/deep/one.js": "", "x/two.js": "", "y.js": "file" };
    const second = { x: "file", "y.js/inner.js": "" };
    const files = await packageFiles({ "index.js": "" }, [first, second]);
    expect([...files.paths].sort()).toEqual(["/opt/x", "/opt/y.js/inner.js", "/var/task/index.js"]);
    expect([files.isDirectory("/opt/x"), files.isDirectory("/opt/x/deep")]).toEqual([false, false]);
    expect([files.isDirectory("/opt/y.js"), files.isFile("/opt/y.js")]).toEqual([true, false]);
    const back = await packageFiles({ "index.js": "" }, [first, second, first]);
    expect([...back.paths].sort()).toEqual([
      "/opt/x/deep/one.js",
      "/opt/x/two.js",
      "/opt/y.js",
      "/var/task/index.js",
    ]);
    expect(back.readText("/opt/y.js")).toBe("file");
  });

  test("a layer cannot put a file where the function's own are", async () => {
    const files = await packageFiles({ "index.js": "own" }, [{ "var/task/index.js": "layer" }]);
    expect(files.readText("/var/task/index.js")).toBe("own");
    expect(files.readText("/opt/var/task/index.js")).toBe("layer");
  });
});

describe("a handler in a layer", () => {
  const wrapper = {
    "nodejs/wrap/package.json": `{ "type": "commonjs" }`,
    "nodejs/wrap/handler.js": `const path = require("node:path");
      exports.handler = async (name) => {
        const file = path.join("/var/task", name);
        const own = name.endsWith(".mjs") ? await import("file://" + file) : require(file);
        return "wrapped " + own.handler();
      }`,
  };

  test("finds the function's own module by a name that it computes", async () => {
    const files = {
      "src/app.js": `exports.handler = () => require("dep")`,
      "node_modules/dep/index.js": says("own"),
      "esm.mjs": `export const handler = () => "esm"`,
      "broken.js": "function (",
    };
    const exports = await exportsOf(files, "/opt/nodejs/wrap/handler.handler", [wrapper]);
    const handler = exports["handler"] as (name: string) => Promise<string>;
    expect(await handler("src/app")).toBe("wrapped own");
    expect(await handler("esm.mjs")).toBe("wrapped esm");
    await expect(handler("broken")).rejects.toThrow("Function statements require a function name");
    await expect(handler("gone")).rejects.toThrow("Cannot find module '/var/task/gone'");
  });

  test("needs its layer", async () => {
    await expect(exportsOf({ "index.js": "" }, "/opt/nodejs/wrap/handler.handler")).rejects.toMatchObject({
      errorType: "Runtime.ImportModuleError",
    });
  });
});

test("a function and its layers may have 250 MB together, and the refusal says what there is", () => {
  const archive = (unzippedBytes: number): ZipArchive => ({
    unzippedBytes,
    paths: [],
    links: new Map(),
    directories: new Set(),
    facts: () => ({ mode: 0, modifiedMs: 0 }),
    read: () => Buffer.alloc(0),
  });
  const half = archive(131_072_000);
  expect(() => checkTotalSize(half, [half])).not.toThrow();
  expect(() => checkTotalSize(half, [half, archive(1)])).toThrow(
    "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144001 bytes.",
  );
  expect(() => checkTotalSize(archive(1), [half, half, archive(1)])).toThrow(
    "Layers consume more than the available size of 262144000 bytes",
  );
});
