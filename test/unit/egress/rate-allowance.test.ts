import { expect, test } from "vitest";
import { RateAllowance } from "../../../src/egress/rate-allowance.ts";

test("allows a burst, then so many a second, and what costs more takes more of it", () => {
  let nowMs = 0;
  const allowance = new RateAllowance(2, 4, () => nowMs);
  allowance.take("Cannot try", 3);
  allowance.take("Cannot try");
  expect(() => allowance.take("Cannot try")).toThrow("Cannot try: an environment may do so 2 times a second");
  nowMs += 500;
  allowance.take("Cannot try");
  nowMs += 1000;
  expect(() => allowance.take("Cannot try", 3)).toThrow("times a second");
  allowance.take("Cannot try", 2);
});

test("what costs more than a burst takes a whole one", () => {
  let nowMs = 0;
  const allowance = new RateAllowance(1, 4, () => nowMs);
  allowance.take("Cannot try", 100);
  nowMs += 3999;
  expect(() => allowance.take("Cannot try", 100)).toThrow();
  nowMs += 1;
  allowance.take("Cannot try", 100);
});
