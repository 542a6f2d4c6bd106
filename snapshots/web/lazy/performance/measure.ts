import { now } from "../../performance.ts";
import { codedError } from "../argument-errors.ts";
import { DOMException } from "../dom-exception.ts";
import { invalidTimestamp } from "./entry.ts";
import { momentOf } from "./node-timing.ts";
import { lastMark } from "./timeline.ts";

export interface MeasureOptions {
  start?: string | number;
  end?: string | number;
  duration?: number;
  detail?: unknown;
}

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly detail: unknown;
}

/** From when to when `performance.measure` measures. @throws What is not given fits no measure, or names no mark. */
export function spanOf(startOrOptions: unknown, endMark: unknown): Span {
  if (typeof startOrOptions === "object" && startOrOptions !== null) {
    return spanOfOptions(startOrOptions, endMark);
  }
  const endMs = endMark === undefined ? now() : moment(endMark);
  const isMissing = startOrOptions === undefined || startOrOptions === null;
  return { startMs: isMissing ? 0 : moment(startOrOptions), endMs, detail: null };
}

function spanOfOptions({ start, end, duration, detail }: MeasureOptions, endMark: unknown): Span {
  const isGiven = start !== undefined || end !== undefined;
  if (isGiven || duration !== undefined || detail !== undefined) {
    if (endMark !== undefined) throw invalidOptions("endMark must not be specified");
    if (!isGiven && duration !== undefined) {
      throw invalidOptions("One of options.start or options.end is required");
    }
    if (start !== undefined && end !== undefined && duration !== undefined) {
      throw invalidOptions("Must not have options.start, options.end, and options.duration specified");
    }
  }
  const endMs =
    endMark !== undefined
      ? moment(endMark)
      : end !== undefined
        ? moment(end)
        : start !== undefined && duration !== undefined
          ? moment(start) + moment(duration)
          : now();
  const startMs =
    start !== undefined
      ? moment(start)
      : end !== undefined && duration !== undefined
        ? moment(end) - moment(duration)
        : 0;
  return { startMs, endMs, detail };
}

function moment(mark: unknown): number {
  if (typeof mark === "number") {
    if (mark < 0) throw invalidTimestamp(mark);
    return mark;
  }
  const name = `${mark as string}`;
  const time = momentOf(name) ?? lastMark(name)?.startTime;
  if (time !== undefined) return time;
  throw new DOMException(`The "${name}" performance mark has not been set`, "SyntaxError");
}

function invalidOptions(message: string): Error {
  return codedError(TypeError, "ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS", message);
}
