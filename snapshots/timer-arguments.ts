import { requireInternal } from "./registry.ts";

/** What timers, immediates and ticks are given. */
type Callback = (...args: unknown[]) => void;
type NodeErrors = typeof import("./node/internal/errors.ts");
type TimerWarnings = typeof import("./node/internal/timer-warnings.ts");

export const longestDelayMs = 2 ** 31 - 1;

/** @throws {TypeError} As Node words it. */
export function assertCallback(callback: unknown): asserts callback is Callback {
  if (typeof callback === "function") return;
  const errors: NodeErrors = requireInternal("brisk:node/internal/errors") as NodeErrors;
  errors.assertFunction(callback, "callback");
}

/** Whole milliseconds, so that timers of one time run by their age. What is no time of a timer is 1, and warned of as in Node. */
export function delayOf(delay: unknown): number {
  const delayMs = +(delay as number);
  if (delayMs >= 1 && delayMs <= longestDelayMs) return delayMs - (delayMs % 1);
  if (delay !== undefined && !(delayMs >= 0 && delayMs < 1)) {
    (requireInternal("brisk:node/internal/timer-warnings") as TimerWarnings).warnOfDelay(delayMs);
  }
  return 1;
}
