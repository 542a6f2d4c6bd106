import { setTimeout } from "../../../loop.ts";
import { requireInternal } from "../../../registry.ts";
import { outOfRange } from "../errors.ts";

interface Timer {
  unref(): Timer;
  refresh(): Timer;
}

/** By a timer of the base, which a function cannot replace. */
export function setUnrefTimeout(callback: (...args: unknown[]) => void, delayMs: number): Timer {
  return setTimeout(callback, delayMs).unref();
}

export function reuseOrCreateUnrefTimeout(
  _timer: unknown,
  callback: (of: unknown) => void,
  delayMs: number,
  of: unknown,
): Timer {
  return setTimeout(callback, delayMs, of).unref();
}

interface Validators {
  validateNumber(value: unknown, name: string): void;
}

/** @throws {RangeError} It is none. */
export function getTimerDuration(ms: number, name: string): number {
  (requireInternal("library:internal/validators") as Validators).validateNumber(ms, name);
  if (ms < 0 || !Number.isFinite(ms)) throw outOfRange(name, "a non-negative finite number", ms);
  return Math.min(ms, TIMEOUT_MAX);
}

export const TIMEOUT_MAX = 2 ** 31 - 1;
export const kTimeout = Symbol("timeout");
