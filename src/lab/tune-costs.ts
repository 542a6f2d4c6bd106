import type { Pricing, TunePoint, TuneRun } from "./model.ts";
import { median, percentile } from "./statistics.ts";

/** What one memory size comes to. */
export interface TuneCost {
  readonly point: TunePoint;
  /** Null where every invocation failed. */
  readonly durationMs: number | null;
  readonly p95Ms: number | null;
  readonly usdPerMillion: number | null;
  /** Where it stands out among the sizes. */
  readonly mark: "fastest" | "cheapest" | "fastest and cheapest" | null;
}

export function tuneCosts({ points, pricing }: TuneRun): TuneCost[] {
  const costs = points.map((point): TuneCost => {
    if (point.durationsMs.length === 0) {
      return { point, durationMs: null, p95Ms: null, usdPerMillion: null, mark: null };
    }
    const durationMs = median(point.durationsMs);
    return {
      point,
      durationMs,
      p95Ms: percentile(point.durationsMs, 95),
      usdPerMillion: usdPerMillion(point.memorySizeMb, point.durationsMs, pricing),
      mark: null,
    };
  });
  const fastest = leastBy(costs, ({ durationMs }) => durationMs);
  const cheapest = leastBy(costs, ({ usdPerMillion }) => usdPerMillion);
  return costs.map((cost) => ({
    ...cost,
    mark:
      cost === fastest
        ? cost === cheapest
          ? "fastest and cheapest"
          : "fastest"
        : cost === cheapest
          ? "cheapest"
          : null,
  }));
}

/** A million invocations cost a million times the mean, not the median: each is billed, rounded up to its millisecond. */
export function usdPerMillion(
  memorySizeMb: number,
  durationsMs: readonly number[],
  { usdPerGbSecond, usdPerRequest }: Pricing,
): number {
  const billedMs = durationsMs.reduce((total, ms) => total + Math.ceil(ms), 0) / durationsMs.length;
  return 1e6 * (usdPerRequest + (memorySizeMb / 1024) * (billedMs / 1000) * usdPerGbSecond);
}

function leastBy<Item>(items: readonly Item[], value: (item: Item) => number | null): Item | undefined {
  let least: Item | undefined;
  for (const item of items) {
    const own = value(item);
    if (own !== null && (least === undefined || own < value(least)!)) least = item;
  }
  return least;
}
