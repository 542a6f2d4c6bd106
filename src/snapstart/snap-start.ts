import type { VersionSpec } from "../model/version.ts";

/** Where a build stands, in this order. */
export type SnapshotStep = "record" | "freeze" | "verify" | "store";

/** What is known of the snapshot of one version. */
export type SnapshotState =
  /** Nobody asked for one. */
  | { readonly kind: "none" }
  | { readonly kind: "building"; readonly step: SnapshotStep }
  /** Verified and stored: environments start from it. */
  | { readonly kind: "ready"; readonly report: SnapshotReport }
  /** There is none. */
  | { readonly kind: "failed"; readonly failure: SnapshotFailure };

/** Why there is no snapshot: environments start by init. */
export interface SnapshotFailure {
  readonly step: SnapshotStep;
  readonly code: /** Init threw, rejected, exited, or ran out of time or memory. */
    | "InitFailed"
    /** Init asked for something else when it was replayed. */
    | "NotDeterministic"
    /** The heap holds something that V8 can't freeze, or that can't be taken up again. */
    | "NotFreezable"
    | "BuilderTimedOut"
    | "BuilderOutOfMemory"
    | "BuilderFailed"
    | "VerifyFailed"
    | "StoreFailed"
    /** A host ended while it restored it, or the restored heap was not ready. */
    | "RestoreFailed"
    /** The server had no room for the environment whose init is written down. */
    | "NoRoom";
  /** One sentence for the function's owner, with the operation and the line of their code where there is one. */
  readonly message: string;
  /** Epoch ms from which a start makes it be tried again; undefined: not before the code or the server changes. */
  readonly retryAtMs?: number;
}

/** What init did, and what was made of it. */
export interface SnapshotReport {
  /** SHA-256 of the snapshot, hex. */
  readonly hash: string;
  readonly bytes: number;
  /** Epoch ms. */
  readonly madeAtMs: number;
  readonly v8: string;
  /** Wall time of each step, ms. */
  readonly durationsMs: Readonly<Partial<Record<SnapshotStep, number>>>;
  /** Host operations of init by name, with how often each was called. */
  readonly operations: Readonly<Record<string, number>>;
  /** How often init read a clock. */
  readonly timeReads: number;
  /** How often init drew randomness: what it made of it is the same in every environment. */
  readonly randomReads: number;
  /** `METHOD url` of each request that init sent. */
  readonly fetches: readonly string[];
  /** `node:` modules that init or a warm-up loaded. */
  readonly builtins: readonly string[];
  /** The user's files in the bundle, the largest first; at most twenty. */
  readonly largestModules: readonly { readonly path: string; readonly bytes: number }[];
  /** One for each sample event. */
  readonly warmUps: readonly { readonly source: string; readonly outcome: string }[];
  readonly isPrimed: boolean;
}

/** Snapshots of versions: made once, kept, given to hosts. */
export interface SnapStart {
  /**
   * Makes the version's snapshot unless there is one, and resolves when it is ready or failed; never rejects because
   * of what the function does. Two calls for one version share one build.
   */
  prepare(spec: VersionSpec): Promise<SnapshotState>;
  /** From memory. */
  state(spec: VersionSpec): SnapshotState;
  /** The version is gone: ends its build, and removes what is stored of it. */
  forget(spec: VersionSpec): void;
  /** Every version that there is was prepared: what is stored for others, such as those of another V8, goes. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}
