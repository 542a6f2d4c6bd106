import { callSync } from "../bridge.ts";

/** Milliseconds since the environment started, with fractions; goes on while it is frozen. */
export function now(): number {
  return callSync("clock.monotonic") as number;
}

export class Performance {
  #timeOrigin: number | undefined;

  now(): number {
    return now();
  }
  /** Asked of the host at first use: a heap does not know yet when it will be restored. */
  get timeOrigin(): number {
    this.#timeOrigin ??= Date.now() - now();
    return this.#timeOrigin;
  }
  toJSON(): { timeOrigin: number } {
    return { timeOrigin: this.timeOrigin };
  }
  get [Symbol.toStringTag](): string {
    return "Performance";
  }
}

export const performance = new Performance();
