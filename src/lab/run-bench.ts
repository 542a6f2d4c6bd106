import { type MeasureOptions, measureWorkload, stepsOf } from "./measure-workload.ts";
import type { BenchRun, Claim, Workload as MeasuredWorkload, RestoreSeries } from "./model.ts";
import { createRunHeader } from "./run-header.ts";
import type { PeerName } from "./strategies/peer-programs.ts";
import type { StartStrategy } from "./strategies/strategy.ts";
import type { Workload } from "./workload.ts";

export interface BenchInput extends MeasureOptions {
  readonly command: string;
  readonly strategies: readonly StartStrategy[];
  readonly workloads: readonly Workload[];
  /** What ratios are taken against; the first strategy that ran, where this one did not. */
  readonly baseline: string;
  /** Measured after the workloads. */
  readonly restoreBySize?: () => Promise<readonly RestoreSeries[]>;
  readonly claims?: (run: Pick<BenchRun, "workloads" | "restoreBySize">) => Promise<readonly Claim[]>;
}

/** A whole run, as its document. */
export async function runBench(input: BenchInput): Promise<BenchRun> {
  const startedMs = Date.now();
  const workloads: MeasuredWorkload[] = [];
  const steps = stepsOf(input.strategies, input);
  for (const [index, workload] of input.workloads.entries()) {
    const onProgress: MeasureOptions["onProgress"] = (done, _all, doing) =>
      input.onProgress(index * steps + done, input.workloads.length * steps, doing);
    workloads.push(await measureWorkload(workload, input.strategies, { ...input, onProgress }));
  }
  const restoreBySize = (await input.restoreBySize?.()) ?? [];
  const claims = (await input.claims?.({ workloads, restoreBySize })) ?? [];
  const ran = new Set(workloads.flatMap(({ results }) => results.map(({ strategy }) => strategy)));
  const ids = input.strategies.map(({ strategy }) => strategy.id);
  const baseline = ran.has(input.baseline)
    ? input.baseline
    : (ids.find((id) => ran.has(id)) ?? input.baseline);
  const peers: Readonly<Record<string, PeerName>> = {
    "workerd-loader": "workerd",
    "deno-process": "deno",
    "bun-process": "bun",
  };
  return {
    kind: "bench",
    ...createRunHeader({
      command: input.command,
      startedMs,
      peers: [...ran].flatMap((id) => peers[id] ?? []),
    }),
    settings: {
      runs: input.runs,
      warmUpRuns: input.warmUpRuns,
      seed: input.seed,
      burstSize: input.burstSize,
      baseline,
    },
    strategies: input.strategies.map(({ strategy }) => strategy),
    workloads,
    restoreBySize,
    claims,
  };
}
