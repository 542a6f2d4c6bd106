import { expect, test } from "vitest";
import { toFacts, toTable } from "../../../src/cli/table.ts";

test("columns are as wide as their widest cell, and no line ends in spaces", () => {
  expect(
    toTable(
      ["A", "LONGER", "C"],
      [
        ["wide cell", "b"],
        ["", "", "c"],
      ],
    ),
  ).toEqual(["A          LONGER  C", "wide cell  b", "                   c"]);
  expect(
    toFacts([
      ["State", "Active"],
      ["Id", "1"],
    ]),
  ).toEqual(["State  Active", "Id     1"]);
  expect(toFacts([])).toEqual([]);
});

test("what a function says cannot break a line or steer the terminal", () => {
  expect(toFacts([["Reason", "one\r\ntwo\u001b[2J\u009bthree\tfour"]])).toEqual([
    "Reason  one two [2J three four",
  ]);
});
