import type { VersionSpec } from "../model/version.ts";

/** A snapshot that environments may start from. */
export interface ReadySnapshot {
  readonly hash: string;
  /** The guest's own clock when it was frozen, ms. */
  readonly clockMs: number;
  /** From memory, where it is there. */
  readonly bytes: Uint8Array | undefined;
  /** From disk; undefined when it was damaged, and is gone. */
  read(): Promise<Uint8Array | undefined>;
}

/** What the fleet asks about snapshots. Answered from memory: it is on the path of a cold start. */
export interface SnapshotSource {
  /** The version's snapshot, or why there is none. */
  find(spec: VersionSpec): ReadySnapshot | { readonly reason: string };
  /** A heap that was restored from it is ready. */
  restored(spec: VersionSpec): void;
  /** A host ended while it restored it, or the restored heap was not ready. */
  failed(spec: VersionSpec, reason: string): void;
}

/** How an environment is to become ready. */
export interface StartPlan {
  readonly snapshot: ReadySnapshot | undefined;
  /** Why not by the strategy that the version wants most; empty when it is that one. */
  readonly reason: string;
}

export function planStart(spec: VersionSpec, snapshots: SnapshotSource): StartPlan {
  if (spec.start !== "snapshot") return { snapshot: undefined, reason: "" };
  const found = snapshots.find(spec);
  return "reason" in found ? { snapshot: undefined, reason: found.reason } : { snapshot: found, reason: "" };
}
