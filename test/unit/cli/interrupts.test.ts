import { expect, test } from "vitest";
import { createInterrupts } from "../../../src/cli/interrupts.ts";

test("one Ctrl-C that arrives twice is the first, a later one the second", async () => {
  let nowMs = 0;
  let signal = (): void => {};
  const interrupts = createInterrupts(
    (listener) => {
      signal = listener;
    },
    { now: () => nowMs, monotonicMs: () => nowMs },
  );
  const order: string[] = [];
  void interrupts.first.then(() => order.push("first"));
  void interrupts.second.then(() => order.push("second"));
  signal();
  nowMs = 5;
  signal();
  await interrupts.first;
  await Promise.resolve();
  expect(order).toEqual(["first"]);
  nowMs = 1000;
  signal();
  await interrupts.second;
  expect(order).toEqual(["first", "second"]);
});
