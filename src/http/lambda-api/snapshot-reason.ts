import { asksForSnapStart, type StatusReason, type VersionRecord } from "../../control/index.ts";
import type { SnapshotFailure, SnapshotState } from "../../snapstart/index.ts";

/** In the model's codes: ours are not among them. */
const codes: Readonly<Record<SnapshotFailure["code"], string>> = {
  InitFailed: "FunctionError",
  NotDeterministic: "FunctionError",
  NotFreezable: "FunctionError",
  BuilderTimedOut: "FunctionError.InitTimeout",
  BuilderOutOfMemory: "FunctionError.InitResourceExhausted",
  BuilderFailed: "InternalError",
  VerifyFailed: "InternalError",
  StoreFailed: "InternalError",
  RestoreFailed: "InternalError",
  NoRoom: "InsufficientCapacity",
};

/** The function's own words may be in it, of any length. */
const mostCharacters = 1024;

/**
 * Why a version that was published with SnapStart is Active without a snapshot. Lambda would have made it Failed;
 * here it starts by init, and its state says why.
 */
export function snapshotReason(version: VersionRecord, snapshot: SnapshotState): StatusReason | undefined {
  if (snapshot.kind !== "failed" || version.state !== "Active" || !asksForSnapStart(version))
    return undefined;
  const { code, message } = snapshot.failure;
  return {
    code: codes[code],
    message: `There is no snapshot, so it starts by init: ${message.slice(0, mostCharacters)}`,
  };
}
