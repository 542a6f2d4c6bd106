import { describe, expect, it } from "vitest";
import {
  expectationOf,
  readExpectations,
  regressionsOf,
  writeExpectations,
} from "../../conformance/expected.ts";
import type { FileResult, Subtest } from "../../conformance/result.ts";

const result = (...subtests: Subtest[]): FileResult => ({ state: "ok", message: "", subtests });

describe("expected results", () => {
  it("are the same after they were written and read", () => {
    const many = Array.from({ length: 100 }, (_, index): Subtest => [`n${index}`, 0]);
    const files = new Map([
      ["url/a.any.js?1-10", expectationOf(result(["x", 1], ["line\nbreak", 0], ["same", 0], ["same", 0]))],
      ["url/b.any.js", expectationOf(result(["x", 1], ...many))],
      ["url/c.any.js", { ...expectationOf(result()), state: "timeout" as const }],
    ]);
    const text = writeExpectations(files);
    expect(text).toBe(
      "1 ok url/a.any.js?1-10\n  line\\u000abreak\n  same\n  same #2\n1 ok url/b.any.js (100 fail)\n0 timeout url/c.any.js\n",
    );
    expect(readExpectations(text)).toEqual(files);
    expect(() => readExpectations("<<<<<<< HEAD\n")).toThrow('Cannot read expected results: "<<<<<<< HEAD"');
  });

  it("tell what passed and does not any more, and nothing else", () => {
    const expected = expectationOf(result(["a", 1], ["b", 1], ["c", 0]));
    const regressions = (...subtests: Subtest[]) =>
      regressionsOf("f", expected, expectationOf(result(...subtests)));
    expect(regressions(["a", 1], ["b", 1], ["c", 0])).toEqual([]);
    expect(regressions(["a", 1], ["b", 1], ["c", 1], ["new", 1])).toEqual([]);
    expect(regressions(["a", 1], ["b", 0], ["c", 1])).toEqual(["f: b"]);
    expect(regressions(["a", 1], ["c", 0])).toEqual(["f: 1 pass (ok), and 2 did"]);
    expect(regressionsOf("f", expected, undefined)).toEqual(["f: was not run, and 2 passed"]);
  });

  it("count what is too much to name", () => {
    const many = Array.from({ length: 100 }, (_, index): Subtest => [`n${index}`, 0]);
    const expected = expectationOf(result(["a", 1], ...many));
    expect(regressionsOf("f", expected, expectationOf(result(["a", 1], ["b", 0])))).toEqual([]);
    expect(regressionsOf("f", expected, expectationOf(result(["a", 0], ...many)))).toEqual([
      "f: 0 pass (ok), and 1 did",
    ]);
  });
});
