/** What Node answers for the least of nothing. */
export const NOTHING_MIN = 9223372036854775807n;

/**
 * Counts of values, in buckets whose width is a power of two: between two powers there are as many as `figures` decimal
 * digits want, so that a value is off by no more than its last digit, however wide the range.
 */
export class HistogramState {
  readonly lowest: bigint;
  readonly highest: bigint;
  readonly #unitBits: number;
  readonly #subBits: number;
  readonly counts = new Map<bigint, number>();
  count = 0;
  exceeds = 0;
  min = NOTHING_MIN;
  max = 0n;
  sum = 0;
  squares = 0;
  previousMs: number | undefined;

  constructor(lowest: bigint, highest: bigint, figures: number) {
    this.lowest = lowest;
    this.highest = highest;
    this.#unitBits = bitsOf(lowest) - 1;
    // Twice 10^figures steps at least, so that half a step is half a digit.
    this.#subBits = Math.ceil(Math.log2(2 * 10 ** figures));
  }

  /** The first value of the bucket that holds `value`, and the last one. */
  #bucket(value: bigint): [bigint, bigint] {
    const shift = BigInt(Math.max(this.#unitBits, bitsOf(value) - this.#subBits));
    const first = (value >> shift) << shift;
    return [first, first + (1n << shift) - 1n];
  }

  record(value: bigint, times = 1): void {
    if (value > this.highest) {
      this.exceeds += times;
      return;
    }
    const [first, last] = this.#bucket(value);
    this.counts.set(first, (this.counts.get(first) ?? 0) + times);
    this.count += times;
    if (first < this.min) this.min = first === 0n ? value : first;
    if (last > this.max) this.max = last;
    // As Node's does: statistics are of the buckets' middles.
    const middle = Number(first + last + (last > first ? 1n : 0n)) / 2;
    this.sum += middle * times;
    this.squares += middle * middle * times;
  }

  add(other: HistogramState): void {
    // Twice, if it is itself.
    for (const [value, times] of [...other.counts]) this.record(value, times);
    this.exceeds += other.exceeds;
  }

  get mean(): number {
    return this.count === 0 ? Number.NaN : this.sum / this.count;
  }

  get stddev(): number {
    if (this.count === 0) return Number.NaN;
    const { mean } = this;
    return Math.sqrt(Math.max(0, this.squares / this.count - mean * mean));
  }

  percentile(percent: number): bigint {
    // To the nearest, as HdrHistogram does.
    const wanted = Math.max(1, Math.floor((percent / 100) * this.count + 0.5));
    let seen = 0;
    for (const value of this.#sorted()) {
      seen += this.counts.get(value)!;
      if (seen >= wanted) return this.#bucket(value)[1];
    }
    return 0n;
  }

  /** Where the distribution is finer the closer it is to its end: 0, 50, 75, 87.5 … 100. */
  percentiles(): Map<number, bigint> {
    const found = new Map<number, bigint>();
    if (this.count === 0) return found.set(100, 0n);
    for (let percent = 0, step = 50; percent < 100 && this.percentile(percent) < this.max; step /= 2) {
      found.set(percent, this.percentile(percent));
      percent += step;
    }
    if (!found.has(0)) found.set(0, this.percentile(0));
    return found.set(100, this.max);
  }

  #sorted(): bigint[] {
    return [...this.counts.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  reset(): void {
    this.counts.clear();
    this.count = 0;
    this.exceeds = 0;
    this.min = NOTHING_MIN;
    this.max = 0n;
    this.sum = 0;
    this.squares = 0;
    this.previousMs = undefined;
  }
}

function bitsOf(value: bigint): number {
  return value.toString(2).length;
}
