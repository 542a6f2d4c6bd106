import { zipSync } from "fflate";

import { HttpClient } from "./http-client.ts";
import { interleave } from "./interleave.ts";
import { measureStart } from "./measure-start.ts";
import type { RestorePoint, RestoreSeries } from "./model.ts";
import { BriskDeployment } from "./strategies/brisk-deployment.ts";
import type { BriskStrategies } from "./strategies/brisk-strategies.ts";
import type { Workload } from "./workload.ts";

export interface RestoreBySizeOptions {
  readonly brisk: BriskStrategies;
  /** Of the heaps, MB. */
  readonly sizesMb: readonly number[];
  readonly runs: number;
  readonly warmUpRuns: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, all: number, doing: string) => void;
}

const kinds: readonly { readonly label: string; keep(megabytes: number): string }[] = [
  {
    label: "live objects",
    // With its text and array, an item comes to about 310 bytes of V8's heap.
    keep: (megabytes) => `for (let i = 0; i < ${Math.round((megabytes * 1e6) / 310)}; i++)
  kept.push({ id: i, name: "item " + i, sizes: [i, i + 1, i + 2], isOdd: i % 2 === 1 });`,
  },
  {
    label: "text",
    keep: (megabytes) => `for (let i = 0; i < ${megabytes}; i++)
  kept.push(JSON.parse('"' + String.fromCharCode(97 + (i % 26)).repeat(1e6) + '"'));`,
  },
];

/** How long a restore takes for heaps of several sizes, from what Brisk says of each start. */
export async function measureRestoreBySize(options: RestoreBySizeOptions): Promise<readonly RestoreSeries[]> {
  await using deployments = new AsyncDisposableStack();
  using client = new HttpClient("new");
  const server = await options.brisk.server("onDemand");
  const restores = new Map<string, () => Promise<{ heapBytes: number; restoreMs: number }>>();
  const snapshotBytes = new Map<string, number>();
  for (const { label, keep } of kinds) {
    for (const megabytes of options.sizesMb) {
      options.signal.throwIfAborted();
      const name = `${label}, ${megabytes} MB`;
      options.onProgress(0, 1, name);
      const workload = createWorkload(`heap-${label.replaceAll(" ", "-")}-${megabytes}`, keep(megabytes));
      const deployment = deployments.use(
        await BriskDeployment.create(
          server,
          { served: "snapshot", warmUp: "none", kind: "cold" },
          `lab-${workload.id}-${options.seed}`,
          workload,
        ),
      );
      snapshotBytes.set(name, (await deployment.snapshotReport())?.bytes ?? Number.NaN);
      restores.set(name, async () => {
        await measureStart(deployment, workload, client);
        const start = await deployment.newestStart();
        if (start === undefined) throw new Error("Brisk knows of no start");
        const { isolate = 0, context = 0, bind = 0, restore = 0 } = start.phasesMs;
        return { heapBytes: start.memoryBytes, restoreMs: isolate + context + bind + restore };
      });
    }
  }
  const outcomes = await interleave({
    contenders: restores,
    rounds: options.runs,
    warmUpRounds: options.warmUpRuns,
    seed: options.seed,
    signal: options.signal,
    onProgress: options.onProgress,
  });
  return kinds.map(({ label }) => ({
    label,
    points: options.sizesMb.flatMap((megabytes): RestorePoint[] => {
      const name = `${label}, ${megabytes} MB`;
      const results = outcomes.get(name)?.results ?? [];
      const [first] = results;
      if (first === undefined) return [];
      return [
        {
          heapBytes: first.heapBytes,
          snapshotBytes: snapshotBytes.get(name) ?? 0,
          restoreMs: results.map(({ restoreMs }) => restoreMs),
        },
      ];
    }),
  }));
}

function createWorkload(id: string, keep: string): Workload {
  const code = `const kept = [];
${keep}
let calls = 0;
export const handler = async () => ({ statusCode: 200, body: \`\${kept.length > 0} \${++calls}\` });
`;
  return {
    id,
    label: id,
    description: "Init keeps a heap of a given size.",
    zip: zipSync({ "index.mjs": new TextEncoder().encode(code) }),
    handler: "index.handler",
    bundle() {
      throw new Error("only Brisk runs it");
    },
    variables: {},
    request: { kind: "url", path: "/" },
    memorySizeMb: 512,
    timeoutSeconds: 30,
    check: ({ status, text }, nth) =>
      status === 200 && (nth === undefined || text === `true ${nth}`)
        ? undefined
        : `it answers ${status}: ${text}`,
  };
}
