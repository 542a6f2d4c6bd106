import { primordials } from "./bridge.ts";

/** process.nextTick and queueMicrotask: what runs at the end of a turn, without the host. */
const { ReflectApply } = primordials;

type Callback = (...args: unknown[]) => void;

let ticks: { callback: Callback; args: unknown[] }[] = [];
let isDraining = false;
let isScheduled = false;
let reportUncaught = (error: unknown): void => {
  throw error;
};

/** Who hears of what a callback of ours throws inside of a microtask, where it would pass for a rejection. */
export function onUncaught(report: (error: unknown) => void): void {
  reportUncaught = report;
}

function inMicrotask(callback: () => void): void {
  ReflectApply(primordials.promiseThen, primordials.Promise.resolve(), [
    () => {
      try {
        callback();
      } catch (error) {
        reportUncaught(error);
      }
    },
  ]);
}

/** process.nextTick: before promise callbacks at the end of a turn, among them when called from one. */
export function nextTick(callback: unknown, ...args: unknown[]): void {
  if (typeof callback !== "function") {
    throw new primordials.TypeError('The "callback" argument must be of type function.');
  }
  ticks[ticks.length] = { callback: callback as Callback, args };
  if (isDraining || isScheduled) return;
  isScheduled = true;
  inMicrotask(runTicks);
}

/** Called at the end of the synchronous part of each turn, before microtasks run. */
export function runTicks(): void {
  isScheduled = false;
  if (isDraining) return;
  isDraining = true;
  try {
    while (ticks.length > 0) {
      const batch = ticks;
      ticks = [];
      for (let index = 0; index < batch.length; index++) {
        const tick = batch[index]!;
        try {
          ReflectApply(tick.callback, undefined, tick.args);
        } catch (error) {
          const rest: typeof ticks = [];
          for (let left = index + 1; left < batch.length; left++) rest[rest.length] = batch[left]!;
          for (let left = 0; left < ticks.length; left++) rest[rest.length] = ticks[left]!;
          ticks = rest;
          throw error;
        }
      }
    }
  } finally {
    isDraining = false;
  }
}

/** queueMicrotask: an exception of the callback is an uncaught one, not an unhandled rejection of ours. */
export function queueMicrotask(callback: unknown): void {
  if (typeof callback !== "function") {
    throw new primordials.TypeError('The "callback" argument must be of type function.');
  }
  inMicrotask(callback as Callback);
}
