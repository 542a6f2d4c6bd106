import { Worker } from "node:worker_threads";

/**
 * Lets a second thread see in which invocation's turn the host's only thread is, so that the supervisor learns of
 * a long turn while it lasts. The thread reads shared memory and writes to a pipe of its own: a guest that keeps
 * the main thread busy can't keep it from doing so.
 *
 * Slots: 0 counts turn starts and ends (odd: inside a turn); 1 the invocation of that turn; 2 the last invocation
 * that was started; 3 the number of the thread's last report.
 */
export class TurnWatch {
  readonly #slots: Int32Array;
  readonly #thread: Worker | undefined;
  #seenReport = 0;

  /** @param fd Where reports are written. Without one nothing is watched. */
  constructor(fd?: number) {
    this.#slots = new Int32Array(new SharedArrayBuffer(16));
    if (fd === undefined) return;
    const url = new URL(
      import.meta.url.endsWith(".ts") ? "./watch-thread.ts" : "./watch-thread.js",
      import.meta.url,
    );
    this.#thread = new Worker(url, {
      workerData: { slots: this.#slots, fd },
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    this.#thread.unref();
  }

  turnStarts(invocation: number): void {
    const slots = this.#slots;
    slots[1] = invocation;
    Atomics.add(slots, 0, 1);
  }

  turnEnds(): void {
    Atomics.add(this.#slots, 0, 1);
  }

  /** Invocations are started in the order of their numbers. */
  started(invocation: number): void {
    this.#slots[2] = invocation;
  }

  /** The number of a report since the last call, if there was one: then the supervisor moved what waited behind that turn. */
  takeReport(): number | undefined {
    const report = this.#slots[3]!;
    if (report === this.#seenReport) return undefined;
    this.#seenReport = report;
    return report;
  }

  get lastStarted(): number {
    return this.#slots[2]!;
  }
}
