import type { VersionSpec } from "../model/version.ts";

/** What the fleet asks about V8's bytecode of versions' bundles. */
export interface CodeCacheSource {
  /** On the path of a cold start: from memory where it can be; undefined where there is none. Never rejects. */
  find(spec: VersionSpec): Uint8Array | Promise<Uint8Array | undefined> | undefined;
  /** A host of the version's made it. */
  keep(spec: VersionSpec, bytes: Uint8Array): void;
  /** V8 refused it. */
  rejected(spec: VersionSpec): void;
  /** The version is not wanted any more. */
  forget(spec: VersionSpec): void;
}

/**
 * What a host has of a version's bytecode:
 *
 *     (nothing) ──► made        (nothing) ──► given ──► refused ──► made
 *
 * Each step happens once, whatever the host says.
 */
export type HeldCode = "given" | "refused" | "made";
