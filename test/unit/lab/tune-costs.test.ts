import { expect, test } from "vitest";
import { tuneCosts, usdPerMillion } from "../../../src/lab/tune-costs.ts";
import { sampleTuneRun } from "./sample-run.ts";

const pricing = { source: "AWS Lambda", usdPerGbSecond: 0.0000166667, usdPerRequest: 2e-7 };

test("usdPerMillion() is Lambda's bill: GB-seconds of each duration rounded up, and the requests", () => {
  // A million times 100 ms at 1 GB are 100,000 GB-s.
  expect(usdPerMillion(1024, [99.2], pricing)).toBeCloseTo(1.66667 + 0.2, 5);
  // The slow ones are paid for too, so the mean counts.
  expect(usdPerMillion(1024, [50, 150], pricing)).toBeCloseTo(1.66667 + 0.2, 5);
  expect(usdPerMillion(128, [0.3], pricing)).toBeCloseTo(0.2021, 4);
});

test("tuneCosts() marks the fastest and the cheapest, and passes over a size that only failed", () => {
  const run = sampleTuneRun();
  const points = [{ ...run.points[0]!, durationsMs: [] }, ...run.points.slice(1)];
  const costs = tuneCosts({ ...run, points });
  expect(costs[0]).toMatchObject({ durationMs: null, usdPerMillion: null, mark: null });
  expect(costs.at(-1)?.mark).toBe("fastest");
  expect(costs.filter(({ mark }) => mark === "cheapest")).toHaveLength(1);
  expect(tuneCosts({ ...run, points: run.points.slice(0, 1) })[0]?.mark).toBe("fastest and cheapest");
});
