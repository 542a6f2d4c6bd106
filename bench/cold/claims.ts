import { claim, ratioClaim } from "../../src/lab/claim.ts";
import type { Claim, Start, StrategyId, Workload } from "../../src/lab/model.ts";
import { bootstrapInterval, median, percentile } from "../../src/lab/statistics.ts";
import type { MicroMeasures } from "./micro.ts";
import type { PackageSnapshots } from "./packages.ts";

const megabyte = 1e6;

export interface Measured {
  readonly workloads: readonly Workload[];
  readonly micro: MicroMeasures | undefined;
  readonly packages: PackageSnapshots | undefined;
  readonly seed: number;
}

/** The promises of "Numbers", each with what this run says of it. */
export function claimsOf({ workloads, micro, packages, seed }: Measured): readonly Claim[] {
  const workload = (id: string) => workloads.find((one) => one.id === id);
  const starts = (id: string, strategy: StrategyId): readonly Start[] =>
    workload(id)?.results.find((result) => result.strategy === strategy)?.starts ?? [];
  const totals = (id: string, strategy: StrategyId) => starts(id, strategy).map(({ totalMs }) => totalMs);
  const ratio = (
    label: string,
    of: readonly [workload: string, strategy: StrategyId],
    over: readonly [workload: string, strategy: StrategyId],
    atMost: number,
  ): Claim => {
    const note = [of, over].map(([id, strategy]) => missing(workload(id), id, strategy)).find(Boolean);
    const input = { label, of: totals(...of), over: totals(...over), target: { atMost } };
    return ratioClaim(note === undefined ? input : { ...input, note }, { seed });
  };
  const app = (strategy: StrategyId) => ["app", strategy] as const;
  const tiny = (strategy: StrategyId) => ["tiny", strategy] as const;
  const warmed = app("snapshot-warm-up");
  return [
    ratio("1.2 MB app: snapshot with warm-up ÷ fresh init", warmed, app("init"), 0.18),
    ratio("1.2 MB app: snapshot with warm-up ÷ code cache", warmed, app("code-cache"), 0.45),
    ratio("1.2 MB app: snapshot with warm-up ÷ workerd's Worker Loader", warmed, app("workerd-loader"), 0.12),
    ratio(
      "tiny: code cache (the default) ÷ workerd's Worker Loader",
      tiny("code-cache"),
      tiny("workerd-loader"),
      0.45,
    ),
    tinyInHost(starts("tiny", "code-cache"), micro, seed),
    ...baseHeap(micro),
    ...burst(workload("app"), totals("app", "snapshot-warm-up")),
    ratio("tiny: restored ahead ÷ warm", tiny("restored-ahead"), tiny("warm"), 1.5),
    ratio("1.2 MB app: restored ahead ÷ restored on demand", app("restored-ahead"), warmed, 0.5),
    packageShare(packages),
  ];
}

function missing(workload: Workload | undefined, id: string, strategy: StrategyId): string | undefined {
  if (workload === undefined) return `the workload ${id} was not run`;
  const skipped = workload.skipped.find((one) => one.strategy === strategy);
  return skipped === undefined ? undefined : `${strategy} did not run: ${skipped.reason}`;
}

/** By what the host says of each start, with the first invocation: nothing of HTTP and of frames between processes. */
function tinyInHost(starts: readonly Start[], micro: MicroMeasures | undefined, seed: number): Claim {
  const inHost = starts.flatMap(({ phasesMs }) => {
    const { isolate = 0, context = 0, bind = 0, init = 0, restore = 0, firstInvoke } = phasesMs;
    return firstInvoke === undefined ? [] : [isolate + context + bind + init + restore + firstInvoke];
  });
  return ratioClaim(
    {
      label: "tiny: start and first call in the host ÷ a bare isolate, context and call",
      of: inHost,
      over: micro?.bareMs ?? null,
      target: { atMost: 2 },
      note: "the host keeps an isolate with the base heap ready, the bare one is made for the call",
    },
    { seed },
  );
}

function baseHeap(micro: MicroMeasures | undefined): readonly Claim[] {
  const added = (measures: { empty: readonly number[]; base: readonly number[] } | undefined) =>
    measures === undefined ? null : median(measures.base) - median(measures.empty);
  const bytes = added(micro?.isolateBytes);
  return [
    claim({
      label: "the base heap adds to a restore over an empty snapshot",
      unit: "ms",
      value: added(micro?.restoreMs),
      target: { atMost: 0.6 },
    }),
    claim({
      label: "the base heap adds to an isolate over an empty snapshot",
      unit: "MB",
      value: bytes === null ? null : bytes / megabyte,
      target: { atMost: 0.6 },
    }),
  ];
}

function burst(app: Workload | undefined, singleMs: readonly number[]): readonly Claim[] {
  const found = app?.bursts.find(({ strategy }) => strategy === "snapshot-warm-up");
  const failures = found?.failures.reduce((total, { count }) => total + count, 0) ?? null;
  const isMeasured = found !== undefined && found.latenciesMs.length > 0 && singleMs.length > 0;
  const size = found?.size ?? 50;
  return [
    claim({
      label: `1.2 MB app: p99 of ${size} cold starts at once ÷ median of a single one`,
      unit: "×",
      value: isMeasured ? percentile(found.latenciesMs, 99) / median(singleMs) : null,
      interval: isMeasured
        ? bootstrapInterval(
            singleMs,
            (sorted) => percentile(found.latenciesMs, 99) / percentile(sorted, 50),
            { seed: 1 },
          )
        : null,
      target: { atMost: 30 },
    }),
    claim({
      label: `1.2 MB app: failures among ${size} cold starts at once`,
      unit: "",
      value: failures,
      target: { atMost: 0 },
    }),
  ];
}

function packageShare(packages: PackageSnapshots | undefined): Claim {
  const label = "examples and packages used at init that get a snapshot";
  if (packages === undefined) {
    return claim({ label, unit: "%", value: null, target: { atLeast: 90 }, note: "not run (--no-packages)" });
  }
  const { frozen, failed } = packages;
  return claim({
    label,
    unit: "%",
    value: (100 * frozen.length) / (frozen.length + failed.length),
    target: { atLeast: 90 },
    note:
      `${frozen.length} of ${frozen.length + failed.length}` +
      failed.map(({ name, reason }) => `; not ${name}: ${reason}`).join(""),
  });
}
