import { Worker } from "node:worker_threads";

/**
 * Lets a second thread see in which invocation's turn the host's only thread is, so that the supervisor learns of
 * a long turn while it lasts. The thread reads shared memory and writes to a pipe of its own: a guest that keeps
 * the main thread busy can't keep it from doing so.
 *
 * Slots: 0 counts turn starts and ends (odd: inside a turn); 1 the invocation of that turn; 2 the last invocation
 * that was started; 3 the number of the thread's last report; 4 the invocation of the turn that it reported.
 */
export class TurnWatch {
  readonly #slots: Int32Array;
  readonly #thread: Worker | undefined;
  #seenReport = 0;
  #takenReport = 0;
  #onlyInits = true;

  /** @param fd Where reports are written. Without one nothing is watched. */
  constructor(fd?: number) {
    this.#slots = new Int32Array(new SharedArrayBuffer(20));
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
    this.#look();
  }

  /**
   * The host is about to start an invocation. False when a report came just now, which may or may not count it as
   * started: then it is not, and the supervisor is to be told so.
   */
  starts(invocation: number): boolean {
    const slots = this.#slots;
    const before = slots[2]!;
    // A cold start's waits for its init, so later ones may have been started before it. They wrap around at 2 ** 31.
    if (invocation < before && before - invocation < 2 ** 30) return !this.#look();
    Atomics.store(slots, 2, invocation);
    if (!this.#look()) return true;
    Atomics.store(slots, 2, before);
    return false;
  }

  /** What was reported since the last call, if anything: the supervisor moves what waited behind such turns. */
  takeReport(): { number: number; onlyInits: boolean } | undefined {
    if (!this.#look()) return undefined;
    const onlyInits = this.#onlyInits;
    this.#onlyInits = true;
    this.#takenReport = this.#seenReport;
    return { number: this.#seenReport, onlyInits };
  }

  /** The highest number of an invocation that was started. */
  get lastStarted(): number {
    return this.#slots[2]!;
  }

  /** Whether there is a report that was not taken. */
  #look(): boolean {
    const slots = this.#slots;
    const report = Atomics.load(slots, 3);
    if (report !== this.#seenReport) {
      this.#seenReport = report;
      if (slots[4] !== 0) this.#onlyInits = false;
    }
    return report !== this.#takenReport;
  }
}
