import { createHash } from "node:crypto";

/** Everything that decides what a snapshot (or a code cache) holds, and where it may be loaded. */
export interface SnapshotFacts {
  /** Version of what we put into one: scripts, their order, the ready check. */
  readonly format: number;
  /** Hash of the base heap that it was built on. */
  readonly baseHash: string;
  /** Hash of the version's script. */
  readonly bundleHash: string;
  /**
   * All that init can see besides its code, and what decides about the build: the version's ARN, handler, runtime,
   * environment variables, warm-up events, priming. The ARN belongs here so that a snapshot is loaded only for the
   * version whose builder made it, even if another version has the same code. JSON; a property that is
   * `undefined` counts as absent.
   */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** `process.versions.v8`: V8 aborts the process on a snapshot of another one. */
  readonly v8: string;
  /** V8 flags of the process that loads it, in their order. */
  readonly flags: readonly string[];
  /** `process.arch`. */
  readonly arch: string;
}

/**
 * The name of the snapshot with these facts: 64 hex digits, the same in every process and whatever the order of
 * properties is.
 * @throws {TypeError} For what JSON cannot hold: two different facts must never have one key.
 */
export function snapshotKey(facts: SnapshotFacts): string {
  // Only these: a caller's wider object must not change the key.
  const { format, baseHash, bundleHash, configuration, v8, flags, arch } = facts;
  const text = canonicalJson({ format, baseHash, bundleHash, configuration, v8, flags, arch });
  return createHash("sha256").update(text).digest("hex");
}

function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`);
    return `{${members.join(",")}}`;
  }
  throw new TypeError(`Cannot make a key: the facts hold a ${typeof value} that JSON has no form for`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
