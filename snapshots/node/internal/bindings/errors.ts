import { queueMicrotask } from "../../../ticks.ts";

/** As if it had been thrown where nobody catches. */
export function triggerUncaughtException(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

export const noSideEffectsToString = (value: unknown): string => String(value);
export const exitCodes = { kNoFailure: 0, kGenericUserError: 1 };
export const getErrorSourcePositions = (): undefined => undefined;
