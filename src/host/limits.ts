/** Wall and CPU time that an init or an invocation may still use. Times are milliseconds of `performance.now`. */
export class TimeBudget {
  /** All of the wall time. */
  readonly timeoutMs: number;
  readonly #deadlineMs: number;
  readonly #cpuTimeMs: number;
  #cpuUsedMs = 0;

  constructor(nowMs: number, timeoutMs: number, cpuTimeMs: number) {
    this.timeoutMs = timeoutMs;
    this.#deadlineMs = nowMs + timeoutMs;
    this.#cpuTimeMs = cpuTimeMs;
  }

  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** CPU time used by a turn, host operations included. */
  charge(cpuMs: number): void {
    this.#cpuUsedMs += cpuMs;
  }

  /** Which limit has fired, if any. */
  exceeded(nowMs: number): "timedOut" | "cpuTimeExceeded" | undefined {
    if (nowMs >= this.#deadlineMs) return "timedOut";
    return this.#cpuUsedMs >= this.#cpuTimeMs ? "cpuTimeExceeded" : undefined;
  }

  /**
   * Wall time after which a turn that starts now is stopped, and the limit which that would be. A turn can't be
   * stopped by CPU time, only by the clock: it gets half of its CPU time again, for when the machine runs others.
   */
  turn(nowMs: number): { timeoutMs: number; limit: "timedOut" | "cpuTimeExceeded" } {
    const wallMs = this.#deadlineMs - nowMs;
    const cpuMs = (this.#cpuTimeMs - this.#cpuUsedMs) * 1.5 + 50;
    const limit = wallMs <= cpuMs ? "timedOut" : "cpuTimeExceeded";
    return { timeoutMs: aligned(nowMs, Math.min(wallMs, cpuMs)), limit };
  }
}

/**
 * isolated-vm's timer thread wakes for each turn's timer, even when the turn has long ended, and holds a lock that the
 * next turn needs. With ends on common moments it wakes for many at once.
 */
const alignmentMs = 50;

function aligned(nowMs: number, timeoutMs: number): number {
  return Math.max(1, Math.ceil(Math.ceil((nowMs + timeoutMs) / alignmentMs) * alignmentMs - nowMs));
}
