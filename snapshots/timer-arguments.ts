import { requireInternal } from "./registry.ts";

/** What timers, immediates and ticks are given. */
type Callback = (...args: unknown[]) => void;
type NodeErrors = typeof import("./node/internal/errors.ts");

const longestDelayMs = 2 ** 31 - 1;

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
  if (delay !== undefined && !(delayMs >= 0 && delayMs < 1)) warnOfDelay(delayMs);
  return 1;
}

let warnedOfNegative = false;
let warnedOfNaN = false;

function warnOfDelay(delayMs: number): void {
  const setTo = "\nTimeout duration was set to 1.";
  if (delayMs > longestDelayMs) {
    warn(`${delayMs} does not fit into a 32-bit signed integer.${setTo}`, "TimeoutOverflowWarning");
  } else if (delayMs < 0) {
    if (!warnedOfNegative) warn(`${delayMs} is a negative number.${setTo}`, "TimeoutNegativeWarning");
    warnedOfNegative = true;
  } else {
    if (!warnedOfNaN) warn(`${delayMs} is not a number.${setTo}`, "TimeoutNaNWarning");
    warnedOfNaN = true;
  }
}

function warn(message: string, type: string): void {
  const process = requireInternal("node:process") as { emitWarning(message: string, type: string): void };
  process.emitWarning(message, type);
}
