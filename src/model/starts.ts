import type { StartStrategy, VersionSpec } from "./version.ts";

/** One start of an execution environment: how, why not a better way, and what it took. */
export interface StartRecord {
  /** When the environment was asked for, epoch ms. */
  readonly atMs: number;
  /** How it came to be ready. */
  readonly strategy: StartStrategy;
  /** Why it was not a strategy that the version wanted more; absent when it was the wanted one. */
  readonly reason?: string;
  /**
   * Parts of the start in the order in which they ran, ms. Which there are depends on the strategy: `isolate` (V8's
   * heap, restored where there is a snapshot), `context`, `bind` (the bridge to the host), `compile`, `load` (the
   * bundle runs, until init has settled), `restore` (variables, clocks and hooks, in place of the last two).
   */
  readonly phasesMs: Readonly<Record<string, number>>;
  /** Heap and buffers of the isolate when it was ready. */
  readonly memoryBytes: number;
  /** From being asked for to being ready, waiting for a host included, ms. */
  readonly durationMs: number;
  /** Nobody waited for it: it was started ahead of need. */
  readonly isAhead?: boolean;
}

/** What execution can tell of a version's environments, and do to them. */
export interface StartsView {
  /** @param key Of the VersionSpec. @returns The newest first; a bounded number. */
  starts(key: string): readonly StartRecord[];
  /** Environments that exist, by what they do. */
  environments(key: string): EnvironmentCounts;
  /** Ends the version's idle environments, so that its next invocation is a cold start. @returns How many. */
  retireIdle(key: string): number;
  /** Restores an environment before anybody asks, where the version has a snapshot and none is idle. */
  prepareSpare(spec: VersionSpec): void;
}

export interface EnvironmentCounts {
  readonly idle: number;
  readonly busy: number;
  /** In init or restore. */
  readonly starting: number;
}
