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

  /** @param what As in "Cannot connect".
   *  @param cost For what takes longer than usual; at most all that one may do at once.
   *  @throws {OperationError} ELIMIT */
  take(what: string, cost = 1): void {
    const taken = Math.min(cost, this.#burst);
    const nowMs = this.#now();
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = nowMs;
    if (this.#left < taken) {
      throw new OperationError(
        "ELIMIT",
        `${what}: an environment may do so ${this.#perSecond} times a second, and ${this.#burst} times at once`,
      );
    }
    this.#left -= taken;
  }
}
