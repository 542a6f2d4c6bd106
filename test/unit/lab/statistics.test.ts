import { describe, expect, test } from "vitest";
import {
  bootstrapInterval,
  fitLine,
  logDensity,
  median,
  medianInterval,
  percentile,
  ratioInterval,
  seededRandom,
  summarize,
} from "../../../src/lab/statistics.ts";

const options = { seed: 7 };

/** From a normal distribution, by Box and Muller. */
function normals(count: number, mean: number, deviation: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from(
    { length: count },
    () => mean + deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

describe("percentile()", () => {
  test("is what R's quantile(type = 7) and NumPy's default give", () => {
    const values = [15, 20, 35, 40, 50];
    expect(percentile(values, 40)).toBeCloseTo(29, 10);
    expect(percentile(values, 95)).toBeCloseTo(48, 10);
    expect(percentile([1, 2, 3, 4], 99)).toBeCloseTo(3.97, 10);
  });

  test("of an odd and an even number of values has the median of schoolbooks, in any order", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([10, 9, 100])).toBe(10);
  });

  test("of one value is that value, of none NaN", () => {
    expect(percentile([3], 99)).toBe(3);
    expect(median([])).toBeNaN();
  });

  test("leaves its values as they were", () => {
    const values = [3, 1, 2];
    percentile(values, 95);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("seededRandom()", () => {
  test("repeats itself for one seed and not for another", () => {
    const draw = (seed: number) => Array.from({ length: 3 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test("is even over [0, 1)", () => {
    const random = seededRandom(3);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) tenths[Math.floor(random() * 10)]!++;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});

describe("bootstrap intervals", () => {
  test("are as wide as theory says of the median of a normal sample", () => {
    const interval = medianInterval(normals(400, 100, 10, 5), options)!;
    // 1.96 standard errors of a median, sqrt(pi / 2) * deviation / sqrt(n), to both sides.
    const width = 2 * 1.96 * Math.sqrt(Math.PI / 2) * (10 / Math.sqrt(400));
    expect(interval.high - interval.low).toBeGreaterThan(width * 0.7);
    expect(interval.high - interval.low).toBeLessThan(width * 1.3);
  });

  test("hold the true median in about 95 of 100 experiments", () => {
    let holds = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { low, high } = medianInterval(normals(60, 100, 10, seed * 31 + 1), { seed, resamples: 400 })!;
      if (low <= 100 && 100 <= high) holds++;
    }
    expect(holds / 300).toBeGreaterThan(0.9);
    expect(holds / 300).toBeLessThan(0.99);
  });

  test("of a ratio hold the true ratio, and are wider than either part alone makes them", () => {
    const [tens, hundreds] = [normals(200, 10, 2, 1), normals(200, 100, 20, 2)];
    const both = ratioInterval(tens, hundreds, options)!;
    expect(both.low).toBeLessThan(0.1);
    expect(both.high).toBeGreaterThan(0.1);
    const one = medianInterval(
      tens.map((value) => value / 100),
      options,
    )!;
    expect(both.high - both.low).toBeGreaterThan(one.high - one.low);
  });

  test("are the same for the same seed, and none of a single value", () => {
    const values = normals(50, 1, 1, 9);
    expect(medianInterval(values, options)).toEqual(medianInterval(values, options));
    expect(medianInterval(values, options)).not.toEqual(medianInterval(values, { seed: 8 }));
    expect(medianInterval([1], options)).toBeNull();
    expect(ratioInterval([1, 2], [1], options)).toBeNull();
  });

  test("of equal values have no width", () => {
    expect(bootstrapInterval([4, 4, 4], (sorted) => sorted[0]!, options)).toEqual({ low: 4, high: 4 });
  });
});

test("summarize() says when a p99 is hardly more than the largest value", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(summarize(hundred, options)).toMatchObject({
    count: 100,
    median: 50.5,
    p95: 95.05,
    p99: 99.01,
    isP99Thin: false,
    min: 1,
    max: 100,
  });
  expect(summarize(hundred.slice(1), options)?.isP99Thin).toBe(true);
  expect(summarize([], options)).toBeNull();
});

describe("logDensity()", () => {
  test("holds one unit of area over the logarithms, and peaks where the values are", () => {
    const values = normals(300, 50, 4, 3);
    const curve = logDensity(values);
    let area = 0;
    for (let i = 1; i < curve.length; i++) {
      area += Math.log(curve[i]!.value / curve[i - 1]!.value) * curve[i]!.density;
    }
    expect(area).toBeCloseTo(1, 2);
    const peak = curve.reduce((best, point) => (point.density > best.density ? point : best));
    expect(Math.abs(peak.value - 50)).toBeLessThan(3);
  });

  test("of equal values is narrow but finite, of none empty", () => {
    for (const { density, value } of logDensity([5, 5, 5])) {
      expect(Number.isFinite(density) && Number.isFinite(value)).toBe(true);
    }
    expect(logDensity([])).toEqual([]);
  });
});

test("fitLine() finds the line, and none through a single place", () => {
  const line = fitLine([
    { x: 1, y: 5 },
    { x: 2, y: 7 },
    { x: 3, y: 9 },
  ])!;
  expect(line.slope).toBeCloseTo(2, 10);
  expect(line.intercept).toBeCloseTo(3, 10);
  expect(fitLine([{ x: 1, y: 5 }])).toBeNull();
  expect(fitLine([])).toBeNull();
});
