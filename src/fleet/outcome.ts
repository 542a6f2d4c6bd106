import type { InvokeOutcome } from "../model/invocation.ts";
import type { VersionSpec } from "../model/version.ts";
import { Failure } from "../model/wire/index.ts";
import type { HostEnd } from "./host-process.ts";

/** @param isFatal The environment ended with it. */
export function outcomeOf(
  failure: number,
  detail: Buffer,
  spec: VersionSpec,
  isFatal: boolean,
): InvokeOutcome {
  switch (failure) {
    case Failure.functionError:
      return { kind: "functionError", payload: detail, errorType: errorTypeIn(detail), fatal: isFatal };
    case Failure.timedOut:
      return { kind: "timedOut", timeoutMs: spec.timeoutMs };
    case Failure.cpuTimeExceeded:
      return { kind: "cpuTimeExceeded", cpuTimeMs: spec.cpuTimeMs };
    case Failure.outOfMemory:
      return { kind: "outOfMemory", memorySizeMb: spec.memorySizeMb };
    case Failure.aborted:
      return { kind: "aborted" };
    default:
      return { kind: "exited", reason: detail.toString("utf8").slice(0, 200) };
  }
}

/** @param timeoutMs Of the phase that it was in. */
export function outcomeOfEnd(
  end: HostEnd,
  isCulprit: boolean,
  spec: VersionSpec,
  timeoutMs: number,
): InvokeOutcome {
  if (!isCulprit)
    return { kind: "exited", reason: "with error: signal: killed (another function took the host down)" };
  if (end.cause === "outOfMemory") return { kind: "outOfMemory", memorySizeMb: spec.memorySizeMb };
  if (end.cause === "deadline") return { kind: "timedOut", timeoutMs };
  return { kind: "exited", reason: end.detail };
}

export function errorTypeOf(outcome: InvokeOutcome): string {
  if (outcome.kind === "functionError") return outcome.errorType;
  return outcome.kind === "outOfMemory" ? "Runtime.OutOfMemory" : "Runtime.ExitError";
}

function errorTypeIn(json: Buffer): string {
  try {
    const parsed = JSON.parse(json.toString("utf8")) as { errorType?: unknown };
    return typeof parsed.errorType === "string" ? parsed.errorType.slice(0, 100) : "Unknown";
  } catch {
    return "Unknown";
  }
}
