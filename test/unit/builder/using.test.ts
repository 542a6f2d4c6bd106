import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild-wasm";
import { describe, expect, test } from "vitest";
import { isolateFlags } from "../../../src/isolate-flags.ts";
import { bundleOf, exportsOf } from "./bundled-function.ts";

const disposing = (name: string) => `{ [Symbol.dispose]() { told.push(${JSON.stringify(name)}); } }`;
const body = `using one = ${disposing("one")}; { using two = ${disposing("two")}; told.push("body"); }`;
const cases: Readonly<Record<string, { files: Record<string, string>; told: readonly string[] }>> = {
  "an ES module": {
    files: {
      "index.mjs": `
        const told = [];
        ${body}
        { await using three = { async [Symbol.asyncDispose]() { told.push("three"); } }; }
        export const handler = () => told;`,
    },
    told: ["body", "two", "three", "one"],
  },
  "a CommonJS module": {
    files: { "index.js": `const told = []; { ${body} } exports.handler = () => told;` },
    told: ["body", "two", "one"],
  },
  "an ES module whose async functions are lowered": {
    files: {
      "index.mjs": `import { AsyncLocalStorage } from "node:async_hooks"; const told = []; ${body} export const handler = () => told;`,
    },
    told: ["body", "two", "one"],
  },
};

/** The module loader, which the guest's heap has. */
const loader = await build({
  entryPoints: [join(import.meta.dirname, "../../../snapshots/bundle/module-loader.ts")],
  bundle: true,
  write: false,
  format: "iife",
  globalName: "modules",
}).then(({ outputFiles: [file] }) => file!.text);

/** Freezes a bundle and prints what its handler answers in the restored heap. */
const program = `
  import ivm from "isolated-vm";
  const load = \`\${process.env.LOADER}
    globalThis.loaded = \${process.env.BUNDLE}(modules.createModuleLoader({ require: () => ({ AsyncLocalStorage: class {} }) })).load(); Promise.resolve(loaded).then((it) => { globalThis.loaded = it; });\`;
  const snapshot = ivm.Isolate.createSnapshot([{ code: load }]);
  console.log(new ivm.Isolate({ snapshot }).createContextSync().evalSync("JSON.stringify(loaded.handler())"));`;

describe("`using`, on which V8 crashes while it freezes a heap", () => {
  for (const [what, { files, told }] of Object.entries(cases)) {
    test(`${what} disposes in order, and can be frozen`, async () => {
      const { handler } = (await exportsOf(files)) as { handler: () => unknown };
      expect(handler()).toEqual(told);
      const { code } = await bundleOf(files);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [...isolateFlags, "--input-type=module", "--eval", program],
        { env: { BUNDLE: code, LOADER: loader }, cwd: import.meta.dirname },
      );
      expect(JSON.parse(stdout)).toEqual(told);
    });
  }
});
