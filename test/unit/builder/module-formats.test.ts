import { describe, expect, test } from "vitest";
import { bundleOf, evaluate, exportsOf } from "./bundled-function.ts";

const typeModule = { "package.json": `{"type":"module"}` };

describe("formats", () => {
  test("an ES module is strict and knows no CommonJS names", async () => {
    const exports = await exportsOf({
      ...typeModule,
      "index.js": `
        export const self = (function () { return this })();
        export const top = this;
        export const names = [typeof require, typeof module, typeof exports, typeof __filename];
        export let refused;
        try { undeclared = 1 } catch (error) { refused = error.name }`,
    });
    expect(exports["self"]).toBe(undefined);
    expect(exports["top"]).toBe(undefined);
    expect(exports["names"]).toEqual(["undefined", "undefined", "undefined", "undefined"]);
    expect(exports["refused"]).toBe("ReferenceError");
  });

  test("a CommonJS module is sloppy, unless it says otherwise", async () => {
    const exports = await exportsOf({
      "index.js": `
        exports.octal = 010;
        with ({ inside: 1 }) exports.inside = inside;
        exports.self = (function () { return this })() === globalThis;
        exports.top = this === exports && exports === module.exports;
        exports.names = [__filename, __dirname, module.id, module.loaded];
        exports.strict = require("./strict");
        if (true) { function hoisted() { return 1 } } exports.hoisted = hoisted();
        return; exports.unreachable = 1;`,
      "strict.js": `"use strict"; module.exports = (function () { return this })()`,
    });
    expect(exports).toEqual({
      octal: 8,
      inside: 1,
      self: true,
      top: true,
      names: ["/var/task/index.js", "/var/task", "/var/task/index.js", false],
      strict: undefined,
      hoisted: 1,
    });
  });

  test.each([
    ["no package.json, import and export", {}, "import 'node:path'; export const handler = 1", "esm"],
    ["no package.json, top-level await alone", {}, "await 1; globalThis.x = 1", "esm"],
    ["no package.json, no module syntax", {}, "exports.handler = 1", "cjs"],
    [
      "no package.json, the word export in a string",
      {},
      "exports.handler = 'export const a = 1; await 1'",
      "cjs",
    ],
    ["type module", typeModule, "globalThis.x = 1", "esm"],
    ["a package.json that does not parse", { "package.json": "{" }, "exports.handler = 1", "cjs"],
  ])("index.js with %s", async (_, files, code, kind) => {
    expect((await evaluate(await bundleOf({ ...files, "index.js": code }))).kind).toBe(kind);
  });

  test.each([
    ["index.mjs", { "package.json": `{"type":"commonjs"}` }, "export const handler = 1", "esm"],
    ["index.cjs", typeModule, "exports.handler = 1", "cjs"],
    ["index.mts", {}, "export const handler: number = 1", "esm"],
    ["index.cts", typeModule, "export const handler: number = 1", "cjs"],
    ["index.ts", {}, "export const handler: number = 1", "esm"],
    ["index.ts", {}, "exports.handler = 1 as number", "cjs"],
    ["index.ts", { "package.json": `{"type":"commonjs"}` }, "export const handler: number = 1", "cjs"],
    ["index.tsx", {}, "const React = { createElement: () => 1 }; export const handler = <a/>", "esm"],
  ])("%s", async (name, files, code, kind) => {
    const { kind: actual, exports } = await evaluate(await bundleOf({ ...files, [name]: code }));
    expect(actual).toBe(kind);
    expect(exports["handler"]).toBe(1);
  });

  test("TypeScript: enums, parameter properties, decorators of tsconfig.json, elided imports, .js names for .ts files", async () => {
    const exports = await exportsOf({
      "tsconfig.json": `{ /* as tsc allows */ "compilerOptions": { "experimentalDecorators": true } }`,
      "index.ts": `
        import { Type } from "./types.js";
        import { value } from "./value.js";
        import { other } from "./other";
        enum Color { Red = 5 }
        function mark(target: any, key: string, descriptor: PropertyDescriptor) { descriptor.value = () => "decorated" }
        class Box { constructor(readonly content: Type) {} @mark run() {} }
        export const handler = [Color.Red, new Box(value).content, new Box(1).run(), other];`,
      "types.ts": "export type Type = number",
      "value.ts": "export const value: number = 7",
      "other/index.ts": "export const other: string = 'o'",
    });
    expect(exports["handler"]).toEqual([5, 7, "decorated", "o"]);
  });

  test("top-level await runs before what imports it, and in order", async () => {
    const exports = await exportsOf({
      "index.mjs": `import { log } from "./log.mjs"; import "./slow.mjs"; import "./fast.mjs"; log.push("index"); export { log }`,
      "log.mjs": "export const log = []",
      "slow.mjs": `import { log } from "./log.mjs"; await new Promise((resolve) => setTimeout(resolve, 5)); log.push("slow")`,
      "fast.mjs": `import { log } from "./log.mjs"; for await (const x of ["fast"]) log.push(x)`,
    });
    expect(exports["log"]).toEqual(["slow", "fast", "index"]);
  });

  test("JSON is imported with and without attributes, and required", async () => {
    const exports = await exportsOf({
      "index.mjs": `import a from "./a.json" with { type: "json" };
        import { createRequire } from "node:module";
        const b = createRequire(import.meta.url)("./a.json");
        const c = (await import("./a.json", { with: { type: "json" } })).default;
        export const handler = [a.n, a === b, a === c]`,
      "a.json": `\uFEFF{"n": 1}`,
    });
    expect(exports["handler"]).toEqual([1, true, true]);
  });
});

describe("ES modules and CommonJS together", () => {
  test("imports of CommonJS: default is module.exports, names are its properties, whatever __esModule says", async () => {
    const exports = await exportsOf({
      "index.mjs": `import whole, { named } from "./a.cjs"; import * as ns from "./a.cjs"; import { "module.exports" as all } from "./a.cjs"; export * from "./b.cjs";
        export const handler = [whole.default, named, ns.default === whole, all === whole, Object.keys(ns).sort()]`,
      "a.cjs": `Object.defineProperty(exports, "__esModule", { value: true }); exports.default = "inner"; exports.named = "named"`,
      "b.cjs": "exports.fromB = 1; exports.default = 2",
    });
    expect(exports["handler"]).toEqual([
      "inner",
      "named",
      true,
      true,
      ["default", "module.exports", "named"],
    ]);
    expect(exports["fromB"]).toBe(1);
    expect(exports["default"]).toBe(undefined);
  });

  test("modules are evaluated in the order of their imports, CommonJS among them", async () => {
    await exportsOf({
      "index.mjs": `import "./first.cjs"; import "./second.mjs"; import "./third.cjs"; globalThis.briskOrder.push("index")`,
      "first.cjs": `globalThis.briskOrder = ["first"]`,
      "second.mjs": `globalThis.briskOrder.push("second")`,
      "third.cjs": `globalThis.briskOrder.push("third")`,
    });
    expect(Reflect.get(globalThis, "briskOrder")).toEqual(["first", "second", "third", "index"]);
    Reflect.deleteProperty(globalThis, "briskOrder");
  });

  test("classes and functions keep their names where modules use the same ones", async () => {
    const module = `export class Failure extends Error { static code = Failure.name; name = this.constructor.name }
      function run() {} export const names = [Failure.name, Failure.code, new Failure().name, run.name]`;
    const exports = await exportsOf({
      "index.mjs": `import { names as a } from "./a.mjs"; import { names as b } from "./b.mjs"; class Failure {} function run() {} export const handler = [a, b, Failure.name, run.name]`,
      "a.mjs": module,
      "b.mjs": module,
    });
    const names = ["Failure", "Failure", "Failure", "run"];
    expect(exports["handler"]).toEqual([names, names, "Failure", "run"]);
  });

  test("one file is one instance, by import, import() and require() alike", async () => {
    const exports = await exportsOf({
      "index.mjs": `
        import { state } from "./state.mjs"; import { viaRequire, viaImport } from "./b.cjs";
        export const handler = [state === viaRequire(), state === (await viaImport()), state === (await import("./state.mjs")).state]`,
      "state.mjs": "export const state = {}",
      "b.cjs": `exports.viaRequire = () => require("./state.mjs").state; exports.viaImport = async () => (await import("./state.mjs")).state`,
    });
    expect(exports["handler"]).toEqual([true, true, true]);
  });

  test("require() of an ES module gives its namespace, what it exports as module.exports, or an error where it awaits", async () => {
    const exports = await exportsOf({
      "index.js": `
        exports.ns = require("./a.mjs");
        exports.same = require("./a.mjs") === exports.ns;
        exports.chosen = require("./b.mjs");
        try { require("./c.mjs") } catch (error) { exports.code = error.code }
        exports.late = () => import("./c.mjs");`,
      "a.mjs": "export const a = 1; export default 2",
      "b.mjs": `const chosen = () => 1; export { chosen as "module.exports" }`,
      "c.mjs": "export const c = await 3",
    });
    expect(exports["ns"]).toMatchObject({ a: 1, default: 2 });
    expect(exports["same"]).toBe(true);
    expect(exports["chosen"]).toBeTypeOf("function");
    expect(exports["code"]).toBe("ERR_REQUIRE_ASYNC_MODULE");
    expect(await (exports["late"] as () => Promise<unknown>)()).toMatchObject({ c: 3 });
  });

  test("cycles see what the other side has exported so far", async () => {
    const exports = await exportsOf({
      "index.js": `exports.early = 1; exports.b = require("./b"); exports.late = 2`,
      "b.js": `const a = require("./index"); exports.seen = [a.early, a.late]`,
    });
    expect(exports["b"]).toEqual({ seen: [1, undefined] });
    const live = await exportsOf({
      "index.mjs": `import { read } from "./b.mjs"; export let n = 1; export const handler = () => { n++; return read() }`,
      "b.mjs": `import { n } from "./index.mjs"; export const read = () => n`,
    });
    expect((live["handler"] as () => number)()).toBe(2);
  });

  test("a CommonJS entry that imports ES modules later", async () => {
    const exports = await exportsOf({
      "index.js": `exports.handler = async () => { const { esm } = await import("./esm.mjs"); return esm }`,
      "esm.mjs": `import { sep } from "node:path"; export const esm = [sep, import.meta.url, import.meta.filename, import.meta.dirname]`,
    });
    expect(await (exports["handler"] as () => unknown)()).toEqual([
      "/",
      "file:///var/task/esm.mjs",
      "/var/task/esm.mjs",
      "/var/task",
    ]);
  });

  test("computed names find the files of the zip, where a part of the path is literal or another module names them", async () => {
    const files = {
      "locale/de.js": "module.exports = 'de'",
      "locale/en.js": "module.exports = 'en'",
      "page/a.mjs": "export const page = 'a'",
    };
    const cjs = await exportsOf({
      ...files,
      "index.js": `const name = "de"; exports.concat = require("./locale/" + name); exports.template = require(\`./locale/\${"en"}.js\`);
        const fs = "f" + "s"; exports.builtin = typeof require(fs).readFileSync;
        exports.page = () => import(\`./page/\${"a"}.mjs\`);
        try { require("./locale/" + "xx") } catch (error) { exports.missing = error.code }`,
    });
    expect(cjs).toMatchObject({
      concat: "de",
      template: "en",
      builtin: "function",
      missing: "MODULE_NOT_FOUND",
    });
    expect(await (cjs["page"] as () => Promise<unknown>)()).toMatchObject({ page: "a" });
    const esm = await exportsOf({
      ...files,
      "index.mjs": `const pick = (name) => import("./locale/" + name + ".js"); const page = (name) => import(\`./page/\${name}.mjs\`);
        export const handler = [(await pick("de")).default, (await page("a")).page, await pick("xx").catch((error) => error.code)]`,
    });
    expect(esm["handler"]).toEqual(["de", "a", "ERR_MODULE_NOT_FOUND"]);
  });

  test("computed names find what no code names: CommonJS, JSON, packages by their exports, and the function's own ES modules", async () => {
    const files = {
      "package.json": `{"name":"app","imports":{"#inner":"./inner.js"},"exports":{"./self":"./self.cjs"}}`,
      "lib/one.js": `exports.one = [__filename, module.parent.id, require("./two")]; exports.late = () => import("./" + "three.mjs")`,
      "lib/two/index.js": "module.exports = 2",
      "lib/three.mjs": `import "../order.mjs"; export const three = await 3`,
      "lib/four.ts": "export const four: number = 4",
      "order.mjs": "globalThis.briskOrder = (globalThis.briskOrder ?? 0) + 1",
      "inner.js": "module.exports = 'inner'",
      "self.cjs": "module.exports = 'self'",
      "data.json": `{"a":1}`,
      "addon.node": "",
      "broken.js": "exports.a = ;",
      "node_modules/dep/package.json": `{"exports":{".":{"import":"./i.cjs","require":"./r.cjs"},"./sub":"./sub.cjs"}}`,
      "node_modules/dep/i.cjs": "module.exports = 'import'",
      "node_modules/dep/r.cjs": "module.exports = 'require'",
      "node_modules/dep/sub.cjs": "module.exports = require.resolve('dep')",
      "node_modules/modern/package.json": `{"type":"module","exports":"./index.js"}`,
      "node_modules/modern/index.js": "export default 1",
    };
    const codeOf = (load: string) =>
      `(name) => { try { return ${load} } catch (error) { return error.code ?? error.name } }`;
    const exports = await exportsOf({
      ...files,
      "index.js": `exports.get = ${codeOf("require(name)")};
        exports.load = (name) => import(name).then((it) => it, (error) => error.code);
        exports.resolve = ${codeOf("require.resolve(name)")};
        exports.from = (name, folder) => require.resolve(name, { paths: [folder] });
        exports.paths = (name) => require.resolve.paths(name);
        exports.children = () => module.children.map(({ id }) => id);
        exports.made = (name) => require("node:module").createRequire(__dirname + "/lib/x.js")(name)`,
    });
    const call = (name: string, ...args: unknown[]) =>
      (exports[name] as (...args: unknown[]) => unknown)(...args);
    expect(call("get", "./lib/one")).toMatchObject({
      one: ["/var/task/lib/one.js", "/var/task/index.js", 2],
    });
    expect(call("get", "./lib/one")).toBe(call("made", "./one.js"));
    expect(call("get", "/var/task/data.json")).toEqual({ a: 1 });
    expect(["dep", "dep/sub", "#inner", "app/self", "crypto"].map((name) => call("resolve", name))).toEqual([
      "/var/task/node_modules/dep/r.cjs",
      "/var/task/node_modules/dep/sub.cjs",
      "/var/task/inner.js",
      "/var/task/self.cjs",
      "crypto",
    ]);
    expect(call("get", "dep/sub")).toBe("/var/task/node_modules/dep/r.cjs");
    expect(await call("load", "dep")).toMatchObject({ default: "import" });
    expect(await call("load", "file:///var/task/lib/four.ts")).toMatchObject({ four: 4 });
    const { late } = call("get", "./lib/one.js") as { late: () => Promise<object> };
    expect(Reflect.get(globalThis, "briskOrder")).toBe(undefined);
    const three = await late();
    expect(three).toMatchObject({ three: 3 });
    expect(await call("load", "./lib/three.mjs")).toBe(three);
    expect(Reflect.get(globalThis, "briskOrder")).toBe(1);
    Reflect.deleteProperty(globalThis, "briskOrder");
    const refused = ["./gone", "gone", "dep/inner", "./addon.node", "./lib/three.mjs", "./broken.js"];
    expect(refused.map((name) => call("get", name))).toEqual([
      "MODULE_NOT_FOUND",
      "MODULE_NOT_FOUND",
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
      "ERR_DLOPEN_FAILED",
      "ERR_REQUIRE_ASYNC_MODULE",
      "SyntaxError",
    ]);
    expect(call("get", "modern")).toMatchObject({ default: 1 });
    expect(await call("load", "./gone.js")).toBe("ERR_MODULE_NOT_FOUND");
    expect(call("from", "./two", "/var/task/lib")).toBe("/var/task/lib/two/index.js");
    expect(call("paths", "dep")).toContain("/var/task/node_modules");
    expect([call("paths", "./dep"), call("paths", "fs")]).toEqual([["/var/task"], null]);
    expect(call("children")).toContain("/var/task/lib/one.js");
  });

  test("what packages say of side effects counts for nothing: what is imported is evaluated, as Node does", async () => {
    const exports = await exportsOf({
      "index.mjs": `import "pure"; import { used } from "pure/used.js"; export const handler = [used, globalThis.briskPure, globalThis.briskMade];
        delete globalThis.briskPure; delete globalThis.briskMade`,
      "node_modules/pure/package.json": `{"type":"module","sideEffects":false}`,
      "node_modules/pure/index.js": `import { used } from "./used.js"; globalThis.briskPure = "evaluated"; const unused = /* @__PURE__ */ make(); function make() { globalThis.briskMade = "made" }`,
      "node_modules/pure/used.js": "export const used = 1",
    });
    expect(exports["handler"]).toEqual([1, "evaluated", "made"]);
  });

  test("require has resolve, cache and no main", async () => {
    const exports = await exportsOf({
      "index.js": `
        exports.resolved = [require.resolve("./a"), require.resolve("fs"), require.resolve("node:fs")];
        const first = require("./a"); delete require.cache[require.resolve("./a")]; exports.fresh = require("./a") !== first;
        exports.main = require.main === module;
        exports.parent = require("./a").parent; exports.children = module.children.length`,
      "a.js": "exports.parent = module.parent.id",
    });
    expect(exports).toMatchObject({
      resolved: ["/var/task/a.js", "fs", "node:fs"],
      fresh: true,
      main: false,
      parent: "/var/task/index.js",
    });
  });
});

describe("builtins", () => {
  test("literal ones are listed, bare or not; an unused import is not evaluated", async () => {
    const bundle = await bundleOf({
      "index.mjs": `import { join } from "path"; import fs from "node:fs"; import "./a.cjs"; export const handler = join("a", "b")`,
      "a.cjs": `exports.later = () => require("zlib")`,
    });
    expect(bundle.builtins).toEqual(["node:fs", "node:path", "node:zlib"]);
    expect((await evaluate(bundle)).exports["handler"]).toBe("a/b");
  });

  test("async functions become generators where async_hooks is used, and only there", async () => {
    const handler = `export const handler = async () => { await 1; for await (const x of [2]) return [x, store.getStore()] }`;
    const bundle = await bundleOf({
      "index.mjs": `import { AsyncLocalStorage } from "async_hooks"; import { twice } from "./b.cjs"; const store = new AsyncLocalStorage();
        await 0; ${handler}; export const doubled = await twice(2); export const self = (function () { return this })()`,
      "b.cjs": "exports.twice = async (n) => { await n; return n * 010 }",
    });
    expect(bundle.code).not.toMatch(/async function|await |async \(/);
    const { exports } = await evaluate(bundle);
    expect(await (exports["handler"] as () => unknown)()).toEqual([2, undefined]);
    expect(exports["doubled"]).toBe(16);
    expect(exports["self"]).toBe(undefined);
    expect(
      (await bundleOf({ "index.mjs": "export const handler = async () => { await 1 }" })).code,
    ).toContain("async ()");
  });
});
