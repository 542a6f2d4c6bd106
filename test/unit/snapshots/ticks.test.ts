import { beforeEach, describe, expect, it } from "vitest";
import * as ticks from "../../../snapshots/ticks.ts";

let order: string[] = [];
const push = (name: string) => () => void order.push(name);
beforeEach(() => {
  order = [];
});

describe("nextTick()", () => {
  it("runs before promise callbacks at the end of a turn, and those that it sets itself as well", async () => {
    void Promise.resolve().then(push("promise"));
    ticks.nextTick((name: string) => {
      order.push(name);
      ticks.nextTick(push("tick in tick"));
    }, "tick");
    ticks.nextTick(push("tick 2"));
    ticks.runTicks();
    await Promise.resolve();
    expect(order).toEqual(["tick", "tick 2", "tick in tick", "promise"]);
  });

  it("goes on with the rest after one that throws", () => {
    ticks.nextTick(() => {
      throw new Error("mine");
    });
    ticks.nextTick(push("rest"));
    expect(() => ticks.runTicks()).toThrow("mine");
    ticks.runTicks();
    expect(order).toEqual(["rest"]);
  });
});

describe("queueMicrotask()", () => {
  it("reports what its callback throws as uncaught, not as a rejection", async () => {
    const uncaught: unknown[] = [];
    ticks.onUncaught((error) => uncaught.push(error));
    const mine = new Error("mine");
    ticks.queueMicrotask(() => {
      throw mine;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(uncaught).toEqual([mine]);
  });
});
