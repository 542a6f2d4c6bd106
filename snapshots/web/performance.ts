import { callSync } from "../bridge.ts";

/** Milliseconds since the environment started, with fractions; goes on while it is frozen. */
export function now(): number {
  return callSync("clock.monotonic") as number;
}

let origin: number | undefined;

/** When the guest's clock showed 0, Unix epoch ms. Asked of the host at first use: a heap does not know yet when it will be restored. */
export function timeOrigin(): number {
  origin ??= Date.now() - now();
  return origin;
}

/** The heap was frozen and restored: its clock stood still meanwhile, so its origin is another one. */
export function clockRestored(): void {
  origin = undefined;
}
