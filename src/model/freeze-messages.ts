/**
 * What passes between the supervisor and a builder process that freezes a heap, or that tries a frozen one. The job
 * comes as a frame (builder-messages.ts), then the bytes of its parts one behind the other, to the end of stdin.
 */
export interface FreezeJob {
  readonly kind: "freeze";
  /** Of a Recording, as JSON. */
  readonly recordingBytes: number;
  readonly scriptBytes: number;
  readonly mapBytes: number;
  /** Run the sample events in the heap that is frozen, not only beside it. */
  readonly isPrimed: boolean;
}

export interface VerifyJob {
  readonly kind: "verify";
  readonly snapshotBytes: number;
}

export const freezeFrame = {
  /** JSON of a FreezeJob or VerifyJob. */
  job: 16,
  /** JSON of a FreezeReply. */
  reply: 17,
  /** A piece of the snapshot. */
  snapshot: 18,
} as const;

/** What the builder saw of init; the same members as in SnapshotReport. */
export interface FrozenFacts {
  /** The guest's own clock when the heap was frozen, ms. */
  readonly clockMs: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly timeReads: number;
  readonly randomReads: number;
  /** Requests without their queries, and connections. */
  readonly fetches: readonly string[];
  readonly builtins: readonly string[];
  readonly largestModules: readonly { readonly path: string; readonly bytes: number }[];
  /** How each sample event ended. */
  readonly outcomes: readonly string[];
}

export type FreezeReply =
  /** Behind the snapshot's last piece. */
  | { readonly kind: "frozen"; readonly facts: FrozenFacts }
  | { readonly kind: "verified"; readonly heapBytes: number }
  | {
      readonly kind: "failed";
      readonly code: "InitFailed" | "NotDeterministic" | "NotFreezable" | "VerifyFailed" | "BuilderFailed";
      readonly message: string;
    };

/** A snapshot of more bytes is refused: every environment would hold it. */
export const maxSnapshotBytes = 256 * 1024 * 1024;

/** A reply that is longer is a breach of the protocol; what the builder tells of init is cut to fit. */
export const maxFreezeReplyBytes = 1024 * 1024;
