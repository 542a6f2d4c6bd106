/**
 * The messages between the supervisor and a host, with the fields behind each frame's `id` in order. What a host
 * sends is treated as hostile: it may hold any environment's guest that broke out.
 */

import type { FilePackReference } from "../file-pack.ts";

/** Supervisor to host. */
export const ToHost = {
  /** id 0 · hash string · script bytes · source map bytes. Precedes the first `open` that names the hash. */
  bundle: 1,
  /** id environment · OpenSettings as JSON. */
  open: 2,
  /** id invocation · environment u32 · timeout ms f64 · InvokeContext as JSON · event JSON bytes */
  invoke: 3,
  /** id invocation · bytes u32: the client took that many of the streamed response. */
  credit: 4,
  /** id invocation: its client went away; stop it. */
  abort: 5,
  /** id environment · call u32 · negative u8 · ok u8 · value · message string */
  completion: 6,
  /** id environment: dispose it. */
  close: 7,
  /** id number of a report: the end of that turn is known, so what comes from here on is to be started. */
  resume: 8,
  /** id 0: answer with `pong`. */
  ping: 9,
  /** id 0 · hash string: no environment will need the bundle any longer. */
  dropBundle: 10,
  /** id 0 · hash string · bytes. Precedes the first `open` that names the hash. */
  snapshot: 11,
  /** id 0 · hash string: no environment will start from it any longer. */
  dropSnapshot: 12,
  /** id 0 · hash of the bundle string · version string · bytes: its bytecode. Comes behind the bundle, before the `open` that names the version. */
  codeCache: 13,
  /** id environment · debugger u32 · command string, as the Chrome DevTools Protocol has it. Empty: that debugger is gone. */
  inspect: 14,
} as const;

/** Host to supervisor. */
export const FromHost = {
  /** id 0 · V8 version string */
  ready: 64,
  /** id environment · duration of init or restore ms f64 · Start u8 · isolate ms f64 · context ms f64 · bind ms f64 · memory used bytes f64 · reason for nothing better string */
  opened: 65,
  /** id environment · Failure u8 · detail bytes. The environment is gone. */
  openFailed: 66,
  /** id invocation · duration ms f64 · longest turn ms f64 · memory used bytes f64 · settled in its first turn u8 · payload bytes */
  result: 67,
  /** id invocation · the four measures as above · Failure u8 · environment lives u8 · detail bytes */
  failure: 68,
  /** id invocation · content type string */
  streamHead: 69,
  /** id invocation · bytes */
  streamChunk: 70,
  /** id invocation · the four measures as above */
  streamEnd: 71,
  /** id environment · invocation u32 (0: none) · time ms f64 · level string · text string */
  log: 72,
  /** id environment: it ended while it had no invocation. */
  closed: 73,
  /** id environment · call u32 · negative u8 · operation string · values */
  operation: 74,
  /** id invocation in whose turn the host is · last started invocation u32 · number of this report u32. From the host's watch thread. */
  longTurn: 75,
  /** id number of the report: that turn ended. What is read before `resume` is bounced. */
  turnEnded: 76,
  pong: 77,
  /** id invocation: it came behind a long turn, or its environment was still busy with the one before; it has not been started. */
  bounced: 78,
  /** id environment · reason string: its snapshot did not come to life, and init runs instead. */
  restoreFailed: 79,
  /** id environment · bytes: a piece of the Recording, as JSON. `opened` follows the last one. */
  recording: 80,
  /** id environment · bytes: the bytecode of its version's bundle, made by its host. Empty: V8 refused what came from us. */
  codeCache: 81,
  /** id environment · debugger u32 · whether the message ends here u8 · bytes: a piece of what V8 says to it. One that ends and is empty: there is no session for it. */
  inspected: 82,
} as const;

/** How an environment came to be ready. */
export const Start = { init: 0, codeCache: 1, snapshot: 2 } as const;

/** Why an invocation or an init ended without a result. */
export const Failure = {
  /** detail: Lambda's error JSON. */
  functionError: 0,
  timedOut: 1,
  cpuTimeExceeded: 2,
  outOfMemory: 3,
  /** detail: what follows "Runtime exited". */
  exited: 4,
  aborted: 5,
} as const;

/** What a host must know to open an environment. */
export interface OpenSettings {
  readonly bundleHash: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memorySizeMb: number;
  readonly cpuTimeMs: number;
  readonly initTimeoutMs: number;
  readonly logBytesPerInvocation: number;
  /** Its `/var/task` and `/opt`; absent: both are empty. */
  readonly files?: FilePackReference;
  /** What its `/tmp` may hold; absent: nothing. */
  readonly scratchBytes?: number;
  /** The guest's whole process.env. */
  readonly variables: Readonly<Record<string, string>>;
  /** Start from this heap, whose own clock showed `clockMs` when it was frozen. */
  readonly snapshot?: { readonly hash: string; readonly clockMs: number };
  /** The version, as whose bytecode its host knows what it may start from and is to make; absent: neither. */
  readonly codeCache?: string;
  /** Debuggers may stop it: it has no limits of time. */
  readonly inspect?: boolean;
  /** Write down what init does, then what these events (context and event as JSON) do without effect, and end. */
  readonly record?: { readonly events: readonly { readonly context: string; readonly event: string }[] };
}

/** What differs from one invocation to the next, for the handler's context. */
export interface InvokeContext {
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  readonly traceId?: string;
  readonly clientContext?: string;
  /** Of process.env, which have new values. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Streamed bytes that may be under way to the client at once. */
export const streamWindowBytes = 256 * 1024;

/** A frame from a host holds at most a response (6 MiB and a little) or a chunk, so this bounds both. */
export const maxHostFrameBytes = 16 * 1024 * 1024;
/** A host's frame holds the bytecode of a bundle, too, unless there is more of it. */
export const maxCodeCacheBytes = 12 * 1024 * 1024;
/** To a host also whole bundles go. */
export const maxSupervisorFrameBytes = 1024 * 1024 * 1024;
