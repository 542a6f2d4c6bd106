import { callSync } from "../bridge.ts";

/** Milliseconds since the environment started, with fractions; goes on while it is frozen. */
export function now(): number {
  return callSync("clock.monotonic") as number;
}

let timeOrigin: number | undefined;

/** The heap was frozen and restored: its clock stood still meanwhile, so its origin is another one. */
export function clockRestored(): void {
  timeOrigin = undefined;
}

export class Performance {
  now(): number {
    return now();
  }
  /** Asked of the host at first use: a heap does not know yet when it will be restored. */
  get timeOrigin(): number {
    timeOrigin ??= Date.now() - now();
    return timeOrigin;
  }
  toJSON(): { timeOrigin: number } {
    return { timeOrigin: this.timeOrigin };
  }
  get [Symbol.toStringTag](): string {
    return "Performance";
  }
}

export const performance = new Performance();
