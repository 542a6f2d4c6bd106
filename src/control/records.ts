import type { Cors } from "../model/functions.ts";
import type { PolicyStatement } from "../model/resource-policy.ts";
import type { Bundle } from "../model/version.ts";
import type { Settings } from "./setting-records.ts";

/** Which lines are wanted of a function that logs in JSON. */
export interface JsonLogging {
  readonly applicationLevel: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
  readonly systemLevel: "DEBUG" | "INFO" | "WARN";
}

/** What a function's owner chooses for a version, in our units. Immutable, as all records are. */
export interface Configuration {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly ephemeralStorageMb: number;
  readonly architecture: "x86_64" | "arm64";
  readonly tracingMode: "Active" | "PassThrough";
  readonly snapStart: "PublishedVersions" | "None";
  readonly logGroup: string;
  /** Absent: lines are text. Kept and shown; lines are text in either case. */
  readonly jsonLogging?: JsonLogging;
  /** Absent when no VPC was ever spoken of, which is shown differently from none. Functions are in none. */
  readonly noVpc?: { readonly ipv6AllowedForDualStack: boolean };
  /** Absent when it was never given, which is shown differently from empty. */
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** ARN of the dead-letter queue. Kept and shown; asynchronous invocations will read it. */
  readonly deadLetterTarget?: string;
  /** Absent: environments serve whoever calls. Never changed after the function was made. */
  readonly tenantIsolation?: "PER_TENANT";
  /** Kept and shown: nothing executes durably here. */
  readonly durable?: Durable;
  /** Unpacked under /opt one after another. Absent when there are none. */
  readonly layers?: readonly LayerUse[];
}

/** Of durable executions, as their function's owner gave it. */
export interface Durable {
  readonly RetentionPeriodInDays?: number;
  /** Seconds. */
  readonly ExecutionTimeout?: number;
}

/** A layer version that a function has, with what it holds: that stays also when the layer version is deleted. */
export interface LayerUse {
  readonly arn: string;
  readonly code: Code;
}

/** The zip of a version. */
export interface Code {
  /** SHA-256 of the zip, hex: the name of its blob. */
  readonly hash: string;
  readonly bytes: number;
}

/**
 * What invocations of a version run. It stays as it is while an update is in progress, and when one fails.
 * Objects of this type keep their identity until code or configuration change.
 */
export interface Serving {
  /** The VersionSpec's key. */
  readonly key: string;
  readonly configuration: Configuration;
  readonly code: Code;
  readonly bundle: Bundle;
  /** Of the bundler that made it. */
  readonly bundlerVersion: string;
}

export interface StatusReason {
  readonly message: string;
  readonly code: string;
}

/**
 * One version of a function, `$LATEST` included.
 *
 *   CreateFunction ──► Pending ──► Active ◄──► Active, update InProgress
 *                         └──────► Failed        └──► Active, update Failed (the old code serves on)
 *
 *   published with SnapStart: ──► Pending ──► Pending with `serving` ──► Active
 *
 * Pending and InProgress last while the bundle is made; `Deployments` alone settles them. Pending with `serving` lasts
 * while the snapshot is made, and `VersionSnapshots` settles it. A version that is Active has `serving`. An update of a
 * Failed function is accepted and makes it Active if it succeeds.
 */
export interface VersionRecord {
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly configuration: Configuration;
  readonly code: Code;
  readonly lastModifiedMs: number;
  /** Changes when a change is accepted and again when it is settled. */
  readonly revisionId: string;
  readonly state: "Pending" | "Active" | "Failed";
  readonly stateReason?: StatusReason;
  readonly lastUpdateStatus?: "InProgress" | "Successful" | "Failed";
  readonly lastUpdateReason?: StatusReason;
  readonly serving?: Serving;
}

export interface FunctionRecord {
  readonly name: string;
  /** The number last given to a version; numbers are never given twice. */
  readonly lastVersion: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Absent: it takes what it needs from what all functions share. */
  readonly reservedConcurrency?: number;
  /** Absent: Terminate. */
  readonly recursiveLoop?: "Allow" | "Terminate";
  readonly codeSigningConfigArn?: string;
}

/** A code signing configuration. Functions refer to it by its ARN, and it stays as long as one does. */
export interface CodeSigningRecord {
  readonly arn: string;
  readonly description?: string;
  /** ARNs of signing profiles. */
  readonly publishers: readonly string[];
  readonly untrusted: "Warn" | "Enforce";
  readonly tags: Readonly<Record<string, string>>;
  readonly lastModifiedMs: number;
}

/** A published version that has a share of an alias's requests. */
export interface AdditionalVersion {
  readonly version: string;
  /** From 0 to 1. */
  readonly weight: number;
}

export interface AliasRecord {
  readonly functionName: string;
  readonly name: string;
  /** The main version: what the alias is shown as, and what has the requests that no weight gives away. */
  readonly functionVersion: string;
  readonly additional?: AdditionalVersion;
  readonly description: string;
  readonly revisionId: string;
}

/** The resource policy of a function, or of one version or alias of it. */
export interface PolicyRecord {
  readonly functionName: string;
  readonly qualifier?: string;
  readonly statements: readonly PolicyStatement[];
  readonly revisionId: string;
}

export interface FunctionUrlRecord {
  readonly urlId: string;
  readonly functionName: string;
  /** The alias behind it; absent: `$LATEST`. The alias may be deleted while the URL stays. */
  readonly alias?: string;
  readonly authType: "NONE" | "AWS_IAM";
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  readonly cors?: Cors;
  readonly createdMs: number;
  readonly lastModifiedMs: number;
}

/** A function and all that hangs on it, as the catalog holds it. */
export interface FunctionEntry {
  readonly record: FunctionRecord;
  readonly versions: ReadonlyMap<string, VersionRecord>;
  readonly aliases: ReadonlyMap<string, AliasRecord>;
  /** By qualifier; the function's own under `""`. */
  readonly policies: ReadonlyMap<string, PolicyRecord>;
  /** By alias; the function's own under `""`. */
  readonly urls: ReadonlyMap<string, FunctionUrlRecord>;
  readonly settings: Settings;
}

export const latest = "$LATEST";

/** Whether a version waits for its bundle. */
export function isUnsettled(version: VersionRecord): boolean {
  return (
    (version.state === "Pending" && version.serving === undefined) ||
    version.lastUpdateStatus === "InProgress"
  );
}

/** Whether a version has its bundle and waits for its snapshot. */
export function awaitsSnapshot(version: VersionRecord): boolean {
  return version.state === "Pending" && version.serving !== undefined;
}
