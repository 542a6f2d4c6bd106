import { GuestIsolate, type IsolatePhases } from "./guest-isolate.ts";
import type { GuestHeap } from "./heap.ts";
import type { TurnWatch } from "./turn-watch.ts";

/** How long after a cold start the next isolate is restored, ms: the invocation that waits goes first. */
const restockDelayMs = 1;

const nothing: IsolatePhases = { isolateMs: 0, contextMs: 0, bindMs: 0 };

/**
 * Keeps one isolate with the base heap restored ahead of need, of the memory size that was asked for last: restoring
 * is most of a small function's cold start, and depends on nothing that is known only then.
 */
export class IsolateStock {
  readonly #heap: GuestHeap;
  readonly #watch: TurnWatch;
  #ready: { isolate: GuestIsolate; memorySizeMb: number } | undefined;
  #isRestocking = false;

  constructor(heap: GuestHeap, watch: TurnWatch, memorySizeMb = 128) {
    this.#heap = heap;
    this.#watch = watch;
    this.#restock(memorySizeMb);
  }

  /** The isolate is the caller's. @returns It, and what the caller waited for. */
  take(memorySizeMb: number): { isolate: GuestIsolate; phases: IsolatePhases } {
    const ready = this.#ready;
    if (ready?.memorySizeMb === memorySizeMb) {
      this.#ready = undefined;
      this.#restock(memorySizeMb);
      return { isolate: ready.isolate, phases: nothing };
    }
    ready?.isolate.dispose();
    this.#ready = undefined;
    this.#restock(memorySizeMb);
    const isolate = new GuestIsolate(this.#heap, memorySizeMb, this.#watch);
    return { isolate, phases: isolate.phases };
  }

  #restock(memorySizeMb: number): void {
    if (this.#isRestocking) return;
    this.#isRestocking = true;
    setTimeout(() => {
      this.#isRestocking = false;
      if (this.#ready !== undefined) return;
      this.#ready = { isolate: new GuestIsolate(this.#heap, memorySizeMb, this.#watch), memorySizeMb };
    }, restockDelayMs);
  }
}
