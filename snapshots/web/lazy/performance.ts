import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { now, timeOrigin } from "../performance.ts";
import { illegalConstructor, invalidArgValue, invalidThis, missingArgs } from "./argument-errors.ts";
import { defineHandler, type Event, EventTarget } from "./event-target.ts";
import {
  type MarkOptions,
  makeMeasure,
  type PerformanceEntry,
  PerformanceMark,
  type PerformanceMeasure,
  secret,
} from "./performance/entry.ts";
import { type MeasureOptions, spanOf } from "./performance/measure.ts";
import { nodeTiming } from "./performance/node-timing.ts";
import { PerformanceResourceTiming, type TimingInfo } from "./performance/resource.ts";
import { keepResource, setLimit } from "./performance/resource-buffer.ts";
import { announce, entriesOf, forget, keep } from "./performance/timeline.ts";
import { timerify } from "./performance/timerify.ts";

export { PerformanceEntry, PerformanceMark, PerformanceMeasure } from "./performance/entry.ts";
export { PerformanceObserver, PerformanceObserverEntryList } from "./performance/observer.ts";
export { PerformanceResourceTiming } from "./performance/resource.ts";

let check: (performance: unknown) => void;

export class Performance extends EventTarget {
  static {
    check = (performance) => {
      if (typeof performance !== "object" || performance === null || !(#brand in performance)) {
        throw invalidThis("Performance");
      }
    };
  }
  readonly #brand = true;
  declare onresourcetimingbufferfull: ((event: Event) => unknown) | null;

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
    super();
  }
  clearMarks(name: string | undefined = undefined): void {
    check(this);
    forget("mark", name === undefined ? undefined : `${name}`);
  }
  clearMeasures(name: string | undefined = undefined): void {
    check(this);
    forget("measure", name === undefined ? undefined : `${name}`);
  }
  clearResourceTimings(): void {
    check(this);
    forget("resource");
  }
  getEntries(): PerformanceEntry[] {
    check(this);
    return entriesOf();
  }
  getEntriesByName(name: string, type: string | undefined = undefined): PerformanceEntry[] {
    check(this);
    if (arguments.length === 0) throw missingArgs("name");
    return entriesOf(type === undefined ? undefined : `${type}`, `${name}`);
  }
  getEntriesByType(type: string): PerformanceEntry[] {
    check(this);
    if (arguments.length === 0) throw missingArgs("type");
    return entriesOf(`${type}`);
  }
  mark(name: string, options: MarkOptions = {}): PerformanceMark {
    check(this);
    if (arguments.length === 0) throw missingArgs("name");
    const mark = new PerformanceMark(name, options);
    announce(mark);
    keep(mark);
    return mark;
  }
  measure(
    name: string,
    startOrOptions: string | MeasureOptions | undefined = undefined,
    endMark: string | undefined = undefined,
  ): PerformanceMeasure {
    check(this);
    if (arguments.length === 0) throw missingArgs("name");
    const text = `${name}`;
    const { startMs, endMs, detail } = spanOf(startOrOptions, endMark);
    const measure = makeMeasure(text, startMs, endMs - startMs, detail);
    announce(measure);
    keep(measure);
    return measure;
  }
  now(): number {
    check(this);
    return now();
  }
  setResourceTimingBufferSize(maxSize: number): void {
    check(this);
    if (arguments.length === 0) throw missingArgs("maxSize");
    setLimit(Number(maxSize) >>> 0);
  }
  get timeOrigin(): number {
    check(this);
    return timeOrigin();
  }
  toJSON(): object {
    check(this);
    return {
      nodeTiming,
      timeOrigin: timeOrigin(),
      eventLoopUtilization: eventLoopUtilization(),
    };
  }
}

asInterface(Performance, "Performance");
defineHandler(Performance.prototype, "resourcetimingbufferfull");

/** A loop's use is not measured: an isolate that waits is not running at all. */
function eventLoopUtilization(_util1?: object, _util2?: object): object {
  return { idle: 0, active: 0, utilization: 0 };
}

/** Called by whoever fetches, as the Fetch standard says. */
function markResourceTiming(
  timing: TimingInfo,
  requestedUrl: string,
  initiatorType: string,
  _global: object,
  cacheMode: "" | "local" | "validated",
  _bodyInfo?: object,
  responseStatus = 0,
  deliveryType = "",
): PerformanceResourceTiming {
  if (cacheMode !== "" && cacheMode !== "local" && cacheMode !== "validated") {
    throw invalidArgValue("cacheMode", cacheMode);
  }
  const resource = { url: requestedUrl, initiatorType, timing, cacheMode, responseStatus, deliveryType };
  const entry = new PerformanceResourceTiming(secret, resource);
  announce(entry);
  keepResource(entry, performance);
  return entry;
}

// Node's own additions, which are not enumerable.
for (const [name, value] of Object.entries({
  eventLoopUtilization,
  nodeTiming,
  markResourceTiming,
  timerify,
})) {
  Object.defineProperty(Performance.prototype, name, { value, writable: true, configurable: true });
}

export const performance = new Performance(secret);
showAs(Performance.prototype, () => ({ nodeTiming, timeOrigin: timeOrigin() }));
