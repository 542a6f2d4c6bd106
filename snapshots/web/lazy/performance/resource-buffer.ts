import { setImmediate } from "../../../loop.ts";
import { dispatchTrusted, Event, type EventTarget } from "../event-target.ts";
import type { PerformanceResourceTiming } from "./resource.ts";
import { countOf, keep } from "./timeline.ts";

/** As many entries as the standard wants room for. */
let limit = 250;
/** What came while the event that says that there is no room is under way: there may be room after it. */
let waiting: PerformanceResourceTiming[] = [];
let isTelling = false;

export function setLimit(entries: number): void {
  limit = entries;
}

export function keepResource(entry: PerformanceResourceTiming, performance: EventTarget): void {
  if (countOf("resource") < limit && !isTelling) {
    keep(entry);
    return;
  }
  waiting.push(entry);
  if (isTelling) return;
  isTelling = true;
  setImmediate(() => {
    while (waiting.length > 0) {
      const before = waiting.length;
      if (countOf("resource") >= limit) {
        dispatchTrusted(performance, new Event("resourcetimingbufferfull"));
      }
      while (waiting.length > 0 && countOf("resource") < limit) keep(waiting.shift()!);
      // Nobody made room.
      if (waiting.length >= before) waiting = [];
    }
    isTelling = false;
  });
}
