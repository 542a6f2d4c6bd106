import type { PolicyStatement } from "../model/resource-policy.ts";
import type { Code } from "./records.ts";

/** A layer's name. It stays when all of its versions are deleted. */
export interface LayerRecord {
  readonly name: string;
  /** The number last given to a version; numbers are never given twice. */
  readonly lastVersion: number;
}

/** One version of a layer. Nothing of it changes but who may use it. */
export interface LayerVersionRecord {
  readonly layerName: string;
  readonly version: number;
  readonly code: Code;
  readonly description: string;
  readonly createdMs: number;
  /** Absent when it was never given, which is shown differently from empty. */
  readonly compatibleRuntimes?: readonly string[];
  /** As the runtimes. */
  readonly compatibleArchitectures?: readonly ("x86_64" | "arm64")[];
  readonly licenseInfo?: string;
  readonly policy?: LayerPolicy;
}

export interface LayerPolicy {
  readonly statements: readonly PolicyStatement[];
  readonly revisionId: string;
}

/** A layer with what there is of its versions. */
export interface LayerEntry {
  readonly record: LayerRecord;
  readonly versions: ReadonlyMap<number, LayerVersionRecord>;
}
