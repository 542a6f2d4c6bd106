/** Lets a burst through at once and holds what follows to a rate. Time is given by the caller. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #tokens: number;
  #lastMs: number;

  constructor(capacity: number, perSecond: number, nowMs: number) {
    this.#capacity = capacity;
    this.#perMs = perSecond / 1000;
    this.#tokens = capacity;
    this.#lastMs = nowMs;
  }

  /** Takes `amount`, on credit if need be. @returns Milliseconds until the debt is paid; 0 when there is none. */
  take(amount: number, nowMs: number): number {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#lastMs) * this.#perMs);
    this.#lastMs = nowMs;
    this.#tokens -= amount;
    return this.#tokens >= 0 ? 0 : -this.#tokens / this.#perMs;
  }
}
