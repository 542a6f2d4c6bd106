import { showAs } from "../../inspection.ts";
import { asInterface } from "../../interface.ts";
import { loadLazy } from "../../lazy.ts";
import { now } from "../../performance.ts";
import {
  codedError,
  illegalConstructor,
  invalidArgType,
  invalidArgValue,
  invalidThis,
  missingArgs,
} from "../argument-errors.ts";
import { nodeTimingNames } from "./node-timing.ts";

/** What only this module's own classes pass on to the constructors that nobody may call. */
export const secret = Symbol("performance");

interface Fields {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
  readonly detail?: unknown;
}

let fieldsOf: (entry: PerformanceEntry) => Fields;

export class PerformanceEntry {
  static {
    fieldsOf = (entry) => {
      if (typeof entry !== "object" || entry === null || !(#fields in entry)) {
        throw invalidThis("PerformanceEntry");
      }
      return entry.#fields;
    };
  }

  readonly #fields: Fields;

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
    this.#fields = args[1] as Fields;
  }
  get name(): string {
    return fieldsOf(this).name;
  }
  get entryType(): string {
    return fieldsOf(this).entryType;
  }
  get startTime(): number {
    return fieldsOf(this).startTime;
  }
  get duration(): number {
    return fieldsOf(this).duration;
  }
  toJSON(): object {
    const { name, entryType, startTime, duration } = fieldsOf(this);
    return { name, entryType, startTime, duration };
  }
}

asInterface(PerformanceEntry, "PerformanceEntry");
showAs(PerformanceEntry.prototype, ["name", "entryType", "startTime", "duration"]);

/** An entry of no class of its own, such as those of `timerify`. */
export function makeEntry(fields: Fields): PerformanceEntry {
  return new PerformanceEntry(secret, fields);
}

export interface MarkOptions {
  detail?: unknown;
  startTime?: number;
}

export class PerformanceMark extends PerformanceEntry {
  constructor(name: string, options: MarkOptions | null | undefined = undefined) {
    if (arguments.length === 0) throw missingArgs("name");
    const text = `${name}`;
    if (nodeTimingNames.has(text)) throw invalidArgValue("name", text);
    if (options !== undefined && options !== null && typeof options !== "object") {
      throw invalidArgType("options", "of type object", options);
    }
    const startTime = options?.startTime ?? now();
    if (typeof startTime !== "number") throw invalidArgType("startTime", "of type number", startTime);
    if (startTime < 0) throw invalidTimestamp(startTime);
    const detail = cloned(options?.detail);
    super(secret, { name: text, entryType: "mark", startTime, duration: 0, detail });
  }
  get detail(): unknown {
    return fieldsOf(this).detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.detail };
  }
}

asInterface(PerformanceMark, "PerformanceMark");

export class PerformanceMeasure extends PerformanceEntry {
  get detail(): unknown {
    return fieldsOf(this).detail;
  }
  override toJSON(): object {
    return { ...super.toJSON(), detail: this.detail };
  }
}

asInterface(PerformanceMeasure, "PerformanceMeasure");

for (const { prototype } of [PerformanceMark, PerformanceMeasure]) {
  Object.defineProperty(prototype, "toJSON", { enumerable: false });
  showAs(prototype, ["name", "entryType", "startTime", "duration", "detail"]);
}

export function makeMeasure(name: string, startTime: number, duration: number, detail: unknown) {
  const fields = { name, entryType: "measure", startTime, duration, detail: cloned(detail) };
  return new PerformanceMeasure(secret, fields);
}

function cloned(detail: unknown): unknown {
  if (detail === undefined || detail === null) return null;
  return loadLazy("structured-clone").structuredClone(detail);
}

export function invalidTimestamp(value: number): Error {
  return codedError(TypeError, "ERR_PERFORMANCE_INVALID_TIMESTAMP", `${value} is not a valid timestamp`);
}
