import { claim, ratioClaim } from "../../../src/lab/claim.ts";
import type {
  BenchRun,
  PhasesMs,
  Start,
  Strategy,
  StrategyResult,
  TuneRun,
  Workload,
} from "../../../src/lab/model.ts";
import { seededRandom } from "../../../src/lab/statistics.ts";

/** A run with everything that a run can have, drawn from a seed: for tests of what shows runs, not measured. */
export function sampleRun({ runs = 120 }: { runs?: number } = {}): BenchRun {
  const random = seededRandom(11);
  const tiny = workload("tiny", "Tiny function", "Answers with one small object.", 400, 0.12, runs, random);
  const app = workload(
    "app",
    "1.2 MB app",
    "Renders with react-dom, checks with zod.",
    1_240_000,
    1,
    runs,
    random,
  );
  const totals = (strategy: string) =>
    app.results.find((result) => result.strategy === strategy)!.starts.map(({ totalMs }) => totalMs);
  const options = { seed: 1 };
  return {
    kind: "bench",
    ...header("brisk bench ./app --runs 120"),
    settings: { runs, warmUpRuns: 5, seed: 1, burstSize: 50, baseline: "init" },
    strategies: costs.map(({ strategy }) => strategy),
    workloads: [tiny, app],
    restoreBySize: [
      { label: "live objects", points: restores(7.4, random) },
      { label: "source text", points: restores(1.3, random) },
    ],
    claims: [
      ratioClaim(
        {
          label: "1.2 MB app: snapshot with warm-up over init",
          target: { atMost: 0.18 },
          of: totals("snapshot-warm-up"),
          over: totals("init"),
        },
        options,
      ),
      claim({ label: "The base heap adds to a restore", unit: "ms", value: 0.71, target: { atMost: 0.6 } }),
      ratioClaim(
        {
          label: "Tiny function: over workerd's Worker Loader",
          target: { atMost: 0.45 },
          of: null,
          over: null,
          note: "workerd is not installed",
        },
        options,
      ),
    ],
  };
}

export function sampleTuneRun(): TuneRun {
  const random = seededRandom(5);
  const point = (memorySizeMb: number) => {
    const work = 40 + 760 * Math.min(14, 1769 / memorySizeMb);
    return {
      memorySizeMb,
      durationsMs: Array.from({ length: 30 }, () => spread(work / 4, 0.05, random)),
      coldMs: work,
      maxMemoryUsedMb: 87,
      failures: memorySizeMb === 128 ? [{ message: "Task timed out after 3.00 seconds", count: 2 }] : [],
    };
  };
  return {
    kind: "tune",
    ...header("brisk tune resize-image"),
    functionName: "resize-image",
    settings: { runs: 30, warmUpRuns: 3, seed: 1 },
    pricing: { source: "AWS Lambda, us-east-1, x86_64", usdPerGbSecond: 0.0000166667, usdPerRequest: 2e-7 },
    points: [128, 256, 512, 1024, 1769, 3008].map(point),
  };
}

function header(command: string) {
  return {
    schemaVersion: 1,
    startedAt: "2026-11-21T12:00:00.000Z",
    durationMs: 312_000,
    command,
    machine: {
      cpu: "AMD EPYC 7B13",
      cpus: 2,
      memoryBytes: 8_328_912_896,
      os: "Linux 6.1.0",
      architecture: "x64",
    },
    versions: {
      brisk: "0.1.0",
      node: "26.10.0",
      v8: "14.2.1",
      "isolated-vm": "7.0.1",
      workerd: "1.20261101.0",
    },
    commit: "82dde1f",
  } as const;
}

interface Cost {
  readonly strategy: Strategy;
  readonly phases: PhasesMs;
  readonly rss: number;
}

const costs: readonly Cost[] = [
  cost("node-process", "Node process", "platform", { process: 42, init: 96, firstInvoke: 12 }, 71e6),
  cost("deno-process", "Deno process", "peer", {}, 88e6),
  cost("worker-thread", "worker thread", "platform", { process: 19, init: 92, firstInvoke: 11 }, 24e6),
  cost("node-vm", "node:vm", "platform", { context: 1.1, init: 84, firstInvoke: 11 }, 12e6),
  cost("workerd-loader", "workerd Worker Loader", "peer", {}, 14e6),
  cost("init", "init", "brisk", { isolate: 1, context: 0.3, bind: 0.2, init: 82, firstInvoke: 12 }, 10.2e6),
  cost(
    "code-cache",
    "code cache",
    "brisk",
    { isolate: 1, context: 0.3, bind: 0.2, init: 27, firstInvoke: 9 },
    9.9e6,
  ),
  cost(
    "snapshot",
    "snapshot",
    "brisk",
    { isolate: 6, context: 2.6, bind: 0.2, restore: 0.5, firstInvoke: 11 },
    9.4e6,
  ),
  cost(
    "snapshot-warm-up",
    "snapshot + warm-up",
    "brisk",
    { isolate: 6.2, context: 2.7, bind: 0.2, restore: 0.5, firstInvoke: 3.4 },
    9.6e6,
  ),
  cost("restored-ahead", "restored ahead", "brisk", { firstInvoke: 3.3 }, 9.6e6),
  cost("warm", "warm", "brisk", {}, 9.7e6),
];

function cost(id: string, label: string, family: Strategy["family"], phases: PhasesMs, rss: number): Cost {
  return { strategy: { id, label, family }, phases, rss };
}

const wholeMs: Record<string, number> = { "deno-process": 172, "workerd-loader": 168, warm: 0.4 };

function workload(
  id: string,
  label: string,
  description: string,
  bundleBytes: number,
  size: number,
  runs: number,
  random: () => number,
): Workload {
  const ran = costs.filter(({ strategy }) => strategy.id !== "deno-process" || id === "app");
  return {
    id,
    label,
    description,
    bundleBytes,
    results: ran.map((each) => result(each, size, runs, random)),
    skipped: [{ strategy: "bun-process", reason: "bun is not installed (npm i bun)" }].concat(
      id === "tiny" ? [{ strategy: "deno-process", reason: "deno is not installed (npm i deno)" }] : [],
    ),
    bursts: ["init", "code-cache", "snapshot-warm-up", "workerd-loader"].map((strategy) => {
      const one =
        (wholeMs[strategy] ?? sumOf(costs.find((each) => each.strategy.id === strategy)!.phases)) * size;
      const failed = strategy === "workerd-loader" ? 2 : 0;
      return {
        strategy,
        size: 50,
        latenciesMs: Array.from({ length: 50 - failed }, (_, n) =>
          spread((one * (n + 2)) / 2, 0.02, random),
        ).sort((a, b) => a - b),
        failures: failed > 0 ? [{ message: "socket hang up", count: failed }] : [],
      };
    }),
  };
}

function result(
  { strategy, phases, rss }: Cost,
  size: number,
  runs: number,
  random: () => number,
): StrategyResult {
  const starts = Array.from({ length: runs }, (): Start => {
    const slow = random() < 0.04 ? 1.6 : 1;
    const phasesMs = Object.fromEntries(
      Object.entries(phases).map(([name, ms]) => [
        name,
        spread(ms * scaleOf(name, size), 0.08, random) * slow,
      ]),
    );
    const whole = wholeMs[strategy.id];
    const totalMs =
      whole === undefined
        ? sumOf(phasesMs) + spread(1.4, 0.15, random)
        : spread(whole * (whole < 1 ? 1 : 0.1 + 0.9 * size) + 1.1, 0.1, random) * slow;
    return {
      totalMs,
      cpuMs: strategy.family === "peer" ? null : totalMs * 1.2,
      phasesMs,
      secondInvokeMs: strategy.id === "warm" ? null : spread(1.5, 0.2, random),
    };
  });
  return {
    strategy: strategy.id,
    starts,
    rssBytesPerEnvironment: rss * (rss > 2e7 ? 0.7 + 0.3 * size : 0.1 + 0.9 * size),
    failures: strategy.id === "workerd-loader" ? [{ message: "socket hang up", count: 1 }] : [],
  };
}

/** A bundle's size costs in what reads it, and hardly in what comes before. */
function scaleOf(phase: string, size: number): number {
  return ["process", "isolate", "context", "bind"].includes(phase) ? 0.4 + 0.6 * size : size;
}

function restores(msPerMegabyte: number, random: () => number) {
  return [1, 2, 5, 10, 20, 35, 50].map((megabytes) => ({
    heapBytes: megabytes * 1e6,
    snapshotBytes: megabytes * 0.9e6,
    restoreMs: Array.from({ length: 20 }, () => spread(1.6 + megabytes * msPerMegabyte, 0.06, random)),
  }));
}

function spread(middle: number, deviation: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return middle * Math.exp(deviation * normal);
}

function sumOf(phases: PhasesMs): number {
  return Object.values(phases).reduce((total, ms) => total + ms, 0);
}
