import { requireInternal } from "../../registry.ts";
import { longestDelayMs } from "../../timer-arguments.ts";

let warnedOfNegative = false;
let warnedOfNaN = false;

/** A delay that no timer can have: each that is too long is warned of, and the first of the others. */
export function warnOfDelay(delayMs: number): void {
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
