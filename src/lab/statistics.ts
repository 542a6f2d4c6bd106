import type { Interval } from "./model.ts";

/** Resamples for an interval: its ends move by less than 1% of its width from seed to seed. */
const defaultResamples = 2000;
const confidence = 0.95;

/** A repeatable source of numbers in [0, 1): mulberry32. For statistics, never for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function median(values: Iterable<number>): number {
  return percentile(values, 50);
}

/** Between two neighbours it is taken on the line that joins them; NaN of no values. */
export function percentile(values: Iterable<number>, percent: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), percent);
}

export interface IntervalOptions {
  readonly seed: number;
  readonly resamples?: number;
}

/**
 * Between which bounds the statistic would lie in 95 of 100 repetitions, by the percentile bootstrap: the statistic of
 * many samples drawn from the sample, with replacement. Null of less than two values.
 * @param statistic Gets the resample sorted, in an array that is used again.
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (sorted: Float64Array) => number,
  options: IntervalOptions,
): Interval | null {
  if (values.length < 2) return null;
  const draw = resampler(values, seededRandom(options.seed));
  return middleOf(repeat(options, () => statistic(draw())));
}

export function medianInterval(values: readonly number[], options: IntervalOptions): Interval | null {
  return bootstrapInterval(values, (sorted) => percentileOfSorted(sorted, 50), options);
}

/** Of the ratio of two medians. Both are resampled: the divisor is no less uncertain than the dividend. */
export function ratioInterval(
  dividend: readonly number[],
  divisor: readonly number[],
  options: IntervalOptions,
): Interval | null {
  if (dividend.length < 2 || divisor.length < 2) return null;
  const random = seededRandom(options.seed);
  const [above, below] = [resampler(dividend, random), resampler(divisor, random)];
  return middleOf(repeat(options, () => percentileOfSorted(above(), 50) / percentileOfSorted(below(), 50)));
}

export interface Summary {
  readonly count: number;
  readonly median: number;
  /** 95%, of the median. */
  readonly interval: Interval | null;
  readonly p95: number;
  /** Of less than a hundred values it is nearly the largest of them; `isP99Thin` says so. */
  readonly p99: number;
  readonly isP99Thin: boolean;
  readonly min: number;
  readonly max: number;
}

/** Null of no values. */
export function summarize(values: readonly number[], options: IntervalOptions): Summary | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return {
    count: values.length,
    median: percentileOfSorted(sorted, 50),
    interval: medianInterval(values, options),
    p95: percentileOfSorted(sorted, 95),
    p99: percentileOfSorted(sorted, 99),
    isP99Thin: values.length < 100,
    min: sorted[0]!,
    max: sorted[sorted.length - 1]!,
  };
}

export interface DensityPoint {
  readonly value: number;
  readonly density: number;
}

/**
 * How densely values lie, as a smooth curve over their range and a little beyond: Gaussian kernels on the logarithms,
 * since latencies are skewed. The width is Silverman's; no narrower than 1% of a value, or equal values would be a spike without width.
 * @param values All above zero.
 */
export function logDensity(values: readonly number[], points = 160): DensityPoint[] {
  const logs = Float64Array.from(values, Math.log).sort();
  if (logs.length === 0) return [];
  const mean = sum(logs) / logs.length;
  const deviation = Math.sqrt(sum(logs.map((log) => (log - mean) ** 2)) / Math.max(1, logs.length - 1));
  const quartiles = (percentileOfSorted(logs, 75) - percentileOfSorted(logs, 25)) / 1.34;
  const spread = Math.min(deviation, quartiles > 0 ? quartiles : deviation);
  const width = Math.max(0.9 * spread * logs.length ** -0.2, 0.01);
  const from = logs[0]! - 3 * width;
  const step = (logs[logs.length - 1]! + 3 * width - from) / (points - 1);
  const scale = 1 / (logs.length * width * Math.sqrt(2 * Math.PI));
  return Array.from({ length: points }, (_, index) => {
    const at = from + index * step;
    const kernels = logs.map((log) => Math.exp(-0.5 * ((at - log) / width) ** 2));
    return { value: Math.exp(at), density: sum(kernels) * scale };
  });
}

/** The straight line with the least squares; null of less than two different `x`. */
export function fitLine(
  points: readonly { readonly x: number; readonly y: number }[],
): { readonly slope: number; readonly intercept: number } | null {
  const meanX = sum(points.map(({ x }) => x)) / points.length;
  const meanY = sum(points.map(({ y }) => y)) / points.length;
  const squares = sum(points.map(({ x }) => (x - meanX) ** 2));
  if (!(squares > 0)) return null;
  const slope = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY))) / squares;
  return { slope, intercept: meanY - slope * meanX };
}

function percentileOfSorted(sorted: Float64Array, percent: number): number {
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Draws as many values as there are, with replacement; sorted, without sorting each time. */
function resampler(values: readonly number[], random: () => number): () => Float64Array {
  const sorted = Float64Array.from(values).sort();
  const counts = new Uint32Array(sorted.length);
  const resample = new Float64Array(sorted.length);
  return () => {
    counts.fill(0);
    for (let i = 0; i < sorted.length; i++) counts[Math.floor(random() * sorted.length)]!++;
    let end = 0;
    for (let i = 0; i < sorted.length; i++) {
      for (let times = counts[i]!; times > 0; times--) resample[end++] = sorted[i]!;
    }
    return resample;
  };
}

function repeat({ resamples = defaultResamples }: IntervalOptions, once: () => number): Float64Array {
  return Float64Array.from({ length: resamples }, once).sort();
}

function middleOf(sorted: Float64Array): Interval {
  const tail = ((1 - confidence) / 2) * 100;
  return { low: percentileOfSorted(sorted, tail), high: percentileOfSorted(sorted, 100 - tail) };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
