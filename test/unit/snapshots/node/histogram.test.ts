import { createHistogram as nodeHistogram, type RecordableHistogram } from "node:perf_hooks";
import { expect, test } from "vitest";
import "../web/guest.ts";
import { createHistogram } from "../../../../snapshots/node/internal/histogram.ts";

function told(histogram: RecordableHistogram): unknown {
  const { count, min, max, mean, stddev, exceeds } = histogram;
  return {
    ...{ count, min, max, mean: Math.round(mean), stddev: Math.round(stddev), exceeds },
    percentiles: [1, 25, 50, 99, 100].map((percent) => histogram.percentile(percent)),
    big: [histogram.minBigInt, histogram.maxBigInt, histogram.percentileBigInt(50)],
  };
}

test.each<[string, number[]]>([
  ["nothing", []],
  ["one value", [7]],
  ["small values", [1, 2, 3, 4, 5, 100]],
  ["what lies far apart", [1, 1000, 1_000_000, 1_000_000_000, 123_456_789]],
  ["many", Array.from({ length: 2000 }, (_, index) => index * 37 + 1)],
])("a histogram of %s says what Node's says", (_name, values) => {
  const ours = createHistogram() as unknown as RecordableHistogram;
  const theirs = nodeHistogram();
  for (const value of values) {
    ours.record(value);
    theirs.record(value);
  }
  expect(told(ours)).toEqual(told(theirs));
});

test("histograms add up, forget, and refuse what they cannot record", () => {
  const one = createHistogram({ lowest: 1, highest: 1000, figures: 2 });
  const other = createHistogram();
  one.record(10);
  one.record(5000);
  other.add(one);
  expect([one.count, one.exceeds, other.count, other.max]).toEqual([1, 1, 1, 10]);
  other.reset();
  expect([other.count, other.min, other.max]).toEqual([0, 9223372036854776000, 0]);
  for (const [value, code] of [
    ["5", "ERR_INVALID_ARG_TYPE"],
    [0, "ERR_OUT_OF_RANGE"],
    [1.5, "ERR_OUT_OF_RANGE"],
  ] as const) {
    expect(() => one.record(value as number)).toThrow(expect.objectContaining({ code }));
  }
});
