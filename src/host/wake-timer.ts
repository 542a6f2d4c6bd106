/** The largest delay that a Node timer can hold; a longer wait is split. */
const maxTimerMs = 2 ** 31 - 1;

/** The one wake-up that a guest's event loop keeps with its host. It rings only while it is armed: not while frozen. */
export class WakeTimer {
  readonly #onWake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #atMs = -1;
  #isAlive = false;

  constructor(onWake: () => void) {
    this.#onWake = onWake;
  }

  /** Whether the guest waits for it: an unref'd timer does not keep its event loop alive. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** @param delayMs -1: not at all. */
  set(delayMs: number, isAlive: boolean): void {
    this.#isAlive = isAlive;
    this.#atMs = delayMs < 0 ? -1 : performance.now() + delayMs;
  }

  arm(): void {
    this.disarm();
    if (this.#atMs < 0) return;
    const delayMs = Math.min(maxTimerMs, Math.max(0, this.#atMs - performance.now()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onWake();
    }, delayMs);
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
