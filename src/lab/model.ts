/**
 * What the laboratory writes down of one run: plain JSON, from which every table and plot is made. Milliseconds are
 * kept as they were measured, unrounded; statistics are never stored, so that a reader can check them.
 */

/** Goes up when a reader of the former could misread the new. */
export const schemaVersion = 1;

/** One run of `brisk bench` or `npm run bench:cold`: strategies side by side, interleaved. */
export interface BenchRun extends RunHeader {
  readonly kind: "bench";
  readonly settings: BenchSettings;
  /** In the order in which they are shown: what is compared against first, the fastest last. */
  readonly strategies: readonly Strategy[];
  readonly workloads: readonly Workload[];
  readonly restoreBySize: readonly RestoreSeries[];
  readonly claims: readonly Claim[];
}

/** One run of `brisk tune`: a function at several memory sizes. */
export interface TuneRun extends RunHeader {
  readonly kind: "tune";
  readonly functionName: string;
  readonly settings: { readonly runs: number; readonly warmUpRuns: number; readonly seed: number };
  readonly pricing: Pricing;
  /** By memory size, the smallest first. */
  readonly points: readonly TunePoint[];
}

export type LabRun = BenchRun | TuneRun;

export interface RunHeader {
  readonly schemaVersion: typeof schemaVersion;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** As it can be typed again. */
  readonly command: string;
  readonly machine: Machine;
  /** By name: `brisk`, `node`, `v8`, `isolated-vm`, and each peer that ran (`workerd`, `deno`, `bun`). */
  readonly versions: Readonly<Record<string, string>>;
  /** Of Brisk's checkout, with `-dirty` where files differ from it; null outside of one. */
  readonly commit: string | null;
}

export interface Machine {
  /** As in `AMD EPYC 7B13`. */
  readonly cpu: string;
  /** Logical processors that the run could use. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** As in `Linux 6.1.0`. */
  readonly os: string;
  readonly architecture: string;
}

export interface BenchSettings {
  /** Starts kept of each strategy and workload. */
  readonly runs: number;
  /** Starts made before those, and thrown away. */
  readonly warmUpRuns: number;
  /** Of the order of strategies within a round and of the confidence intervals. */
  readonly seed: number;
  /** Cold starts at once in a burst. */
  readonly burstSize: number;
  /** The strategy that ratios are taken against, an `id`. */
  readonly baseline: string;
}

export interface Strategy {
  /** One of `strategyIds`, or a peer's own. */
  readonly id: string;
  /** As people read it: `snapshot + warm-up`. */
  readonly label: string;
  /** Brisk's own, something Node or V8 offers by itself, or another product. */
  readonly family: "brisk" | "platform" | "peer";
}

export const strategyIds = [
  "node-process",
  "deno-process",
  "bun-process",
  "worker-thread",
  "node-vm",
  "workerd-loader",
  "init",
  "code-cache",
  "snapshot",
  "snapshot-warm-up",
  "restored-ahead",
  /** No cold start: the second and later invocations, what there is to reach. */
  "warm",
] as const;

export type StrategyId = (typeof strategyIds)[number];

export interface Workload {
  /** As in `tiny`, `app`, or the user's function's name. Not trusted: it may hold any character. */
  readonly id: string;
  readonly label: string;
  /** One sentence. */
  readonly description: string;
  /** Of the function's code as one script; null where nobody knows. */
  readonly bundleBytes: number | null;
  readonly results: readonly StrategyResult[];
  /** Strategies that did not run for this workload. */
  readonly skipped: readonly Skipped[];
  readonly bursts: readonly Burst[];
}

export interface Skipped {
  /** A strategy's `id`. */
  readonly strategy: string;
  /** One sentence: `workerd is not installed (npm i workerd)`. */
  readonly reason: string;
}

/** All starts of one workload by one strategy. */
export interface StrategyResult {
  /** A strategy's `id`. */
  readonly strategy: string;
  /** In the order in which they were made, without the warm-up runs and without failures. */
  readonly starts: readonly Start[];
  /** Resident memory that one more idle environment costs; null where it was not measured. */
  readonly rssBytesPerEnvironment: number | null;
  readonly failures: readonly Failure[];
}

export interface Start {
  /** Wall time from opening the connection to the answer's last byte, ms. */
  readonly totalMs: number;
  /** User and system time of every process that had a part in it, ms; null where it was not measured. */
  readonly cpuMs: number | null;
  readonly phasesMs: PhasesMs;
  /** The whole of the request after it, to the same environment, ms; null where there was none. */
  readonly secondInvokeMs: number | null;
}

/**
 * Parts of `totalMs` that do not overlap, in this order; what is missing was not measured or did not happen. The rest
 * of `totalMs` is the way there and back: HTTP, scheduling, frames between processes.
 */
export const phaseNames = [
  "process",
  "isolate",
  "context",
  "bind",
  "init",
  "restore",
  "firstInvoke",
] as const;

export type PhaseName = (typeof phaseNames)[number];

export type PhasesMs = Readonly<Partial<Record<PhaseName, number>>>;

export interface Failure {
  readonly message: string;
  readonly count: number;
}

/** Cold starts asked for at the same moment. */
export interface Burst {
  /** A strategy's `id`. */
  readonly strategy: string;
  readonly size: number;
  /** Of each answer, ms since the burst began, the first to arrive first. Shorter than `size` by what failed. */
  readonly latenciesMs: readonly number[];
  readonly failures: readonly Failure[];
}

/** How the restore grows with the heap. */
export interface RestoreSeries {
  /** As in `evaluated objects`, `source text`. */
  readonly label: string;
  readonly points: readonly RestorePoint[];
}

export interface RestorePoint {
  /** Of the restored heap, in use. */
  readonly heapBytes: number;
  readonly snapshotBytes: number;
  /** Of each restore, without the warm-up runs. */
  readonly restoreMs: readonly number[];
}

/** A number that Brisk promises, and what this run says of it. */
export interface Claim {
  /** The whole promise: `1.2 MB app: snapshot with warm-up, times fresh init`. */
  readonly label: string;
  /** As `×`, `ms`, `MB`, `%`. */
  readonly unit: string;
  /** Null where it could not be measured; `note` says why. */
  readonly value: number | null;
  /** 95% confidence; null where it is no statistic. */
  readonly interval: Interval | null;
  readonly target: Target;
  /** Null where there is no value. Made by `claim()`, never by hand. */
  readonly isMet: boolean | null;
  readonly note: string | null;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export type Target = { readonly atMost: number } | { readonly atLeast: number };

export interface TunePoint {
  readonly memorySizeMb: number;
  /** Of warm invocations, as the function's log bills them, ms. */
  readonly durationsMs: readonly number[];
  /** Of the cold one at this size, init and invocation; null where it was not measured. */
  readonly coldMs: number | null;
  /** The largest of all invocations; null where it was not measured. */
  readonly maxMemoryUsedMb: number | null;
  readonly failures: readonly Failure[];
}

/** What a duration would cost where it is billed. */
export interface Pricing {
  /** As in `AWS Lambda, us-east-1, x86_64`. */
  readonly source: string;
  readonly usdPerGbSecond: number;
  readonly usdPerRequest: number;
}
