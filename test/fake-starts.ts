import type { EnvironmentCounts, StartRecord, StartsView } from "../src/model/starts.ts";
import type { VersionSpec } from "../src/model/version.ts";

export const restoredStart: StartRecord = {
  atMs: Date.UTC(2026, 10, 21, 12, 30),
  strategy: "snapshot",
  phasesMs: { isolate: 2.1, context: 1.4, bind: 0.3, restore: 0.9 },
  memoryBytes: 9_646_899,
  durationMs: 5.2,
};

export const slowStart: StartRecord = {
  atMs: Date.UTC(2026, 10, 21, 12, 29, 59),
  strategy: "init",
  reason: "the snapshot is being made",
  phasesMs: { isolate: 0.7, context: 0.2, bind: 0.3, compile: 20, load: 61.5 },
  memoryBytes: 8_388_608,
  durationMs: 84.25,
};

/** Execution that never ran: it tells what it was told to. */
export class FakeStarts implements StartsView {
  /** By key of the VersionSpec. */
  readonly records = new Map<string, readonly StartRecord[]>();
  readonly idle = new Map<string, number>();

  starts(key: string): readonly StartRecord[] {
    return this.records.get(key) ?? [];
  }

  environments(key: string): EnvironmentCounts {
    return { idle: this.idle.get(key) ?? 0, busy: 0, starting: 0 };
  }

  retireIdle(key: string): number {
    const count = this.idle.get(key) ?? 0;
    this.idle.delete(key);
    return count;
  }

  prepareSpare({ key }: VersionSpec): void {
    this.idle.set(key, Math.max(1, this.idle.get(key) ?? 0));
  }
}
