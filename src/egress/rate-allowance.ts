import { OperationError } from "../model/values.ts";

/** So many a second on average, and a burst of them at once: what one environment may begin. */
export class RateAllowance {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #left: number;
  #atMs: number;

  /** @param now Milliseconds that only grow. */
  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
    this.#left = burst;
    this.#atMs = now();
  }

  /** @param what As in "Cannot connect". @throws {OperationError} ELIMIT */
  take(what: string): void {
    const nowMs = this.#now();
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    if (this.#left < 1) {
      throw new OperationError(
        "ELIMIT",
        `${what}: an environment may do so ${this.#perSecond} times a second, and ${this.#burst} times at once`,
      );
    }
    this.#left--;
  }
}
