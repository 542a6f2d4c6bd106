import type { VersionSpec } from "../src/model/version.ts";
import type { SnapStart, SnapshotFailure, SnapshotState } from "../src/snapstart/index.ts";

interface Build {
  state: SnapshotState;
  readonly done: Promise<SnapshotState>;
  readonly settle: (state: SnapshotState) => void;
}

export const readySnapshot = {
  kind: "ready",
  report: {
    hash: "ab".repeat(32),
    bytes: 4_404_019,
    madeAtMs: Date.UTC(2026, 10, 21, 12),
    v8: "14.6",
    durationsMs: { record: 80, freeze: 320, verify: 40, store: 12.5 },
    operations: { "fetch.send": 1, "crypto.hash": 3 },
    timeReads: 2,
    randomReads: 0,
    fetches: ["GET https://config.example/"],
    builtins: ["node:crypto"],
    largestModules: [{ path: "node_modules/zod/index.js", bytes: 250_000 }],
    warmUps: [{ source: "configuration", outcome: "answered" }],
    isPrimed: false,
  },
} as const satisfies SnapshotState;

export function failedSnapshot(
  code: SnapshotFailure["code"] = "NotDeterministic",
  message = "Init asked for fetch.send when crypto.random was next (index.mjs:3)",
): SnapshotState {
  return { kind: "failed", failure: { step: "freeze", code, message } };
}

/** Makes no snapshots, and says what it is told to say of them. */
export class FakeSnapStart implements SnapStart {
  /** Of each `prepare`, in order. */
  readonly prepared: VersionSpec[] = [];
  /** How often everything else was to be removed. */
  sweeps = 0;
  readonly forgotten: string[] = [];
  /** Builds that were under way at the same time, at most. */
  mostAtOnce = 0;
  /** What comes of a build, unless `hold` lets the test decide. */
  outcome: SnapshotState = readySnapshot;
  #holds = false;
  readonly #builds = new Map<string, Build>();

  hold(): void {
    this.#holds = true;
  }

  /** Ends the builds that wait, and lets later ones end by themselves. */
  release(outcome: SnapshotState = this.outcome): void {
    this.#holds = false;
    this.outcome = outcome;
    for (const build of this.#running) build.settle(outcome);
  }

  /** Ends one of the builds that wait. */
  releaseOne(): void {
    this.#running[0]?.settle(this.outcome);
  }

  prepare(spec: VersionSpec): Promise<SnapshotState> {
    this.prepared.push(spec);
    const known = this.#builds.get(spec.key);
    if (known !== undefined) return known.done;
    const { promise, resolve } = Promise.withResolvers<SnapshotState>();
    const build: Build = {
      state: { kind: "building", step: "record" },
      done: promise,
      settle: (state) => {
        build.state = state;
        resolve(state);
      },
    };
    this.#builds.set(spec.key, build);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running.length);
    if (!this.#holds) setImmediate(() => build.settle(this.outcome));
    return promise;
  }

  state(spec: VersionSpec): SnapshotState {
    return this.#builds.get(spec.key)?.state ?? { kind: "none" };
  }

  forget(spec: VersionSpec): void {
    this.forgotten.push(spec.key);
    const build = this.#builds.get(spec.key);
    this.#builds.delete(spec.key);
    if (build?.state.kind === "building") build.settle({ kind: "none" });
  }

  async sweep(): Promise<void> {
    this.sweeps++;
  }

  async close(): Promise<void> {
    this.release();
  }

  get #running(): Build[] {
    return [...this.#builds.values()].filter(({ state }) => state.kind === "building");
  }
}
