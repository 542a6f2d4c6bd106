import type { BenchRun, Failure, Strategy, StrategyResult, Workload } from "./model.ts";
import { median, ratioInterval, type Summary, summarize } from "./statistics.ts";

/** What a table and a plot say of one strategy in one workload. */
export interface Figures {
  readonly strategy: Strategy;
  readonly result: StrategyResult;
  /** Null where every start failed. */
  readonly total: Summary | null;
  /** Of the medians, over the baseline's; null for the baseline itself and where either is missing. */
  readonly ratio: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Medians; null where it was not measured. */
  readonly cpuMs: number | null;
  readonly secondInvokeMs: number | null;
  readonly failed: number;
}

/** In the run's order of strategies. */
export function figuresOf(run: BenchRun, workload: Workload): Figures[] {
  const { seed, baseline } = run.settings;
  const base = workload.results.find(({ strategy }) => strategy === baseline);
  return run.strategies.flatMap((strategy): Figures[] => {
    const result = workload.results.find((each) => each.strategy === strategy.id);
    if (result === undefined) return [];
    const total = summarize(totalsOf(result), { seed });
    return [
      {
        strategy,
        result,
        total,
        ratio: base === undefined || base === result ? null : ratioOf(result, base, seed),
        cpuMs: medianOf(result.starts.map(({ cpuMs }) => cpuMs)),
        secondInvokeMs: medianOf(result.starts.map(({ secondInvokeMs }) => secondInvokeMs)),
        failed: countOf(result.failures),
      },
    ];
  });
}

export function totalsOf({ starts }: StrategyResult): number[] {
  return starts.map(({ totalMs }) => totalMs);
}

export function countOf(failures: readonly Failure[]): number {
  return failures.reduce((total, { count }) => total + count, 0);
}

export function strategyOf(run: BenchRun, id: string): Strategy {
  return run.strategies.find((strategy) => strategy.id === id) ?? { id, label: id, family: "peer" };
}

function ratioOf(result: StrategyResult, base: StrategyResult, seed: number): Figures["ratio"] {
  const [own, others] = [totalsOf(result), totalsOf(base)];
  if (own.length === 0 || others.length === 0) return null;
  const value = median(own) / median(others);
  const interval = ratioInterval(own, others, { seed });
  return { value, low: interval?.low ?? value, high: interval?.high ?? value };
}

function medianOf(values: readonly (number | null)[]): number | null {
  const measured = values.filter((value) => value !== null);
  return measured.length === 0 ? null : median(measured);
}
