import type { GuestIsolate } from "./guest-isolate.ts";

/** How often the memory of a busy environment is looked at, ms: a look costs as much as a small invocation. */
const lookMs = 100;

/** What an isolate holds in memory, as of a short while ago. */
export class MemoryGauge {
  #bytes = 0;
  #readMs = Number.NEGATIVE_INFINITY;

  /** @param isolate May be asked from within a turn of its own: it is ours on this thread. */
  read(isolate: GuestIsolate, nowMs: number): number {
    if (nowMs - this.#readMs >= lookMs && !isolate.isDisposed) {
      this.#readMs = nowMs;
      this.#bytes = isolate.memoryBytes();
    }
    return this.#bytes;
  }
}
