import { transform } from "esbuild-wasm";
import { expect, test } from "vitest";
import { declareImports, loadAtUse } from "../../../src/builder/node-library-imports.ts";

async function run(text: string, files: Record<string, unknown>) {
  const loaded: string[] = [];
  const load = (id: string): unknown => {
    loaded.push(id);
    return files[id];
  };
  const options = { minifyWhitespace: true, format: "cjs", treeShaking: false } as const;
  const { code } = await transform(declareImports(text), options);
  const module = { exports: {} as Record<string, (...args: unknown[]) => unknown> };
  const body = loadAtUse(code.trim(), (id) => `library:${id}`);
  new Function("require", "internalBinding", "module", body)(load, load, module);
  return { exported: module.exports, loaded };
}

const files = {
  "library:errors": {
    codes: { ERR_A: Object.assign(class A extends TypeError {}, { Hidden: class Hidden extends Error {} }) },
    wrap: (value: unknown) => [value],
  },
  "library:net": Object.assign((port: number) => `port ${port}`, { Socket: class Socket {} }),
  types: { kinds: { os: { SIGHUP: 1 } } },
  "brisk:node/internal/library/process": { libraryProcess: { platform: "linux" } },
};

const text = `
  'use strict';
const {
  codes: { ERR_A, ERR_A: { Hidden: HIDDEN } }, // what arguments are refused with
  /* not often */ wrap: wrapped,
} = require('errors');
const net = require('net');
const { SIGHUP } = internalBinding('types').kinds.os;
const eager = { ...require('library:errors') };
  module.exports = {
    refuse() { throw new ERR_A('no'); },
    isHidden: (error) => error instanceof HIDDEN || new HIDDEN() instanceof HIDDEN,
    both: (a) => ({ wrapped: wrapped(a), typed: typeof wrapped }),
    make: () => [net(1), new net.Socket(), SIGHUP],
    shadowed(net) { return net; },
    platform: () => process.platform,
  };
`;

test("a library file loads what it names at its top when it uses one of the names, and once", async () => {
  const { exported, loaded } = await run(text, files);
  expect(loaded).toEqual(["library:errors"]);
  expect(exported["refuse"]).toThrow(TypeError);
  expect(exported["isHidden"]!(new Error("x"))).toBe(true);
  expect(exported["both"]!(2)).toEqual({ wrapped: [2], typed: "function" });
  expect(loaded).toEqual(["library:errors", "library:errors"]);
  expect(exported["make"]!()).toEqual(["port 1", {}, 1]);
  expect(exported["make"]!()).toEqual(["port 1", {}, 1]);
  expect(exported["shadowed"]!(5)).toBe(5);
  expect(exported["platform"]!()).toBe("linux");
  expect(loaded.slice(2)).toEqual(["library:net", "types", "brisk:node/internal/library/process"]);
});

test("a declaration that does more than name members stays as it is", () => {
  for (const kept of [
    "const { a = 1 } = require('x');",
    "const { ...rest } = require('x');",
    "const { [a]: b } = require('x');",
    "let { a } = require('x');",
    "  const { a } = require('x');",
  ]) {
    expect(declareImports(kept)).toBe(kept);
  }
});
