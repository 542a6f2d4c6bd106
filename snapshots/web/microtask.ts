import { queueMicrotask } from "../ticks.ts";

export { queueMicrotask };

/** What a callback of the platform threw: nobody is there to catch it, so it becomes an uncaught exception. */
export function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
