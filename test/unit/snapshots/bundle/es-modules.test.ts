import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { exportsOf } from "../../builder/bundled-function.ts";

type Load = (name: string) => Promise<Record<string, unknown>>;
type Files = Record<string, string>;

/** What `entry.mjs` of each exports as `result`. */
const cases: Record<string, Files> = {
  "every form of import and export": {
    "entry.mjs": `import * as self from "./all.mjs"; import anonymous, { a, b as c, "text name" as d, fn, Kind } from "./forms.mjs"
      import * as all from './forms.mjs'; import cjs, { named } from "./one.cjs"; import data from "./data.json" with { type: "json" };
      import { sep } from "node:path"; import "./forms.mjs";
      export const result = [anonymous(), anonymous.name, a, c, d, fn(), new Kind().kind, Object.keys(all), Object.keys(self), self["another name"], self.fn, self.named, cjs, named, data, sep, self[Symbol.toStringTag]]`,
    "all.mjs": `export * from "./forms.mjs"; export * from "./two.mjs"; export * as again from "./forms.mjs";
      export { a as "another name", default as theirs } from "./forms.mjs"; export const fn = "own"`,
    "forms.mjs": `export const a = 1, { x: { y: [b = 2] = [] } = {} } = {}; const local = 3;
      export { local as "text name" }; export function fn() { return this === undefined && typeof arguments }
      export class Kind { kind = "kind" } export default function () { return "called" } export async function* many() {}`,
    "two.mjs": "export const named = 'two', ä = 1",
    "one.cjs": "exports.named = 'cjs'",
    "data.json": `{"a":[1]}`,
  },
  "imports are live, and mean something else where a name is taken": {
    "entry.mjs": `import { count, add, tag } from "./count.mjs"
      const before = count
      add()
      add(add)
      const shadows = [
        ((count) => count)("parameter"), (({ count = "default" }) => count)({}), (() => { const count = "const"; return count })(),
        (() => { { var count = "var" } return count })(), (() => { try { throw "caught" } catch (count) { return count } })(),
        (function count() { return typeof count })(), (class count { static name_ = typeof count }).name_,
        (() => { for (const count of ["loop"]) return count })(), (() => { function count() {} return typeof count })(),
        ((from = typeof count) => { var count = "body"; return from + count })(), (function (from = typeof count) { var count; return from })(),
        (() => { switch (1) { case 1: let count = "case"; return count } })(), { count() { return "method" } }.count(), { count: "key" }.count,
      ];
      count: for (;;) { break count }
      const object = { count, nested: { count } }, computed = { [count]: count };
      class Fields { count = count; static [count] = count; static { this.block = count } }
      if (before) ; else add()
      const assigned = (() => { try { count = 1 } catch (error) { return error.name } })();
      export const result = [before, count, shadows, object, computed, new Fields().count, Fields.block, (tag)\`x\`, tag\`y\`, (add)?.(), typeof count, \`\${count}\`, assigned]`,
    "count.mjs": `export let count = 0; export function add(by) { if (this !== undefined) throw new Error("this"); return void count++ }
      export function tag({ raw }) { return this === undefined ? raw[0] : "this" }`,
  },
  "modules that import each other see what is there so far": {
    "entry.mjs": `import { b, useA } from "./b.mjs"; export let a = "a"; export function hoisted() { return "hoisted " + a }
      export const result = [b, useA(), globalThis.briskEsmOrder.splice(0)]; briskEsmOrder.push("entry")`,
    "b.mjs": `import { a, hoisted } from "./entry.mjs"; globalThis.briskEsmOrder = []; briskEsmOrder.push(typeof hoisted);
      try { a } catch (error) { briskEsmOrder.push(error.name) } try { hoisted() } catch (error) { briskEsmOrder.push(error.name) }
      export const b = "b"; export const useA = () => hoisted()`,
  },
  "what is disposed of asynchronously at the top is waited for": {
    "entry.mjs": `import { log } from "./uses.mjs"; export const result = log`,
    "uses.mjs": `export const log = []; await using first = { async [Symbol.asyncDispose]() { log.push("disposed") } }; log.push("used")`,
  },
  "top-level await holds up what imports it, and nothing is evaluated twice": {
    "entry.mjs": `import { slow } from "./slow.mjs"; import { log } from "./log.mjs"; import "./beside.mjs";
      log.push("entry"); const { log: same } = await import("./log.mjs"); export const result = [slow, log, same === log]`,
    "slow.mjs": `import { log } from "./log.mjs"; log.push("slow"); await null; for await (const one of [1, 2]) log.push(one); log.push("slow again"); export const slow = await Promise.resolve("waited")`,
    "beside.mjs": `import { log } from "./log.mjs"; import "./slow.mjs"; log.push("beside")`,
    "log.mjs": "export const log = ['log']",
  },
  "what a name says of the default export": {
    "entry.mjs": `import arrow from "./arrow.mjs"; import Kind from "./kind.mjs"; import named, { named as same } from "./named.mjs"; import value, * as all from "./value.mjs";
      export const result = [arrow.name, arrow(), Kind.name, new Kind().a, named === same, named.name, value, all.default]`,
    "arrow.mjs": "export default (() => 'arrow')\nexport const b = 1",
    "kind.mjs": "export default class { a = 1 }",
    "named.mjs": "export default async function named() {} export { named }",
    "value.mjs": "let value = 'first'; export default value; value = 'second'",
  },
  "module code is strict, and knows no CommonJS": {
    "entry.mjs": `#!/usr/bin/env node
      export const result = [this === undefined, typeof require, typeof module, typeof exports, typeof __filename, (function () { return this })() === undefined];
      try { undeclared = 1 } catch (error) { result.push(error.name) } let require = 1; const module = { require }; result.push(module.require)`,
  },
  "an export that is missing": {
    "entry.mjs": `import { gone } from "./there.mjs"; export const result = gone`,
    "there.mjs": "export const here = 1",
  },
  "an error stays the same": {
    "entry.mjs": `const codes = []; for (const name of ["./fails.mjs", "./fails.mjs"]) await import(name).catch((error) => codes.push(error));
      export const result = [codes[0] === codes[1], codes[0].message, globalThis.briskEsmRuns]; delete globalThis.briskEsmRuns`,
    "fails.mjs":
      "globalThis.briskEsmRuns = (globalThis.briskEsmRuns ?? 0) + 1; throw new Error('on purpose')",
  },
};

const names = Object.keys(cases);

let node: Record<string, unknown>;
let load: Load;
beforeAll(async () => {
  // Packages that no code names, so that no builder compiles them.
  const packages = names.flatMap((name, index) =>
    Object.entries({ "package.json": `{"exports":"./entry.mjs"}`, ...cases[name] }).map(
      ([file, text]) => [`node_modules/case${index}/${file}`, text] as const,
    ),
  );
  const exports = await exportsOf({
    "index.js": "exports.load = (name) => import(name)",
    ...Object.fromEntries(packages),
  });
  load = exports["load"] as Load;
  node = await inNode(packages);
});

/** The results by Node's own loader, in a process without vitest's. */
async function inNode(files: readonly (readonly [name: string, text: string])[]): Promise<typeof node> {
  const folder = await mkdtemp(join(tmpdir(), "brisk-esm-"));
  try {
    for (const [name, text] of files) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const program = `const results = {};
      for (const [index, name] of ${JSON.stringify(names)}.entries())
        results[name] = await import("./node_modules/case" + index + "/entry.mjs").then(({ result }) => result, String);
      process.stdout.write(JSON.stringify(results))`;
    await writeFile(join(folder, "main.mjs"), program);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "main.mjs")]);
    return JSON.parse(stdout) as typeof node;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test.each(names)("%s: as in Node", async (name) => {
  const ours = await load(`case${names.indexOf(name)}`).then(({ result }) => result, String);
  expect(JSON.parse(JSON.stringify(ours))).toEqual(node[name]);
});

test("one module is one instance, whether the bundle has it, its name is computed or it is required", async () => {
  const { loadAll } = await exportsOf({
    "index.mjs": `import { state } from "modern/state.mjs"; import { createRequire } from "node:module"; const require = createRequire(import.meta.url);
      export const loadAll = async (name) => ({ state, late: await import(name), required: require(name), again: await import(name) })`,
    "node_modules/modern/package.json": `{"exports":{".":"./entry.mjs","./state.mjs":"./state.mjs"}}`,
    "node_modules/modern/state.mjs": `export { state } from "./inner.mjs"`,
    "node_modules/modern/inner.mjs": "export const state = {}",
    "node_modules/modern/entry.mjs": `export { state } from "./inner.mjs"; import own from "./own.mjs"; export { own }`,
    "node_modules/modern/own.mjs": "export default import.meta",
  });
  const { state, late, required, again } = (await (loadAll as Load)("modern")) as Record<
    string,
    { state: object; own: object }
  >;
  expect(late!.state).toBe(state);
  expect([required, again]).toEqual([late, late]);
  expect(required).toBe(late);
  expect(late!.own).toMatchObject({
    url: "file:///var/task/node_modules/modern/own.mjs",
    dirname: "/var/task/node_modules/modern",
  });
});

test("what cannot be loaded is refused as Node does, and by the file's own line", async () => {
  const exports = await exportsOf({
    "index.js": "exports.load = (name) => import(name); exports.require = (name) => require(name)",
    "node_modules/odd/package.json": `{"exports":{"./*":"./*"}}`,
    "node_modules/odd/waits.mjs": "await 1",
    "node_modules/odd/over.mjs": `import "./waits.mjs"`,
    "node_modules/odd/broken.mjs": "export const a = 1;\nexport const = 2;",
    "node_modules/odd/typed.ts": "export const a = 1",
    "node_modules/odd/far.mjs": `import "nowhere"`,
  });
  const refusal = (name: string) => (exports["load"] as Load)(`odd/${name}`).catch((error: Error) => error);
  expect(await refusal("broken.mjs")).toMatchObject({
    name: "SyntaxError",
    stack: expect.stringContaining("/var/task/node_modules/odd/broken.mjs:2:14"),
  });
  expect(await refusal("far.mjs")).toMatchObject({ code: "ERR_MODULE_NOT_FOUND" });
  expect(await refusal("typed.ts")).toMatchObject({ code: "ERR_MODULE_NOT_BUNDLED" });
  expect(() => (exports["require"] as (name: string) => unknown)("odd/over.mjs")).toThrow(
    expect.objectContaining({ code: "ERR_REQUIRE_ASYNC_MODULE" }),
  );
});
