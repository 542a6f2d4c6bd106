import { expect, it } from "vitest";
import { LoadedBundle } from "../../../src/host/bundle.ts";

/** Line 1 of the script is the bundler's own, lines 2 and 3 are the user's lines 1 and 5. */
const map = {
  version: 3,
  sources: ["/var/task/index.js", "facade:index.js"],
  names: [],
  // Line 1: facade 1:0. Line 2: index.js 1:0 and, from column 10, 1:4. Line 3: index.js 5:2.
  mappings: "ACAA;ADAA,UAAI;AAIF",
};

function load(json: string): LoadedBundle {
  return new LoadedBundle("hash", "script", Buffer.from(json));
}

it("position() counts lines and columns from 1 on both sides", () => {
  const bundle = load(JSON.stringify(map));
  expect(bundle.position(2, 1)).toBe("/var/task/index.js:1:1");
  expect(bundle.position(2, 11)).toBe("/var/task/index.js:1:5");
  expect(bundle.position(2, 30)).toBe("/var/task/index.js:1:5");
  expect(bundle.position(3, 1)).toBe("/var/task/index.js:5:3");
});

it("position() names nothing that the bundler wrote, only the user's own files", () => {
  expect(load(JSON.stringify(map)).position(1, 1)).toBeUndefined();
});

it("position() names nothing for places that there are not, as a guest may ask for", () => {
  const bundle = load(JSON.stringify(map));
  for (const [line, column] of [
    [0, 1],
    [1, 0],
    [-1, -1],
    [4, 1],
    [2 ** 31, 2 ** 31],
    [Number.MAX_SAFE_INTEGER, 1],
  ] as const) {
    expect(bundle.position(line, column)).toBeUndefined();
  }
});

it("position() reads an index map, whose sections lie below one another", () => {
  const index = {
    version: 3,
    sections: [
      { offset: { line: 0, column: 0 }, map },
      {
        offset: { line: 100, column: 0 },
        map: { version: 3, sources: ["/var/task/lib/a.js"], names: [], mappings: "AAEA" },
      },
    ],
  };
  const bundle = load(JSON.stringify(index));
  expect(bundle.position(101, 1)).toBe("/var/task/lib/a.js:3:1");
  expect(bundle.position(2, 1)).toBe("/var/task/index.js:1:1");
});

it("is made without parsing its map: most are never asked for", () => {
  expect(() => load("{ broken")).not.toThrow();
});
