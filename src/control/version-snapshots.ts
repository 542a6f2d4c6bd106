import type { VersionSpec } from "../model/version.ts";
import type { SnapStart, SnapshotState } from "../snapstart/index.ts";
import type { Catalog } from "./catalog.ts";
import { latest, type VersionRecord } from "./records.ts";
import { snapshotSettled } from "./version-states.ts";

/** Snapshots that a start of the server looks after at once: they serve nobody who waits. */
const resumedAtOnce = 2;

/** For a server that makes none. */
export const noSnapStart: SnapStart = {
  prepare: async () => ({ kind: "none" }),
  state: () => ({ kind: "none" }),
  forget() {},
  async sweep() {},
  async close() {},
};

/**
 * The snapshots of versions, from the control path's side: has them made when a version can serve, and moves those
 * that were published with SnapStart out of Pending. Whatever comes of a snapshot the version becomes Active: without
 * one it starts by init, where Lambda's would be Failed.
 */
export class VersionSnapshots {
  readonly #catalog: Catalog;
  readonly #snapStart: SnapStart;
  readonly #specOf: (version: VersionRecord) => VersionSpec | undefined;
  readonly #onBug: (error: unknown) => void;
  readonly #settling = new Set<Promise<void>>();
  #closed = false;

  constructor(parts: {
    catalog: Catalog;
    snapStart: SnapStart;
    specOf: (version: VersionRecord) => VersionSpec | undefined;
    onBug: (error: unknown) => void;
  }) {
    this.#catalog = parts.catalog;
    this.#snapStart = parts.snapStart;
    this.#specOf = parts.specOf;
    this.#onBug = parts.onBug;
  }

  /** Whether a version that has its bundle is Pending until its snapshot was made or could not be. */
  isAwaited(version: VersionRecord): boolean {
    return asksForSnapStart(version) && this.#specOf(version)?.start === "snapshot";
  }

  /** What is known of the snapshot of what serves, from memory. */
  state(version: VersionRecord): SnapshotState {
    const spec = this.#specOf(version);
    return spec === undefined ? { kind: "none" } : this.#snapStart.state(spec);
  }

  /** Has the snapshot made that a version wants which just got its bundle. Returns at once. */
  follow(version: VersionRecord): void {
    this.#prepare(version).catch(this.#onBug);
  }

  /**
   * After a start of the server: versions that waited go on waiting, and the others, which serve meanwhile, get their
   * snapshots checked or made again, as an upgrade of Node wants it. Returns at once.
   */
  resume(): void {
    const versions = this.#catalog.list().flatMap((entry) => [...entry.versions.values()]);
    const left = versions
      .filter(({ serving }) => serving !== undefined)
      .sort((a, b) => Number(b.state === "Pending") - Number(a.state === "Pending"));
    const next = async (): Promise<void> => {
      for (let version = left.shift(); version !== undefined && !this.#closed; version = left.shift()) {
        if (this.#current(version) !== undefined) await this.#prepare(version);
      }
    };
    const all = Promise.all(Array.from({ length: resumedAtOnce }, next));
    all.then(() => (this.#closed ? undefined : this.#snapStart.sweep())).catch(this.#onBug);
  }

  /** What served is not served any more. */
  forget(version: VersionRecord): void {
    const spec = this.#specOf(version);
    if (spec !== undefined) this.#snapStart.forget(spec);
  }

  /** Snapshots that are being made belong to SnapStart, which ends them; versions that wait stay Pending on disk. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#settling);
  }

  async #prepare(version: VersionRecord): Promise<void> {
    const spec = this.#specOf(version);
    if (spec?.start === "snapshot") await this.#snapStart.prepare(spec).catch(this.#onBug);
    if (this.#closed || version.state !== "Pending") return;
    const work = this.#settle(version).catch(this.#onBug);
    this.#settling.add(work);
    await work;
    this.#settling.delete(work);
  }

  async #settle(version: VersionRecord): Promise<void> {
    await this.#catalog.exclusive(version.functionName, async () => {
      const now = this.#current(version);
      if (now?.state === "Pending") await this.#catalog.commit([{ version: snapshotSettled(now) }]);
    });
  }

  /** The version as it is now; nothing when it was deleted, or serves something else. */
  #current({ functionName, version, serving }: VersionRecord): VersionRecord | undefined {
    const now = this.#catalog.get(functionName)?.versions.get(version);
    return now?.serving?.key === serving?.key ? now : undefined;
  }
}

/** Whether a version was published with SnapStart. `$LATEST` never is, whatever it is configured to be. */
export function asksForSnapStart({ version, configuration }: VersionRecord): boolean {
  return version !== latest && configuration.snapStart === "PublishedVersions";
}
