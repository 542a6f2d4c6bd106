import { describe, expect, it } from "vitest";
import { TimeBudget } from "../../../src/host/limits.ts";

/** Turns are stopped on common moments of this distance. */
const alignmentMs = 50;

describe("TimeBudget.exceeded()", () => {
  it("fires the timeout at the deadline, not before", () => {
    const budget = new TimeBudget(1000, 300, 10_000);
    expect(budget.deadlineMs).toBe(1300);
    expect(budget.exceeded(1299.999)).toBeUndefined();
    expect(budget.exceeded(1300)).toBe("timedOut");
  });

  it("fires CPU time once the turns together used it", () => {
    const budget = new TimeBudget(0, 60_000, 100);
    for (let turn = 0; turn < 9; turn++) budget.charge(10);
    budget.charge(9.9);
    expect(budget.exceeded(1000)).toBeUndefined();
    budget.charge(0.1);
    expect(budget.exceeded(1000)).toBe("cpuTimeExceeded");
  });

  it("names the timeout when both have fired: its text is Lambda's", () => {
    const budget = new TimeBudget(0, 100, 100);
    budget.charge(100);
    expect(budget.exceeded(100)).toBe("timedOut");
  });
});

describe("TimeBudget.turn()", () => {
  it("is limited by the deadline where that comes first", () => {
    const turn = new TimeBudget(0, 1000, 5000).turn(400);
    expect(turn).toEqual({ timeoutMs: 600, limit: "timedOut" });
  });

  it("is limited by CPU time where that ends first, with half of it again for a busy machine", () => {
    const turn = new TimeBudget(0, 60_000, 1000).turn(0);
    expect(turn).toEqual({ timeoutMs: 1550, limit: "cpuTimeExceeded" });
  });

  it("leaves less to the next turn", () => {
    const budget = new TimeBudget(0, 60_000, 1000);
    budget.charge(900);
    expect(budget.turn(0)).toEqual({ timeoutMs: 200, limit: "cpuTimeExceeded" });
  });

  it.each([0, 0.4, 1, 49.9, 50, 123_456.789])(
    "at %d ms ends on a common moment, never early and less than one such distance late",
    (nowMs) => {
      for (const timeoutMs of [1, 49, 50, 51, 3000]) {
        const turn = new TimeBudget(nowMs, timeoutMs, 900_000).turn(nowMs);
        const endMs = nowMs + turn.timeoutMs;
        expect(Number.isInteger(turn.timeoutMs)).toBe(true);
        expect(endMs).toBeGreaterThanOrEqual(nowMs + timeoutMs);
        expect(endMs).toBeLessThan(nowMs + timeoutMs + alignmentMs + 1);
        // A timer takes whole milliseconds, so the moment is met to within one.
        expect(endMs % alignmentMs).toBeLessThan(1);
      }
    },
  );

  it("gives at least 1 ms when nothing is left, since isolated-vm takes 0 for no limit", () => {
    const late = new TimeBudget(0, 100, 1000);
    expect(late.turn(100_000).timeoutMs).toBeGreaterThanOrEqual(1);
    const used = new TimeBudget(0, 60_000, 100);
    used.charge(1_000_000);
    expect(used.turn(0).timeoutMs).toBeGreaterThanOrEqual(1);
  });
});
