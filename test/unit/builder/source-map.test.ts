import { expect, test } from "vitest";
import { BundleMap } from "../../../src/model/bundle-map.ts";
import { bundleOf, evaluate } from "./bundled-function.ts";

/** Where the marked calls stand, by the error's stack and the bundle's map. */
async function tracesOf(
  files: Record<string, string>,
  calls: readonly string[],
  handler?: string,
): Promise<unknown[]> {
  const bundle = await bundleOf(files, handler);
  const { exports } = await evaluate(bundle);
  const map = new BundleMap(bundle.map);
  const traces: unknown[] = [];
  for (const call of calls) {
    try {
      await (exports[call] as () => unknown)();
    } catch (error) {
      const [, line, column] = /bundle\.js:(\d+):(\d+)/.exec((error as Error).stack ?? "") ?? [];
      const position = map.positionOf(Number(line), Number(column));
      traces.push(position && [position.source, position.line, position.column - 1]);
    }
  }
  return traces;
}

test("positions lead to the user's files: ES modules, CommonJS and TypeScript in one bundle", async () => {
  const traces = await tracesOf(
    {
      "index.mjs": `import { fromCjs } from "./lib/c.cjs";\nimport { fromTs } from "./t.ts";\n\nconst meta = import.meta.url;\nexport function own() {\n  const require = 1; throw new Error("own" + meta + require);\n}\nexport { fromCjs, fromTs };`,
      "lib/c.cjs": `// comment\n/* another */\nexports.fromCjs = () => {\n    throw new Error("cjs");\n};`,
      "t.ts": `interface Gone {\n  a: number;\n}\nexport function fromTs(input?: Gone): void {\n  throw new Error("ts" + input?.a);\n}`,
    },
    ["own", "fromCjs", "fromTs"],
  );
  expect(traces).toEqual([
    ["/var/task/index.mjs", 6, 27],
    ["/var/task/lib/c.cjs", 4, 10],
    ["/var/task/t.ts", 5, 8],
  ]);
});

test("CommonJS written in TypeScript", async () => {
  const traces = await tracesOf(
    { "index.cts": `type Gone = 1;\nexport function own(): void {\n  throw new Error("ts");\n}` },
    ["own"],
  );
  expect(traces).toEqual([["/var/task/index.cts", 3, 8]]);
});

test("code that was lowered for async_hooks", async () => {
  const traces = await tracesOf(
    {
      "index.mjs": `import { AsyncLocalStorage } from "node:async_hooks";\nexport const store = new AsyncLocalStorage();\nexport { fromCjs } from "./c.cjs";\nexport const own = async () => {\n  await 1;\n  throw new Error("own");\n};`,
      "c.cjs": `exports.fromCjs = async () => {\n  await 1;\n  throw new Error("cjs");\n};`,
    },
    ["own", "fromCjs"],
  );
  expect(traces).toEqual([
    ["/var/task/index.mjs", 6, 8],
    ["/var/task/c.cjs", 3, 8],
  ]);
});

const toolMap = JSON.stringify({
  version: 3,
  sources: ["../src/original.ts"],
  sourcesContent: ["a secret"],
  names: [],
  // Line 1, column 0 and column 28 of what was made are line 1 and line 10, column 4.
  mappings: "AAAA,4BASI",
});

test.each([
  ["in the file", `data:application/json;base64,${Buffer.from(toolMap).toString("base64")}`, {}],
  ["beside it", "index.js.map", { "dist/index.js.map": toolMap }],
])("a map that a build tool left %s leads to what people wrote", async (_, url, files) => {
  const text = `exports.own = () => { throw new Error() };\n//# sourceMappingURL=${url}\n`;
  const bundle = { "dist/index.js": text, ...files } as Record<string, string>;
  expect(await tracesOf(bundle, ["own"], "dist/index.handler")).toEqual([
    ["/var/task/src/original.ts", 10, 4],
  ]);
  expect((await bundleOf(bundle, "dist/index.handler")).map).not.toContain("a secret");
});

test("a map that nothing can be made of, or a package's, does not count", async () => {
  const text = (url: string) => `exports.own = () => { throw new Error() };\n//# sourceMappingURL=${url}`;
  for (const url of ["gone.map", "broken.map", "data:application/json,{", "https://example.com/a.map"]) {
    const traces = await tracesOf({ "index.js": text(url), "broken.map": "{" }, ["own"]);
    expect(traces).toEqual([["/var/task/index.js", 1, 28]]);
  }
  const files = {
    "index.js": `exports.own = require("dep").own`,
    "node_modules/dep/index.js": text("index.js.map"),
    "node_modules/dep/index.js.map": toolMap,
  };
  expect(await tracesOf(files, ["own"])).toEqual([["/var/task/node_modules/dep/index.js", 1, 28]]);
});

const filler = `/* ${"-".repeat(70_000)} */\n`;

test("a long CommonJS file stays as it was written, and keeps its lines and columns", async () => {
  const text = `#!/usr/bin/env node\n${filler}  // as it is\nexports.late = () => import("./b.js");\n  exports.own = () => { "…→"; throw new Error("👍 …"); };`;
  const files = { "index.js": text, "b.js": "exports.b = 1" };
  expect(await tracesOf(files, ["own"])).toEqual([["/var/task/index.js", 5, 36]]);
  const bundle = await bundleOf(files);
  expect(bundle.code).toContain("// as it is");
  expect(bundle.code).not.toMatch(/[^\0-\xff]/);
  const { exports } = await evaluate(bundle);
  expect(await (exports["late"] as () => unknown)()).toMatchObject({ b: 1 });
  expect(() => (exports["own"] as () => unknown)()).toThrow("👍 …");
});

test.each([
  ["a template's tag that sees how it is written", "exports.is = String.raw`…\\n`.length === 3"],
  ["a backslash before such a character", String.raw`exports.is = "\…" === "…"`],
  ["a name with such a character beyond the first plane", "const 𠮷 = true; exports.is = 𠮷"],
  ["a space that is none of ASCII's", "exports.is\u2003= true"],
  [
    "an async function that has to be lowered",
    `require("async_hooks"); exports.is = (async () => {}).constructor === Function`,
  ],
])("a long CommonJS file is printed anew for %s", async (_, line) => {
  const bundle = await bundleOf({ "index.js": `${filler}${line}` });
  expect(bundle.code.length).toBeLessThan(10_000);
  expect((await evaluate(bundle)).exports["is"]).toBe(true);
});

test("the map of a long file leads through its own", async () => {
  const text = `const pad = "…"; exports.own = () => { throw new Error() };\n${filler}//# sourceMappingURL=index.js.map`;
  const map = JSON.stringify({ version: 3, sources: ["a.ts"], names: [], mappings: "AAAA,sCASI" });
  expect(await tracesOf({ "index.js": text, "index.js.map": map }, ["own"])).toEqual([
    ["/var/task/a.ts", 10, 4],
  ]);
});
