import { expect, test } from "vitest";
import { benchTable, tuneTable } from "../../../src/lab/terminal-table.ts";
import { sampleRun, sampleTuneRun } from "./sample-run.ts";

const plainly = { style: (_: string, text: string) => text };
const wide = { ...plainly, columns: 160 };

/** The lines of the app's table, its head first. */
function appTable(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => /^(<bold>)?1\.2 MB app/.test(line));
  return lines.slice(from + 1, lines.indexOf("", from));
}

test("strategies stand side by side, with interval, percentiles, ratio, CPU, memory and the second call", () => {
  const [head, ...rows] = appTable(benchTable(sampleRun(), wide));
  expect(head).toMatch(/^strategy +median +95% CI +p95 +p99 +× init +CPU +memory +2nd call +failed$/);
  for (const name of ["Node process", "workerd Worker Loader", "init", "code cache", "snapshot + warm-up"]) {
    expect(rows.some((row) => row.startsWith(`${name}  `))).toBe(true);
  }
  const init = rows.find((row) => row.startsWith("init "))!.split(/ {2,}/);
  expect(init[5]).toBe("1");
  const snapshot = rows.find((row) => row.startsWith("snapshot + warm-up"))!.split(/ {2,}/);
  expect(Number(snapshot[5])).toBeCloseTo(0.15, 1);
});

test("what did not run is said with its reason, what failed with its message and number", () => {
  const text = benchTable(sampleRun(), wide).join("\n");
  expect(text).toContain("not run: Deno process: deno is not installed (npm i deno)");
  expect(text).toContain("failed: workerd Worker Loader (1 ×): socket hang up");
});

test("a burst and a heap's sizes have their lines, a promise its mark and its interval", () => {
  const text = benchTable(sampleRun(), wide).join("\n");
  expect(text).toMatch(/50 × snapshot \+ warm-up +12\.\d ms/);
  expect(text).toMatch(/live objects +50\.0 MB +45\.0 MB/);
  expect(text).toMatch(
    /✓ 1\.2 MB app: snapshot with warm-up over init: 0\.15\d × \(0\.1\d+–0\.1\d+\), promised ≤ 0\.18 ×/,
  );
  expect(text).toContain("✗ The base heap adds to a restore: 0.710 ms, promised ≤ 0.6 ms");
  expect(text).toContain("? Tiny function: over workerd's Worker Loader: not measured, promised ≤ 0.45 ×");
});

test.each([200, 100, 80, 60, 40, 32])("no line is wider than a terminal of %i columns", (columns) => {
  const lines = [
    ...benchTable(sampleRun(), { ...plainly, columns }),
    ...tuneTable(sampleTuneRun(), { ...plainly, columns }),
  ];
  // A message is cut at spaces only: a path in it can still be copied.
  const tooWide = lines.filter((line) => line.length > columns && line.trim().includes(" "));
  expect(tooWide).toEqual([]);
});

test("a narrow terminal keeps the median and the ratio longest", () => {
  const [head] = appTable(benchTable(sampleRun(), { ...plainly, columns: 50 }));
  expect(head).toMatch(/^strategy +median +× init/);
});

test("p99 of fewer than a hundred starts is marked as thin", () => {
  expect(benchTable(sampleRun({ runs: 30 }), wide).join("\n")).toContain("~p99");
  expect(benchTable(sampleRun(), wide).join("\n")).not.toContain("~p99");
});

test("a name cannot send the terminal an escape sequence", () => {
  const run = sampleRun();
  const [first] = run.workloads;
  const hostile = { ...run, workloads: [{ ...first!, label: "\u001b]0;owned\u0007fn\u009b2J" }] };
  expect(benchTable(hostile, wide).join("")).not.toMatch(/[\u001b\u0007\u009b]/);
});

test("colour marks what is surely faster than the baseline, a missed promise and a failure; the rest says it in words", () => {
  const styled = benchTable(sampleRun(), { columns: 160, style: (style, text) => `<${style}>${text}</>` });
  const rows = appTable(styled);
  expect(rows.find((row) => row.startsWith("snapshot + warm-up"))).toMatch(/<green> +0\.15\d<\/>/);
  expect(rows.find((row) => row.startsWith("node:vm"))).not.toContain("<green>");
  expect(styled.join("\n")).toContain("<red>✗</>");
});

test("a strategy of which every start failed has dashes, not NaN", () => {
  const run = sampleRun();
  const workload = run.workloads[0]!;
  const results = workload.results.map((result) =>
    result.strategy === "snapshot"
      ? { ...result, starts: [], failures: [{ message: "no", count: 9 }] }
      : result,
  );
  const text = benchTable({ ...run, workloads: [{ ...workload, results }] }, wide).join("\n");
  expect(text).toMatch(/^snapshot +– +– +– +–/m);
  expect(text).not.toContain("NaN");
});

test("brisk tune shows what each memory size costs, and which is fastest and cheapest", () => {
  const lines = tuneTable(sampleTuneRun(), wide);
  expect(lines[0]).toBe("resize-image");
  expect(lines.find((line) => line.includes("3008 MB"))).toContain("fastest");
  expect(lines.filter((line) => line.includes("cheapest"))).toHaveLength(1);
});
