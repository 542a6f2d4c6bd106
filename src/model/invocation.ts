import type { VersionSpec } from "./version.ts";

/** One event for one version. The deadline is set when an environment takes it, after any cold start. */
export interface InvokeRequest {
  readonly spec: VersionSpec;
  /** UUID; the handler's `context.awsRequestId` and the `x-amzn-RequestId` header. */
  readonly requestId: string;
  /** The ARN in the form in which the function was invoked. */
  readonly invokedFunctionArn: string;
  /** JSON text. */
  readonly payload: string | Uint8Array;
  /** JSON text. */
  readonly clientContext?: string;
  /** `Root=…;Parent=…;Sampled=…` */
  readonly traceId?: string;
  /** Present if and only if the version keeps its tenants apart ({@link checkTenant}). */
  readonly tenantId?: string;
}

/** How an invocation ended. What the function did is a value, never a thrown error. */
export type InvokeOutcome =
  /** `payload` is the handler's result as JSON text. */
  | { kind: "success"; payload: Buffer }
  /** Every chunk went to the observer before this. */
  | { kind: "streamed" }
  /** The handler threw or rejected, or init did; `payload` is Lambda's error JSON. `fatal`: the environment ended too. */
  | { kind: "functionError"; payload: Buffer; errorType: string; fatal: boolean }
  /** Wall clock. The environment is gone, the next event starts cold; so for all below. */
  | { kind: "timedOut"; timeoutMs: number }
  | { kind: "cpuTimeExceeded"; cpuTimeMs: number }
  | { kind: "outOfMemory"; memorySizeMb: number }
  /** The guest called process.exit, or its host was lost; `reason` follows "Runtime exited". */
  | { kind: "exited"; reason: string }
  /** The client went away and the invocation was stopped. */
  | { kind: "aborted" };

/** What is measured of one invocation, for the REPORT line. */
export interface InvokeReport {
  readonly durationMs: number;
  /** Present for a cold start by init. */
  readonly initDurationMs?: number;
  /** Present for a cold start from a snapshot. */
  readonly restoreDurationMs?: number;
  readonly maxMemoryUsedMb: number;
}

/** Who wants to know what becomes of an invocation. Called in order; `settled` exactly once, and last. */
export interface InvocationObserver {
  /** A streaming handler is about to write; once, before the first chunk. */
  streamStarted(contentType: string): void;
  /** The bytes are the observer's: it may keep or free them. The sender stops when its window is full, until `Invocation.consumed`. */
  chunk(bytes: Buffer): void;
  /** @param logTail The last 4 KB of this invocation's log, when `InvokeOptions.logTail` was set. */
  settled(outcome: InvokeOutcome, report: InvokeReport, logTail?: Buffer): void;
}

/** A running invocation, from its caller's side. */
export interface Invocation {
  readonly requestId: string;
  /** Bytes of chunks that reached the client: opens the guest's window again. */
  consumed(bytes: number): void;
  /** The client went away. A streaming invocation is stopped; a buffered one runs on, as on Lambda. */
  abort(): void;
}

export interface Invoker {
  /** @throws {TooManyRequestsException} When no environment may be started for it. Nothing else is thrown. */
  invoke(request: InvokeRequest, observer: InvocationObserver, options?: { logTail?: boolean }): Invocation;
}

/** Lambda's error JSON for outcomes in which the function had no say. */
export function failurePayload(outcome: InvokeOutcome, requestId: string): Buffer {
  switch (outcome.kind) {
    case "functionError":
      return outcome.payload;
    case "timedOut":
      return errorJson(
        "Sandbox.Timedout",
        requestId,
        `Task timed out after ${(outcome.timeoutMs / 1000).toFixed(2)} seconds`,
      );
    case "cpuTimeExceeded":
      return errorJson(
        "Sandbox.Timedout",
        requestId,
        `Task used its CPU time of ${(outcome.cpuTimeMs / 1000).toFixed(2)} seconds; raise the function's MemorySize or Timeout, or set its environment variable BRISK_CPU_TIME_MS`,
      );
    case "outOfMemory":
      return errorJson("Runtime.OutOfMemory", requestId, "Runtime exited with error: signal: killed");
    case "exited":
      return errorJson("Runtime.ExitError", requestId, `Runtime exited ${outcome.reason}`);
    case "aborted":
      return errorJson("Runtime.ExitError", requestId, "Runtime exited because the client went away");
    case "success":
    case "streamed":
      throw new TypeError(`An outcome of kind "${outcome.kind}" has no failure payload`);
  }
}

/** The error's type as the REPORT line names it. */
export function failureType(outcome: InvokeOutcome): string | undefined {
  switch (outcome.kind) {
    case "functionError":
      return outcome.fatal ? outcome.errorType : undefined;
    case "outOfMemory":
      return "Runtime.OutOfMemory";
    case "exited":
      return "Runtime.ExitError";
    default:
      return undefined;
  }
}

function errorJson(errorType: string, requestId: string, message: string): Buffer {
  return Buffer.from(
    JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` }),
  );
}
