import { FlattenMap, originalPositionFor } from "@jridgewell/trace-mapping";
import { expect, test } from "vitest";
import { bundleOf, evaluate } from "./bundled-function.ts";

/** Where the marked calls stand, by the error's stack and the bundle's map. */
async function tracesOf(files: Record<string, string>, calls: readonly string[]): Promise<unknown[]> {
  const bundle = await bundleOf(files);
  const { exports } = await evaluate(bundle);
  const map = FlattenMap(bundle.map);
  const traces: unknown[] = [];
  for (const call of calls) {
    try {
      await (exports[call] as () => unknown)();
    } catch (error) {
      const [, line, column] = /bundle\.js:(\d+):(\d+)/.exec((error as Error).stack ?? "") ?? [];
      const position = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
      traces.push([position.source, position.line, position.column]);
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

test("a map that a build tool left in the zip does not lead away from the file that was uploaded", async () => {
  const tool = Buffer.from(
    JSON.stringify({ version: 3, sources: ["../src/original.ts"], names: [], mappings: "AAAA" }),
  ).toString("base64");
  const comment = `\n//# sourceMappingURL=data:application/json;base64,${tool}\n`;
  const cjs = await tracesOf({ "index.js": `exports.own = () => { throw new Error() };${comment}` }, ["own"]);
  expect(cjs).toEqual([["/var/task/index.js", 1, 28]]);
  const esm = await tracesOf({ "index.mjs": `export const own = () => { throw new Error() };${comment}` }, [
    "own",
  ]);
  expect(esm).toEqual([["/var/task/index.mjs", 1, 33]]);
});
