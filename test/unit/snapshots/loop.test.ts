import { beforeEach, describe, expect, it } from "vitest";
import { bindHost } from "../../../snapshots/bridge.ts";
import * as loop from "../../../snapshots/loop.ts";

/** The host's side: a clock that the test moves, and the last wake-up that was asked for. */
let nowMs = 0;
let wake = { delayMs: -1, isAlive: false };

bindHost((operation, ...args) => {
  if (operation === "clock.monotonic") return nowMs;
  if (operation === "timer.wake") wake = { delayMs: args[0] as number, isAlive: args[1] as boolean };
  return undefined;
});

let order: string[] = [];
const push = (name: string) => () => void order.push(name);
/** Turns of the host's at this time, until nothing is due. */
function runUntil(ms: number): string[] {
  nowMs = ms;
  while (loop.runTimers());
  return order;
}

beforeEach(() => {
  runUntil(nowMs + 1e9);
  order = [];
});

describe("timers", () => {
  it("run in the order in which they are due, and among equals in that of their age", () => {
    const startMs = nowMs;
    for (const [name, ms] of [
      ["d", 20],
      ["b", 10],
      ["a", 5],
      ["c", 10],
    ] as const)
      loop.setTimeout(push(name), ms);
    expect(wake).toEqual({ delayMs: 5, isAlive: true });
    expect(runUntil(startMs + 9)).toEqual(["a"]);
    expect(runUntil(startMs + 20)).toEqual(["a", "b", "c", "d"]);
    expect(wake).toEqual({ delayMs: -1, isAlive: false });
  });

  it("take one callback a turn, so that microtasks run between two", () => {
    loop.setTimeout(push("a"), 1);
    loop.setTimeout(push("b"), 1);
    nowMs += 1;
    expect(loop.runTimers()).toBe(true);
    expect(order).toEqual(["a"]);
    expect(loop.runTimers()).toBe(false);
    expect(order).toEqual(["a", "b"]);
  });

  it.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "soon", undefined])(
    "with a delay of %s run after 1 ms, as in Node",
    (delay) => {
      loop.setTimeout(push("a"), delay);
      expect(wake.delayMs).toBe(1);
    },
  );

  it("that are unref'd don't keep the event loop alive, and still run", () => {
    const timer = loop.setTimeout(push("a"), 5).unref();
    expect([timer.hasRef(), wake]).toEqual([false, { delayMs: 5, isAlive: false }]);
    loop.setTimeout(push("b"), 10);
    expect(wake).toEqual({ delayMs: 5, isAlive: true });
    timer.ref();
    expect(runUntil(nowMs + 10)).toEqual(["a", "b"]);
  });

  it("that were cleared don't run, by object, by number, or from an earlier callback", () => {
    const later = loop.setTimeout(push("later"), 10);
    loop.setTimeout(() => loop.clearTimeout(later), 5);
    loop.clearTimeout(loop.setTimeout(push("by object"), 1));
    loop.clearTimeout(Number(loop.setTimeout(push("by number"), 1)));
    for (const nothing of [undefined, null, {}, -1, "x"]) loop.clearTimeout(nothing);
    expect(runUntil(nowMs + 20)).toEqual([]);
  });

  it("repeat from the time at which they ran, until they are cleared", () => {
    const startMs = nowMs;
    const timer = loop.setInterval(push("tick"), 10);
    runUntil(startMs + 10);
    runUntil(startMs + 35);
    runUntil(startMs + 44);
    expect(order).toEqual(["tick", "tick"]);
    runUntil(startMs + 45);
    timer.close();
    expect(runUntil(startMs + 1000)).toEqual(["tick", "tick", "tick"]);
  });

  it("are what their callbacks have as `this`, which may clear them", () => {
    const seen: unknown[] = [];
    const once = function (this: unknown) {
      seen.push(this);
      loop.clearTimeout(this);
    };
    const handles = [loop.setInterval(once, 10), loop.setTimeout(once, 20), loop.setImmediate(once)];
    runUntil(nowMs + 100);
    expect(seen).toEqual([handles[2], handles[0], handles[1]]);
  });

  it("refuse what is no function, with Node's code", () => {
    expect(() => loop.setTimeout("code", 1)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
    );
  });

  it("whose callback throws don't stop those behind them", () => {
    loop.setTimeout(() => {
      throw new Error("mine");
    }, 1);
    loop.setTimeout(push("b"), 1);
    nowMs += 1;
    expect(() => loop.runTimers()).toThrow("mine");
    expect(wake.delayMs).toBe(0);
    expect(runUntil(nowMs)).toEqual(["b"]);
  });
});

describe("immediates", () => {
  it("run behind timers that are due, in the order in which they were set", () => {
    loop.setImmediate(push("immediate 1"));
    loop.setImmediate(push("immediate 2"));
    loop.setTimeout(push("timer"), 1);
    expect(wake.delayMs).toBe(0);
    expect(runUntil(nowMs + 1)).toEqual(["timer", "immediate 1", "immediate 2"]);
  });
});
