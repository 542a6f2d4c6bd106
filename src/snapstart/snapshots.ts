import { basename } from "node:path";
import { z } from "zod";
import { isolateFlags } from "../isolate-flags.ts";
import type { Clock } from "../model/clock.ts";
import type { FrozenFacts } from "../model/freeze-messages.ts";
import type { BundleText, VersionSpec } from "../model/version.ts";
import { FreezeError, type Freezer } from "./freezer.ts";
import { JobSlots } from "./job-slots.ts";
import type { SampleEvents } from "./sample-events.ts";
import type { SealedStore } from "./sealed-store.ts";
import type {
  SnapStart,
  SnapshotFailure,
  SnapshotReport,
  SnapshotState,
  SnapshotStep,
} from "./snap-start.ts";
import { snapshotKey } from "./snapshot-key.ts";

/** What becomes of init in an environment that writes down what it does. */
export type Recorded =
  | { readonly kind: "recorded"; readonly json: Uint8Array }
  | {
      readonly kind: "failed";
      readonly code: "InitFailed" | "NotFreezable" | "NoRoom";
      readonly message: string;
      /** Nothing of the function's: it may go better in a while. */
      readonly isTransient: boolean;
    };

export interface SnapshotsOptions {
  readonly store: SealedStore;
  readonly freezer: Freezer;
  /** The folder of the guest heap; its name changes with V8, its flags and the guest's code. */
  readonly guestDir: string;
  readonly clock: Clock;
  /** Ends early, in whatever way, when the signal says so. */
  readonly record: (spec: VersionSpec, events: readonly string[], signal: AbortSignal) => Promise<Recorded>;
  /** What the version runs, checked. */
  readonly readBundle: (spec: VersionSpec) => Promise<BundleText>;
  readonly sampleEvents: (spec: VersionSpec) => SampleEvents;
  /** Told of each snapshot that environments may start from now on. */
  readonly onReady: (spec: VersionSpec) => void;
  readonly onBug: (error: unknown) => void;
}

/** Of what is in a snapshot beside the guest heap: scripts, their order, the ready check. */
const format = 1;
/** Hosts that may be lost over one snapshot: the first may have had another reason. */
const restoreFailuresAllowed = 2;
const recordingAttempts = 3;
const recordingRetryMs = 1000;
/**
 * After how long a build that failed for what may pass (no room, a full disk, a killed or too slow process) is tried
 * again when a start wants it. Then no more: what fails four times over half an hour is not passing.
 */
const retryDelaysMs = [60_000, 300_000, 1_800_000];
const passing: ReadonlySet<SnapshotFailure["code"]> = new Set([
  "NoRoom",
  "StoreFailed",
  "BuilderFailed",
  "BuilderTimedOut",
  "RestoreFailed",
]);

/** What is stored beside a snapshot. */
const metaSchema = z.object({
  clockMs: z.number(),
  report: z.object({
    hash: z.string(),
    bytes: z.number(),
    madeAtMs: z.number(),
    v8: z.string(),
    durationsMs: z.partialRecord(z.enum(["record", "freeze", "verify", "store"]), z.number()),
    operations: z.record(z.string(), z.number()),
    timeReads: z.number(),
    randomReads: z.number(),
    fetches: z.array(z.string()),
    builtins: z.array(z.string()),
    largestModules: z.array(z.object({ path: z.string(), bytes: z.number() })),
    warmUps: z.array(z.object({ source: z.string(), outcome: z.string() })),
    isPrimed: z.boolean(),
  }),
});

interface Entry {
  readonly spec: VersionSpec;
  readonly key: string;
  state: SnapshotState;
  clockMs: number;
  build: Promise<SnapshotState> | undefined;
  readonly abort: AbortController;
  restoreFailures: number;
  /** How often it was tried again since a restore went well. */
  retries: number;
}

/**
 * The snapshots of versions: made by running init where it is written down, replaying it in a builder process,
 * trying the heap in another one, and sealing it.
 *
 *     none ──► building (record ► freeze ► verify ► store) ──► ready ──► failed      building ──► failed ──► building
 */
export class Snapshots implements SnapStart {
  readonly #options: SnapshotsOptions;
  readonly #entries = new Map<string, Entry>();
  /** One build at a time: it takes a core, and what serves meanwhile needs the others. */
  readonly #slots = new JobSlots(1);
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  prepare(spec: VersionSpec): Promise<SnapshotState> {
    if (spec.start !== "snapshot" || this.#isClosed) return Promise.resolve(this.state(spec));
    const known = this.#entries.get(spec.key);
    if (known !== undefined) return known.build ?? Promise.resolve(known.state);
    const entry: Entry = {
      spec,
      key: this.#keyOf(spec),
      state: { kind: "building", step: "record" },
      clockMs: 0,
      build: undefined,
      abort: new AbortController(),
      restoreFailures: 0,
      retries: 0,
    };
    this.#entries.set(spec.key, entry);
    return this.#start(entry);
  }

  state(spec: VersionSpec): SnapshotState {
    return this.#entries.get(spec.key)?.state ?? { kind: "none" };
  }

  forget(spec: VersionSpec): void {
    if (spec.start !== "snapshot") return;
    const entry = this.#entries.get(spec.key);
    this.#entries.delete(spec.key);
    entry?.abort.abort(new FreezeError("BuilderFailed", "The version was deleted"));
    // One that an earlier process made, and that nobody asked for since, has a file all the same.
    const key = entry?.key ?? this.#keyOf(spec);
    this.#remove(key).catch(this.#options.onBug);
  }

  async sweep(): Promise<void> {
    const needed = new Set([...this.#entries.values()].map(({ key }) => key));
    await this.#options.store.sweep(({ kind, key }) => kind !== "snapshot" || needed.has(key));
  }

  /** The version's snapshot for an environment that is to start now, or why there is none. */
  find(spec: VersionSpec) {
    const entry = this.#entries.get(spec.key);
    if (entry === undefined) return { reason: "no snapshot was made of it yet" };
    if (this.#isDue(entry)) {
      entry.retries++;
      void this.#start(entry);
    }
    const { state } = entry;
    if (state.kind === "building") return { reason: `its snapshot is being made (${state.step})` };
    if (state.kind === "failed") return { reason: `it has no snapshot: ${state.failure.message}` };
    if (state.kind === "none") return { reason: "no snapshot was made of it yet" };
    return {
      hash: state.report.hash,
      clockMs: entry.clockMs,
      bytes: this.#options.store.peek("snapshot", entry.key),
      read: () => this.#read(entry),
    };
  }

  /** A restore went well: what failed before had another reason. */
  restored(spec: VersionSpec): void {
    const entry = this.#entries.get(spec.key);
    if (entry === undefined) return;
    entry.restoreFailures = 0;
    entry.retries = 0;
  }

  /** A restored heap was not ready, or took its host down. */
  failed(spec: VersionSpec, reason: string): void {
    const entry = this.#entries.get(spec.key);
    if (entry?.state.kind !== "ready" || ++entry.restoreFailures < restoreFailuresAllowed) return;
    const message = `Its snapshot was given up after ${entry.restoreFailures} failed restores: ${reason}`;
    entry.state = {
      kind: "failed",
      failure: this.#retried(entry, { step: "verify", code: "RestoreFailed", message }),
    };
    this.#options.store.remove("snapshot", entry.key).catch(this.#options.onBug);
  }

  /** Ends builds. Whoever waits for one hears nothing more: the next start of the server makes it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { abort } of this.#entries.values()) {
      abort.abort(new FreezeError("BuilderFailed", "The server is shutting down"));
    }
    await Promise.all(this.#running);
  }

  async #read(entry: Entry): Promise<Uint8Array | undefined> {
    const bytes = await this.#options.store.read("snapshot", entry.key).catch((error: unknown) => {
      this.#options.onBug(error);
      return undefined;
    });
    // Damaged, and gone: whoever asked goes on by init, and a new one is made.
    if (bytes === undefined && entry.state.kind === "ready" && entry.build === undefined)
      void this.#start(entry);
    return bytes;
  }

  #start(entry: Entry): Promise<SnapshotState> {
    entry.state = { kind: "building", step: "record" };
    entry.restoreFailures = 0;
    const build = this.#build(entry).catch((error: unknown) => this.#failure(entry, error));
    this.#running.add(build);
    entry.build = build.then((state) => {
      this.#running.delete(build);
      if (this.#isClosed) return new Promise(() => {});
      entry.state = state;
      entry.build = undefined;
      const isWanted = this.#entries.get(entry.spec.key) === entry;
      if (state.kind === "ready" && isWanted) this.#options.onReady(entry.spec);
      return state;
    });
    return entry.build;
  }

  async #build(entry: Entry): Promise<SnapshotState> {
    const { store } = this.#options;
    const { signal } = entry.abort;
    const known = metaSchema.safeParse(await store.find("snapshot", entry.key));
    if (known.success) {
      entry.clockMs = known.data.clockMs;
      return { kind: "ready", report: known.data.report };
    }
    const release = await this.#slots.acquire(signal);
    try {
      return await this.#make(entry, signal);
    } finally {
      release();
    }
  }

  async #make(entry: Entry, signal: AbortSignal): Promise<SnapshotState> {
    const { store, freezer, clock } = this.#options;
    const { spec } = entry;
    const durationsMs: Partial<Record<SnapshotStep, number>> = {};
    const step = async <T>(name: SnapshotStep, work: () => Promise<T>): Promise<T> => {
      signal.throwIfAborted();
      entry.state = { kind: "building", step: name };
      const startMs = performance.now();
      const made = await work();
      durationsMs[name] = Math.round(performance.now() - startMs);
      return made;
    };
    const samples = this.#options.sampleEvents(spec);
    const { script, map } = await this.#options.readBundle(spec);
    const recording = await step("record", () => this.#record(spec, samples.events, signal));
    const { snapshot, facts } = await step("freeze", () =>
      freezer.freeze({ recording, script, map, isPrimed: spec.isPrimed }, signal),
    );
    await step("verify", () => freezer.verify(snapshot, signal));
    const hash = Buffer.from(await crypto.subtle.digest("SHA-256", snapshot)).toString("hex");
    const report = reportOf({
      hash,
      facts,
      snapshot,
      samples,
      durationsMs,
      isPrimed: spec.isPrimed,
      madeAtMs: clock.now(),
    });
    entry.clockMs = facts.clockMs;
    await step("store", async () => {
      await store.put("snapshot", entry.key, snapshot, { clockMs: facts.clockMs, report });
      // Into memory, by way of the disk: what cannot be read back is no snapshot.
      if ((await store.read("snapshot", entry.key)) === undefined)
        throw new Error("it could not be read back");
    });
    if (signal.aborted && !this.#isClosed) await this.#remove(entry.key);
    signal.throwIfAborted();
    return { kind: "ready", report };
  }

  async #record(spec: VersionSpec, events: readonly string[], signal: AbortSignal): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      const recorded = await this.#options.record(spec, events, signal);
      signal.throwIfAborted();
      if (recorded.kind === "recorded") return recorded.json;
      if (attempt >= recordingAttempts || !recorded.isTransient) {
        throw new FreezeError(recorded.code, recorded.message);
      }
      await pause(recordingRetryMs * attempt, signal);
      signal.throwIfAborted();
    }
  }

  #failure(entry: Entry, error: unknown): SnapshotState {
    const step = entry.state.kind === "building" ? entry.state.step : "record";
    const isKnown = error instanceof FreezeError;
    if (!isKnown && step !== "store") this.#options.onBug(error);
    const message = error instanceof Error ? error.message : String(error);
    const code = isKnown ? error.code : step === "store" ? "StoreFailed" : "BuilderFailed";
    const failure: SnapshotFailure = {
      step,
      code,
      message: step === "store" ? `The snapshot could not be stored: ${message}` : message,
    };
    return { kind: "failed", failure: this.#retried(entry, failure) };
  }

  #retried(entry: Entry, failure: SnapshotFailure): SnapshotFailure {
    const delayMs = retryDelaysMs[entry.retries];
    if (delayMs === undefined || !passing.has(failure.code)) return failure;
    return { ...failure, retryAtMs: this.#options.clock.now() + delayMs };
  }

  #isDue({ state, build }: Entry): boolean {
    if (state.kind !== "failed" || build !== undefined || this.#isClosed) return false;
    const { retryAtMs } = state.failure;
    return retryAtMs !== undefined && this.#options.clock.now() >= retryAtMs;
  }

  /** What is stored of a version that is gone: a configuration that was changed and changed back has the same. */
  async #remove(key: string): Promise<void> {
    for (const other of this.#entries.values()) if (other.key === key) return;
    await this.#options.store.remove("snapshot", key);
  }

  #keyOf(spec: VersionSpec): string {
    const { guestDir } = this.#options;
    const { functionArn, version, handler, runtime, memorySizeMb, environmentVariables, region, logGroup } =
      spec;
    return snapshotKey({
      format,
      baseHash: basename(guestDir),
      bundleHash: spec.bundle.hash,
      configuration: {
        functionArn,
        version,
        handler,
        runtime,
        memorySizeMb,
        environmentVariables,
        region,
        logGroup,
        // Init may read any file of the package and its layers, also where the script is the same.
        files: spec.bundle.key,
        warmUpEvents: spec.warmUpEvents,
        isPrimed: spec.isPrimed,
      },
      v8: process.versions.v8,
      flags: isolateFlags,
      arch: process.arch,
    });
  }
}

/** Ends early when nobody waits any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function reportOf(made: {
  hash: string;
  facts: FrozenFacts;
  snapshot: Uint8Array;
  samples: SampleEvents;
  durationsMs: SnapshotReport["durationsMs"];
  isPrimed: boolean;
  madeAtMs: number;
}): SnapshotReport {
  const { clockMs: _, outcomes, ...facts } = made.facts;
  return {
    hash: made.hash,
    bytes: made.snapshot.byteLength,
    madeAtMs: made.madeAtMs,
    v8: process.versions.v8,
    durationsMs: made.durationsMs,
    ...facts,
    warmUps: outcomes.map((outcome) => ({ source: made.samples.source, outcome })),
    isPrimed: made.isPrimed,
  };
}
