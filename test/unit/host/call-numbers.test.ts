import { expect, test } from "vitest";
import { CallNumbers } from "../../../src/host/call-numbers.ts";

test("an environment's calls have numbers that the one before it did not use, with the same sign", () => {
  const numbers = new CallNumbers(7);
  expect([1, 2, -3].map((call) => numbers.toOthers(call))).toEqual([8, 9, -10]);
  expect([8, 9, -10].map((call) => numbers.toOwn(call))).toEqual([1, 2, -3]);
});

test("answers to calls of the one before are nobody's", () => {
  const numbers = new CallNumbers(7);
  expect([1, 7, -7].map((call) => numbers.toOwn(call))).toEqual([undefined, undefined, undefined]);
});
