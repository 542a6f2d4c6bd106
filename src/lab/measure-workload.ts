import { countFailures } from "./failures.ts";
import { HttpClient } from "./http-client.ts";
import { interleave } from "./interleave.ts";
import { measureBurst } from "./measure-burst.ts";
import { measureStart } from "./measure-start.ts";
import type { Burst, Workload as MeasuredWorkload, Skipped, Start } from "./model.ts";
import { reasonOf } from "./reason.ts";
import type { Deployment, StartStrategy } from "./strategies/strategy.ts";
import type { Workload } from "./workload.ts";

export interface MeasureOptions {
  readonly runs: number;
  readonly warmUpRuns: number;
  readonly seed: number;
  /** 0: no burst, and no memory either. */
  readonly burstSize: number;
  readonly signal: AbortSignal;
  /** @param doing As in `app: bursts`. */
  readonly onProgress: (done: number, all: number, doing: string) => void;
}

/** Starts a workload by every strategy in turn, round after round, so that a slow moment is everybody's. */
export async function measureWorkload(
  workload: Workload,
  strategies: readonly StartStrategy[],
  options: MeasureOptions,
): Promise<MeasuredWorkload> {
  await using deployments = new AsyncDisposableStack();
  const skipped: Skipped[] = [];
  const all = stepsOf(strategies, options);
  let done = 0;
  const step = (doing: string): void => {
    options.signal.throwIfAborted();
    options.onProgress(done++, all, `${workload.label}: ${doing}`);
  };

  using client = new HttpClient("new");
  const deployed = new Map<string, Deployment>();
  for (const { strategy, deploy } of strategies) {
    step(`getting ready, ${strategy.label}`);
    try {
      const deployment = deployments.use(await deploy(workload));
      // A wrong answer is fast too: one is looked at before anything is timed.
      await measureStart(deployment, workload, client);
      deployed.set(strategy.id, deployment);
    } catch (error) {
      options.signal.throwIfAborted();
      skipped.push({ strategy: strategy.id, reason: reasonOf(error) });
    }
  }
  const contenders = new Map<string, () => Promise<Start>>();
  for (const [id, deployment] of deployed)
    contenders.set(id, () => measureStart(deployment, workload, client));
  const outcomes = await interleave({
    contenders,
    rounds: options.runs,
    warmUpRounds: options.warmUpRuns,
    seed: options.seed,
    signal: options.signal,
    onProgress: () => step("cold starts"),
  });
  const bursts: Burst[] = [];
  const rssBytes = new Map<string, number | null>();
  for (const [id, deployment] of options.burstSize > 0 ? deployed : []) {
    step("bursts");
    if (deployment.kind !== "cold") continue;
    const measures = await measureBurst(id, deployment, workload, options.burstSize);
    bursts.push(measures.burst);
    rssBytes.set(id, measures.rssBytesPerEnvironment);
  }
  return {
    id: workload.id,
    label: workload.label,
    description: workload.description,
    bundleBytes: bundleBytes(workload),
    results: [...outcomes].map(([strategy, { results, errors }]) => ({
      strategy,
      starts: results,
      rssBytesPerEnvironment: rssBytes.get(strategy) ?? null,
      failures: countFailures(errors.map(reasonOf)),
    })),
    skipped,
    bursts,
  };
}

/** How many steps `onProgress` is told of, at most. */
export function stepsOf(
  strategies: readonly StartStrategy[],
  { runs, warmUpRuns, burstSize }: MeasureOptions,
): number {
  return strategies.length * (1 + warmUpRuns + runs + (burstSize > 0 ? 1 : 0));
}

function bundleBytes(workload: Workload): number | null {
  try {
    return workload.bundle().bytes;
  } catch {
    return null;
  }
}
