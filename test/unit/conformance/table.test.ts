import { describe, expect, it } from "vitest";
import type { FileResult, Subtest } from "../../conformance/result.ts";
import { type Compared, lost, markdownTable, rowsOf, textTable } from "../../conformance/table.ts";
import { withTables } from "../../conformance/write-docs.ts";

const result = (...subtests: Subtest[]): FileResult => ({ state: "ok", message: "", subtests });
const file = (
  group: string,
  brisk: FileResult,
  node: FileResult,
  suite: "wpt" | "node" = "wpt",
): Compared => ({
  suite,
  group,
  id: `${group}/x.any.js`,
  brisk,
  node,
});
const url = file(
  "url",
  result(["both", 1], ["brisk alone", 1], ["node alone", 0, "why"], ["same", 1], ["same", 0]),
  result(["both", 1], ["brisk alone", 0], ["node alone", 1], ["same", 1], ["same", 1], ["missing", 1]),
);

describe("the table", () => {
  it("counts what passes in both of what Node passes, and tells names that come twice apart", () => {
    expect(lost(url)).toEqual([
      ["node alone", "why"],
      ["same #2", ""],
      ["missing", "not reported"],
    ]);
    expect(rowsOf([url])).toEqual([
      { suite: "wpt", group: "url", files: 1, node: 5, both: 2, share: 0.4, aim: 0.98, brisk: 3 },
    ]);
  });

  it("rounds no share up to its aim, and marks what is below", () => {
    const subtests = (passing: number): Subtest[] =>
      Array.from({ length: 10_000 }, (_, index) => [`n${index}`, index < passing ? 1 : 0]);
    const row = rowsOf([file("url", result(...subtests(9_799)), result(...subtests(10_000)))]);
    expect(textTable(row)).toContain("97.9 %  98 % !");
    expect(rowsOf([file("webmessaging", result(), result())])[0]?.share).toBe(1);
  });

  it("stands in the page between its marks, and nowhere else", () => {
    const page =
      "before\n<!-- conformance: written by `npm run conformance -- --write-docs` -->\nformer\n<!-- /conformance -->\nafter\n";
    const rows = rowsOf([url, file("os", result(["exits with 0", 1]), result(["exits with 0", 1]), "node")]);
    const written = withTables(page, rows, new Map([["threads", 2]]));
    expect(written).toMatch(/^before\n<!-- conf.*\n[\s\S]*<!-- \/conformance -->\nafter\n$/);
    expect(written).toContain(markdownTable(rows, "node"));
    expect(written).toContain("| os | 1 | 1 | 1 | 100.0 % | 85 % |");
    expect(written).toContain("2 that need threads");
    expect(written).not.toContain("former");
    expect(withTables(written, rows, new Map([["threads", 2]]))).toBe(written);
    expect(() => withTables("no marks", rows, new Map())).toThrow(
      "Cannot write the tables of docs/compatibility.md",
    );
  });
});
