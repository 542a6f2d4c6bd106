import { showAs } from "../../inspection.ts";
import { now } from "../../performance.ts";

const starts = ["nodeStart", "v8Start", "environment", "bootstrapComplete", "loopStart"] as const;

/** Names that measures take for the moments of Node's own start. */
export const nodeTimingNames: ReadonlySet<string> = new Set([
  ...starts,
  "loopExit",
  "idleTime",
  "uvMetricsInfo",
]);

/** An isolate is ready, event loop and all, at the moment at which its clock starts; it has no idle time of its own. */
export class PerformanceNodeTiming {
  readonly name = "node";
  readonly entryType = "node";
  readonly startTime = 0;
  get duration(): number {
    return now();
  }
  readonly nodeStart = 0;
  readonly v8Start = 0;
  readonly environment = 0;
  readonly bootstrapComplete = 0;
  readonly loopStart = 0;
  readonly loopExit = -1;
  readonly idleTime = 0;
  get uvMetricsInfo(): object {
    return { loopCount: 0, events: 0, eventsWaiting: 0 };
  }
  toJSON(): object {
    const { name, entryType, startTime, duration, nodeStart, v8Start, bootstrapComplete } = this;
    const { environment, loopStart, loopExit, idleTime } = this;
    return {
      ...{ name, entryType, startTime, duration, nodeStart, v8Start, bootstrapComplete },
      ...{ environment, loopStart, loopExit, idleTime },
    };
  }
}

export const nodeTiming = new PerformanceNodeTiming();

/** @returns undefined for what is no moment. */
export function momentOf(name: string): number | undefined {
  const value = (nodeTiming as unknown as Record<string, unknown>)[name];
  return nodeTimingNames.has(name) && typeof value === "number" ? value : undefined;
}

showAs(PerformanceNodeTiming.prototype, (timing) => timing.toJSON());
