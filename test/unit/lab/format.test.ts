import { expect, test } from "vitest";
import { digits, formatMs, formatSize, formatTarget, formatUsd } from "../../../src/lab/format.ts";

test("formatMs() shows three digits that matter, and never 1,000 ms", () => {
  expect([0.0421, 8.417, 9.996, 13.12, 99.96, 172.4, 999.6, 12_345].map(formatMs)).toEqual([
    "0.042 ms",
    "8.42 ms",
    "10.0 ms",
    "13.1 ms",
    "100 ms",
    "172 ms",
    "1.00 s",
    "12.3 s",
  ]);
});

test("digits() separates thousands, and shows a dash for what is no number", () => {
  expect([12_345, Number.NaN, -2.5].map(digits)).toEqual(["12,345", "–", "-2.50"]);
});

test("formatUsd() keeps two digits that matter, however small", () => {
  expect([12.4, 1, 0.42, 0.0000021, 0].map(formatUsd)).toEqual([
    "$12.40",
    "$1.00",
    "$0.42",
    "$0.0000021",
    "$0.00",
  ]);
});

test("sizes and targets carry their unit", () => {
  expect(formatSize(1_260_000)).toBe("1.26 MB");
  expect(formatSize(400)).toBe("400 B");
  expect(formatTarget({ atMost: 0.18 }, "×")).toBe("≤ 0.18 ×");
  expect(formatTarget({ atLeast: 90 }, "%")).toBe("≥ 90 %");
});
