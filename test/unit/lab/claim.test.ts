import { expect, test } from "vitest";
import { claim, ratioClaim } from "../../../src/lab/claim.ts";
import { countFailures } from "../../../src/lab/failures.ts";

test("claim() is met up to and with its target, in both directions", () => {
  const met = (value: number | null, target: { atMost: number } | { atLeast: number }) =>
    claim({ label: "x", unit: "ms", value, target }).isMet;
  expect(met(0.18, { atMost: 0.18 })).toBe(true);
  expect(met(0.19, { atMost: 0.18 })).toBe(false);
  expect(met(90, { atLeast: 90 })).toBe(true);
  expect(met(89, { atLeast: 90 })).toBe(false);
  expect(met(null, { atMost: 1 })).toBeNull();
});

test("ratioClaim() is the ratio of the medians with its interval, and not measured without one of both", () => {
  const options = { seed: 1 };
  const input = { label: "x", target: { atMost: 0.5 } };
  const made = ratioClaim({ ...input, of: [10, 12, 11], over: [20, 22, 24] }, options);
  expect(made).toMatchObject({ value: 0.5, unit: "×", isMet: true });
  expect(made.interval!.low).toBeLessThan(0.5);
  expect(made.interval!.high).toBeGreaterThan(0.5);
  expect(
    ratioClaim({ ...input, of: [1], over: null, note: "workerd is not installed" }, options),
  ).toMatchObject({ value: null, isMet: null, note: "workerd is not installed" });
  expect(ratioClaim({ ...input, of: [], over: [1] }, options).value).toBeNull();
});

test("countFailures() counts equal messages, and folds what is too much to read", () => {
  expect(countFailures([new Error("b"), new Error("a"), new Error("a"), "c"])).toEqual([
    { message: "a", count: 2 },
    { message: "b", count: 1 },
    { message: "c", count: 1 },
  ]);
  const many = countFailures(Array.from({ length: 40 }, (_, index) => new Error(`port ${index}`)));
  expect(many).toHaveLength(10);
  expect(many.at(-1)).toEqual({ message: "31 other messages", count: 31 });
});
