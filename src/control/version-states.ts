import { randomUUID } from "node:crypto";
import type { Bundle } from "../model/version.ts";
import type { Code, Configuration, Serving, StatusReason, VersionRecord } from "./records.ts";

const creating: StatusReason = { code: "Creating", message: "The function is being created." };
const restored: StatusReason = { code: "Restoring", message: "The function is being restored." };

/** A version that nothing serves yet. */
export function pending(
  of: { functionName: string; version: string; configuration: Configuration; code: Code },
  nowMs: number,
): VersionRecord {
  return {
    ...of,
    lastModifiedMs: nowMs,
    revisionId: randomUUID(),
    state: "Pending",
    stateReason: creating,
  };
}

/** An accepted update: shown at once, served when it is settled. */
export function updating(
  version: VersionRecord,
  change: { configuration?: Configuration; code?: Code },
  nowMs: number,
): VersionRecord {
  return {
    ...version,
    ...change,
    lastModifiedMs: nowMs,
    revisionId: randomUUID(),
    lastUpdateStatus: "InProgress",
    lastUpdateReason: creating,
  };
}

export function settled(version: VersionRecord, bundle: Bundle, bundlerVersion: string): VersionRecord {
  const { stateReason: _state, lastUpdateReason: _update, ...rest } = version;
  return {
    ...rest,
    revisionId: randomUUID(),
    state: "Active",
    lastUpdateStatus: "Successful",
    serving: {
      key: servingKey(version.functionName, version.version),
      configuration: version.configuration,
      code: version.code,
      bundle,
      bundlerVersion,
    },
  };
}

/** A published version that has its bundle: it can't be invoked before its snapshot was made, or could not be. */
export function awaitingSnapshot(version: VersionRecord): VersionRecord {
  const { lastUpdateStatus: _status, ...rest } = version;
  return { ...rest, state: "Pending", stateReason: creating };
}

/** Its snapshot is there, or there will be none. */
export function snapshotSettled(version: VersionRecord): VersionRecord {
  const { stateReason: _reason, ...rest } = version;
  return { ...rest, revisionId: randomUUID(), state: "Active", lastUpdateStatus: "Successful" };
}

/** A failed creation leaves a function that cannot be invoked; a failed update leaves what served before. */
export function failed(version: VersionRecord, reason: StatusReason): VersionRecord {
  return {
    ...version,
    revisionId: randomUUID(),
    ...(version.state === "Pending" && { state: "Failed", stateReason: reason }),
    lastUpdateStatus: "Failed",
    lastUpdateReason: reason,
  };
}

/** What serves can be started no more: what was stored of it is damaged. Environments that are open go on. */
export function damaged(version: VersionRecord, message: string): VersionRecord {
  const reason: StatusReason = { code: "InvalidZipFileException", message };
  return { ...version, revisionId: randomUUID(), state: "Failed", stateReason: reason };
}

/** Its bundle is gone from the disk, or is of another Brisk's making; the zip is there. */
export function restoring(version: VersionRecord, nowMs: number): VersionRecord {
  const { serving: _serving, lastUpdateStatus: _status, lastUpdateReason: _reason, ...rest } = version;
  // One that was Pending was never Active before, and goes on being created.
  const reason = version.state === "Pending" ? creating : restored;
  return { ...pending(rest, nowMs), lastModifiedMs: version.lastModifiedMs, stateReason: reason };
}

/** Whether a Pending version was Active before its bundle was lost. */
export function isRestoring(version: VersionRecord): boolean {
  return version.stateReason?.code === restored.code;
}

/** A published copy of a settled `$LATEST`. */
export function published(
  source: VersionRecord,
  serving: Serving,
  version: string,
  description: string,
  nowMs: number,
): VersionRecord {
  const { stateReason: _state, lastUpdateReason: _update, ...rest } = source;
  return {
    ...rest,
    version,
    configuration: { ...source.configuration, description },
    lastModifiedMs: nowMs,
    revisionId: randomUUID(),
    state: "Active",
    lastUpdateStatus: "Successful",
    // Its own, since the spec made of it names the version. Its configuration is $LATEST's, so that a later
    // publication sees whether anything but this version's description changed.
    serving: { ...serving, key: servingKey(source.functionName, version) },
  };
}

function servingKey(functionName: string, version: string): string {
  return `${functionName}:${version}:${randomUUID()}`;
}
