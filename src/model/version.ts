/** A function's code, made ready to run: one classic script and its source map. Its maker gives its text. */
export interface Bundle {
  /** SHA-256 of the script, hex. */
  readonly hash: string;
  /** What it was made of and how, hashed; 64 hex digits. Its maker finds it by this. */
  readonly key: string;
  /** `node:` modules that the code imports by literal name, so that a host compiles them before init. */
  readonly builtins: readonly string[];
}

export interface BundleText {
  readonly script: Buffer;
  /** The source map: JSON, version 3; may be an index map. */
  readonly map: Buffer;
}

/** Stored bytes that can be read many times. What is read to its end is what was stored, bit by bit. */
export interface StoredContent {
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  /** @throws {Error} While it is read: it is not there, or not as it was stored. The last bytes come after that is sure. */
  read(): AsyncIterable<Uint8Array>;
}

/** How an execution environment comes to be ready: the fastest first, and each falls back to the next. */
export type StartStrategy = "snapshot" | "code-cache" | "init";

/**
 * All that execution needs to know of one version of a function. Never changed: a change of code or
 * configuration makes a new one with a new `key`, so whoever holds one can go on without asking.
 */
export interface VersionSpec {
  /** Unique for this code and configuration; environments are pooled by it. */
  readonly key: string;
  readonly functionName: string;
  /** Unqualified. */
  readonly functionArn: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  /** ARN of its execution role, which need not exist here. */
  readonly role: string;
  readonly runtime: string;
  /** The version's runtime, as in the INIT_START line. */
  readonly runtimeVersionArn: string;
  readonly handler: string;
  readonly memorySizeMb: number;
  /** What `/tmp` of an environment may hold. */
  readonly ephemeralStorageMb: number;
  readonly timeoutMs: number;
  /** CPU time that one invocation may use, ms. */
  readonly cpuTimeMs: number;
  /** What the function's owner configured; the platform's own variables are added at init. */
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly region: string;
  readonly logGroup: string;
  readonly bundle: Bundle;
  /** How its environments should start. What is not there (yet) is fallen back from. */
  readonly start: StartStrategy;
  /** Sample events, JSON texts, which a snapshot is warmed up with: none for an empty list; absent: the snapshot's maker chooses. */
  readonly warmUpEvents: readonly string[] | undefined;
  /** Warm-up also runs in the heap that is frozen, so that what it caches is there after a restore. */
  readonly isPrimed: boolean;
  /** Each invocation is of a tenant, and no environment serves two of them. */
  readonly isPerTenant: boolean;
}

/** CPU time of one invocation where the function sets none: what Lambda's CPU share comes to, at least 1 s. */
export function defaultCpuTimeMs(memorySizeMb: number, timeoutMs: number): number {
  return Math.max(1000, Math.round((memorySizeMb / 1769) * timeoutMs));
}
