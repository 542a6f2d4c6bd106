import { callSync } from "../../../bridge.ts";

/** Milliseconds of the environment's own clock, as a whole number. */
export const getLibuvNow = (): number => Math.trunc(callSync("clock.monotonic") as number);
