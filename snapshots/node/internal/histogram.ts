import { callSync } from "../../bridge.ts";
import {
  codedError,
  illegalConstructor,
  invalidArgType,
  invalidThis,
  outOfRange,
} from "../../web/lazy/argument-errors.ts";
import { NOTHING_MIN, HistogramState as State } from "./histogram-state.ts";

const secret = Symbol("histogram");
const custom = Symbol.for("nodejs.util.inspect.custom");

let stateOf: (histogram: Histogram) => State;

export class Histogram {
  static {
    stateOf = (histogram) => {
      if (typeof histogram !== "object" || histogram === null || !(#state in histogram)) {
        throw invalidThis("Histogram");
      }
      return histogram.#state;
    };
  }
  readonly #state: State;

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
    this.#state = args[1] as State;
  }
  get count(): number {
    return stateOf(this).count;
  }
  get countBigInt(): bigint {
    return BigInt(stateOf(this).count);
  }
  get min(): number {
    return Number(stateOf(this).min);
  }
  get minBigInt(): bigint {
    return stateOf(this).min;
  }
  get max(): number {
    return Number(stateOf(this).max);
  }
  get maxBigInt(): bigint {
    return stateOf(this).max;
  }
  get mean(): number {
    return stateOf(this).mean;
  }
  get exceeds(): number {
    return stateOf(this).exceeds;
  }
  get exceedsBigInt(): bigint {
    return BigInt(stateOf(this).exceeds);
  }
  get stddev(): number {
    return stateOf(this).stddev;
  }
  percentile(percentile: number): number {
    return Number(stateOf(this).percentile(checkedPercentile(percentile)));
  }
  percentileBigInt(percentile: number): bigint {
    return stateOf(this).percentile(checkedPercentile(percentile));
  }
  get percentiles(): Map<number, number> {
    const found = stateOf(this).percentiles();
    return new Map([...found].map(([percent, value]) => [percent, Number(value)]));
  }
  get percentilesBigInt(): Map<number, bigint> {
    return stateOf(this).percentiles();
  }
  reset(): void {
    stateOf(this).reset();
  }
  toJSON(): object {
    const { count, min, max, mean, exceeds, stddev } = this;
    return { count, min, max, mean, exceeds, stddev, percentiles: Object.fromEntries(this.percentiles) };
  }
  [custom](depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
    if (depth < 0) return `[${this.constructor.name}]`;
    const { min, max, mean, exceeds, stddev, count, percentiles } = this;
    const shown = { min, max, mean, exceeds, stddev, count, percentiles };
    return `Histogram ${inspect(shown, { ...options, depth: depth === null ? null : depth - 1 })}`;
  }
}

export class RecordableHistogram extends Histogram {
  record(value: number | bigint): void {
    const state = stateOf(this);
    if (typeof value === "bigint") {
      if (value < 1n || value > NOTHING_MIN) throw outOfRange("val", `>= 1 && <= ${NOTHING_MIN}`, value);
      state.record(value);
      return;
    }
    if (typeof value !== "number") throw invalidArgType("val", "of type number or bigint", value);
    if (!Number.isInteger(value)) throw outOfRange("val", "an integer", value);
    if (value < 1 || value > Number.MAX_SAFE_INTEGER) {
      throw outOfRange("val", `>= 1 && <= ${Number.MAX_SAFE_INTEGER}`, value);
    }
    state.record(BigInt(value));
  }
  /** Records the nanoseconds since the last call of this method; the first call records nothing. */
  recordDelta(): void {
    const state = stateOf(this);
    const nowMs = callSync("clock.monotonic") as number;
    const { previousMs } = state;
    state.previousMs = nowMs;
    if (previousMs !== undefined) state.record(BigInt(Math.max(1, Math.round((nowMs - previousMs) * 1e6))));
  }
  add(other: unknown): void {
    const state = stateOf(this);
    state.add(stateOf(recordable(other)));
  }
}

// Outside its class: a bundler renames a class that names itself, visibly.
function recordable(value: unknown): RecordableHistogram {
  if (value instanceof RecordableHistogram) return value;
  throw invalidArgType("other", "an instance of RecordableHistogram", value);
}

interface HistogramOptions {
  lowest?: number | bigint;
  highest?: number | bigint;
  figures?: number;
}

export function createHistogram(options: HistogramOptions = {}): RecordableHistogram {
  if (typeof options !== "object" || options === null) {
    throw invalidArgType("options", "of type object", options);
  }
  const { lowest = 1, highest = Number.MAX_SAFE_INTEGER, figures = 3 } = options;
  const from = bound("options.lowest", lowest, 1n);
  const to = bound("options.highest", highest, 2n * from);
  if (typeof figures !== "number") throw invalidArgType("options.figures", "of type number", figures);
  if (!(Number.isInteger(figures) && figures >= 1 && figures <= 5)) {
    throw outOfRange("options.figures", ">= 1 && <= 5", figures);
  }
  return new RecordableHistogram(secret, new State(from, to, figures));
}

/** Turns take their time one by one and nothing waits between them: there is no delay of a loop to be sampled. */
class ELDHistogram extends Histogram {
  #isEnabled = false;
  enable(): boolean {
    const changes = !this.#isEnabled;
    this.#isEnabled = true;
    return changes;
  }
  disable(): boolean {
    const changes = this.#isEnabled;
    this.#isEnabled = false;
    return changes;
  }
  [Symbol.dispose](): void {
    this.disable();
  }
}

export function monitorEventLoopDelay(options: { resolution?: number } = {}): ELDHistogram {
  if (typeof options !== "object" || options === null) {
    throw invalidArgType("options", "of type object", options);
  }
  const { resolution = 10 } = options;
  if (typeof resolution !== "number")
    throw invalidArgType("options.resolution", "of type number", resolution);
  if (!(Number.isInteger(resolution) && resolution >= 1))
    throw outOfRange("options.resolution", ">= 1", resolution);
  return new ELDHistogram(secret, new State(1n, 3_600_000_000_000n, 3));
}

function bound(name: string, value: unknown, least: bigint): bigint {
  if (typeof value !== "bigint" && typeof value !== "number") {
    throw invalidArgType(name, "of type number or bigint", value);
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw outOfRange(name, "an integer", value);
  const bounded = BigInt(value);
  if (bounded < least) throw outOfRange(name, `>= ${least}`, value);
  return bounded;
}

function checkedPercentile(percentile: unknown): number {
  if (typeof percentile !== "number") throw invalidArgType("percentile", "of type number", percentile);
  if (!(percentile > 0 && percentile <= 100)) {
    throw codedError(
      RangeError,
      "ERR_OUT_OF_RANGE",
      `The value of "percentile" is out of range. It must be > 0 && <= 100. Received ${percentile}`,
    );
  }
  return percentile;
}
