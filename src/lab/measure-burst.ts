import { setTimeout as sleep } from "node:timers/promises";
import { countFailures } from "./failures.ts";
import { HttpClient } from "./http-client.ts";
import { request } from "./measure-start.ts";
import type { Burst } from "./model.ts";
import { readProcessTree, totalBytes } from "./process-tree.ts";
import { reasonOf } from "./reason.ts";
import type { Deployment } from "./strategies/strategy.ts";
import type { Workload } from "./workload.ts";

/** How long memory is left to settle, ms: twice what a host's collector waits for. */
const settleMs = 600;

export interface BurstMeasures {
  readonly burst: Burst;
  readonly rssBytesPerEnvironment: number | null;
}

/** Many starts asked for in one moment, and what the environments that they leave hold in memory. */
export async function measureBurst(
  strategy: string,
  deployment: Deployment,
  workload: Workload,
  size: number,
): Promise<BurstMeasures> {
  const starts = await deployment.prepare(size);
  await sleep(settleMs);
  const { pid } = deployment;
  const beforeBytes = pid === undefined ? 0 : await rssBytes(pid);
  using client = new HttpClient("new");
  const errors: string[] = [];
  const latenciesMs: number[] = [];
  const beganMs = performance.now();
  await Promise.all(
    starts.map(async (start) => {
      try {
        const answer = await request(client, start);
        const latencyMs = performance.now() - beganMs;
        // Which of its environment's answers it is can't be known: an early one may have taken a second request.
        const complaint = workload.check(answer, undefined);
        if (complaint !== undefined) throw new Error(complaint);
        latenciesMs.push(latencyMs);
      } catch (error) {
        errors.push(reasonOf(error));
      }
    }),
  );
  await sleep(settleMs);
  const grownBytes = (pid === undefined ? 0 : await rssBytes(pid)) - beforeBytes;
  const environments = await deployment.environments(latenciesMs.length);
  await Promise.all(starts.map((start) => start.end()));
  return {
    burst: {
      strategy,
      size,
      latenciesMs: latenciesMs.sort((a, b) => a - b),
      failures: countFailures(errors),
    },
    rssBytesPerEnvironment: pid === undefined || environments < 1 ? null : grownBytes / environments,
  };
}

async function rssBytes(pid: number): Promise<number> {
  return totalBytes(await readProcessTree(pid));
}
