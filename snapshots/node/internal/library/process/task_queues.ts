export { nextTick, queueMicrotask, runTicks as runNextTicks } from "../../../../ticks.ts";
