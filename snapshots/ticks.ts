import { type ContextRunner, captureContext } from "./async-context.ts";
import { primordials } from "./bridge.ts";
import { assertCallback } from "./timer-arguments.ts";

/** process.nextTick and queueMicrotask: what runs at the end of a turn, without the host. */
const { ReflectApply } = primordials;

type Callback = (...args: unknown[]) => void;

interface Tick {
  readonly callback: Callback;
  readonly args: unknown[];
  readonly context: ContextRunner;
}

let ticks: Tick[] = [];
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
  assertCallback(callback);
  ticks[ticks.length] = { callback, args, context: captureContext("TickObject") };
  if (isDraining || isScheduled) return;
  isScheduled = true;
  inMicrotask(runTicks);
}

/** Called at the end of the synchronous part of each turn, before microtasks run. One that throws does not stop those behind it. */
export function runTicks(): void {
  isScheduled = false;
  if (isDraining) return;
  isDraining = true;
  try {
    while (ticks.length > 0) {
      const batch = ticks;
      ticks = [];
      for (let index = 0; index < batch.length; index++) {
        const { callback, args, context } = batch[index]!;
        try {
          context(callback, undefined, args);
        } catch (error) {
          keepRest(batch, index + 1);
          reportUncaught(error);
          break;
        }
      }
    }
  } finally {
    isDraining = false;
  }
}

function keepRest(batch: readonly Tick[], from: number): void {
  const rest: Tick[] = [];
  for (let index = from; index < batch.length; index++) rest[rest.length] = batch[index]!;
  for (let index = 0; index < ticks.length; index++) rest[rest.length] = ticks[index]!;
  ticks = rest;
}

/** queueMicrotask: an exception of the callback is an uncaught one, not an unhandled rejection of ours. */
export function queueMicrotask(callback: unknown): void {
  assertCallback(callback);
  const context = captureContext("Microtask");
  inMicrotask(() => context(callback, undefined, []));
}
