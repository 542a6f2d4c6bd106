import { beforeEach, describe, expect, it } from "vitest";
import { bindHost } from "../../../snapshots/bridge.ts";
import * as loop from "../../../snapshots/loop.ts";
import * as errors from "../../../snapshots/node/internal/errors.ts";
import * as timerWarnings from "../../../snapshots/node/internal/timer-warnings.ts";
import { provideInternal } from "../../../snapshots/registry.ts";

/** The host's side: a clock that the test moves, and the last wake-up that was asked for. */
let nowMs = 0;
let wake = { delayMs: -1, isAlive: false };

bindHost((operation, ...args) => {
  if (operation === "clock.monotonic") return nowMs;
  if (operation === "timer.wake") wake = { delayMs: args[0] as number, isAlive: args[1] as boolean };
  return undefined;
});

provideInternal("brisk:node/internal/errors", errors);
provideInternal("brisk:node/internal/timer-warnings", timerWarnings);
provideInternal("node:process", {
  default: { emitWarning: (message: string, type: string) => warnings.push([type, message]) },
});
const warnings: string[][] = [];

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

  it("ask for another wake-up when one came too early", () => {
    loop.setTimeout(push("a"), 5);
    wake = { delayMs: -1, isAlive: false };
    nowMs += 4.7;
    expect(loop.runTimers()).toBe(false);
    expect([order, wake.isAlive]).toEqual([[], true]);
    expect(wake.delayMs).toBeCloseTo(0.3);
    expect(runUntil(nowMs + 0.3)).toEqual(["a"]);
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

  it("warn of a delay that is none: of each that is too long, and once of the others", () => {
    expect(warnings).toEqual([
      ["TimeoutNegativeWarning", "-5 is a negative number.\nTimeout duration was set to 1."],
      ["TimeoutNaNWarning", "NaN is not a number.\nTimeout duration was set to 1."],
      ...[Infinity, 2 ** 31].map((delay) => [
        "TimeoutOverflowWarning",
        `${delay} does not fit into a 32-bit signed integer.\nTimeout duration was set to 1.`,
      ]),
    ]);
  });

  it("of the same whole millisecond run by their age", () => {
    for (const delay of [1, 1.8, 1.1, 1]) loop.setTimeout(push(String(delay)), delay);
    expect(runUntil(nowMs + 2)).toEqual(["1", "1.8", "1.1", "1"]);
  });

  it("say what became of them, and are what code makes of them", () => {
    const done = loop.setTimeout(() => {}, 1);
    const cleared = loop.setTimeout(push("cleared"), 1);
    loop.clearTimeout(cleared);
    const repeated = loop.setTimeout(push("repeated"), 1);
    repeated._repeat = 3;
    const emptied = loop.setInterval(push("emptied"), 1);
    emptied._onTimeout = null;
    const immediate = loop.setImmediate(push("immediate"));
    loop.clearTimeout(immediate);
    loop.clearImmediate(repeated);
    expect(loop.activeTimers()).toEqual(["Timeout", "Timeout", "Timeout", "Immediate"]);
    expect(runUntil(nowMs + 1)).toEqual(["repeated", "immediate"]);
    runUntil(nowMs + 3);
    expect([done, cleared, repeated, emptied, immediate].map((one) => one._destroyed)).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
    loop.clearTimeout(`${repeated}`);
    expect([repeated._destroyed, loop.activeTimers()]).toEqual([true, []]);
  });

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
    expect(seen.map((one) => handles.indexOf(one as never))).toEqual([0, 1, 2]);
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

  it("of one round all run before timers that became due meanwhile, and before those that they set", () => {
    const startMs = nowMs;
    loop.setImmediate(() => {
      nowMs = startMs + 5;
      loop.setImmediate(push("next round"));
    });
    loop.setImmediate(push("same round"));
    loop.clearImmediate(loop.setImmediate(push("cleared")));
    loop.setTimeout(push("timer"), 5);
    expect(runUntil(startMs)).toEqual(["same round", "timer", "next round"]);
  });
});
