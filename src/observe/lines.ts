/**
 * Lambda's log lines, as text, without the newline at the end. Pure: whoever runs an environment calls these
 * and gives the result to a {@link LogStream}.
 */

const mebibyteTag = " MB";

/** `INIT_START`, the first line of an environment. */
export function initStartLine(version: { runtime: string; runtimeVersionArn: string }): string {
  return `INIT_START ${versionText(version)}`;
}

/** `RESTORE_START`, the first line of an environment that starts from a snapshot. */
export function restoreStartLine(version: { runtime: string; runtimeVersionArn: string }): string {
  return `RESTORE_START ${versionText(version)}`;
}

/** A restore that ended, well or with a `status`. */
export function restoreReportLine(report: {
  restoreDurationMs: number;
  status?: "timeout" | "error";
  errorType?: string;
}): string {
  const line = `RESTORE_REPORT Restore Duration: ${report.restoreDurationMs.toFixed(2)} ms`;
  return report.status === undefined ? line : `${line}\t${statusText(report.status, report.errorType)}`;
}

/** `nodejs22.x` as the log names it: `nodejs:22.v1`. Our runtime has one release per major version. */
export function runtimeVersion(runtime: string): string {
  const parts = /^([a-z]+)(\d+)\.x$/.exec(runtime);
  return parts ? `${parts[1]}:${parts[2]}.v1` : runtime;
}

export function startLine(requestId: string, version: string): string {
  return `START RequestId: ${requestId} Version: ${version}`;
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`;
}

export interface ReportFigures {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memorySizeMb: number;
  readonly maxMemoryUsedMb: number;
  /** Present for a cold start. Billed too, as on Lambda since August 2025. */
  readonly initDurationMs?: number;
  /** In place of `initDurationMs`, for a cold start from a snapshot. Billed too: all of it, where Lambda leaves out its own part. */
  readonly restoreDurationMs?: number;
  readonly status?: "timeout" | "error";
  /** With `status: "error"`. */
  readonly errorType?: string;
}

export function reportLine(report: ReportFigures): string {
  const initMs = report.initDurationMs ?? 0;
  const restoreMs = report.restoreDurationMs ?? 0;
  let line =
    `REPORT RequestId: ${report.requestId}\tDuration: ${report.durationMs.toFixed(2)} ms` +
    `\tBilled Duration: ${Math.ceil(report.durationMs + initMs) + Math.ceil(restoreMs)} ms` +
    `\tMemory Size: ${report.memorySizeMb}${mebibyteTag}\tMax Memory Used: ${Math.round(report.maxMemoryUsedMb)}${mebibyteTag}\t`;
  if (report.initDurationMs !== undefined) line += `Init Duration: ${initMs.toFixed(2)} ms\t`;
  if (report.restoreDurationMs !== undefined) {
    line += `Restore Duration: ${restoreMs.toFixed(2)} ms\tBilled Restore Duration: ${Math.ceil(restoreMs)} ms\t`;
  }
  return report.status === undefined ? line : line + statusText(report.status, report.errorType);
}

/** The line after REPORT of an invocation whose trace is sampled. */
export function xrayLine(traceId: string, segmentId: string, sampled: boolean): string {
  return `XRAY TraceId: ${traceId}\tSegmentId: ${segmentId}\tSampled: ${sampled}`;
}

/** An init phase that failed. `phase` is `invoke` when init was repeated because an event came. */
export function initReportLine(report: {
  initDurationMs: number;
  phase: "init" | "invoke";
  status: "timeout" | "error";
  errorType?: string;
}): string {
  return `INIT_REPORT Init Duration: ${report.initDurationMs.toFixed(2)} ms\tPhase: ${report.phase}\t${statusText(report.status, report.errorType)}`;
}

export function timeoutLine(timestampMs: number, requestId: string, timeoutMs: number): string {
  return `${isoTime(timestampMs)} ${requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
}

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";

/** What a function wrote with `console`. During init there is no request, and Lambda prints `undefined`. */
export function consoleLine(
  timestampMs: number,
  requestId: string | undefined,
  level: LogLevel,
  message: string,
): string {
  return `${isoTime(timestampMs)}\t${requestId}\t${level}\t${message}`;
}

export type ErrorOrigin = "Invoke Error" | "Uncaught Exception" | "Unhandled Promise Rejection";

/** @param errorJson `{"errorType":…,"errorMessage":…,"stack":[…]}` */
export function errorLine(
  timestampMs: number,
  requestId: string | undefined,
  origin: ErrorOrigin,
  errorJson: string,
): string {
  return consoleLine(timestampMs, requestId, "ERROR", `${origin} \t${errorJson}`);
}

export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}

/** @param environmentId 32 hexadecimal digits. */
export function logStreamName(startedMs: number, version: string, environmentId: string): string {
  return `${isoTime(startedMs).slice(0, 10).replaceAll("-", "/")}/[${version}]${environmentId}`;
}

function versionText(version: { runtime: string; runtimeVersionArn: string }): string {
  return `Runtime Version: ${runtimeVersion(version.runtime)}\tRuntime Version ARN: ${version.runtimeVersionArn}`;
}

function statusText(status: "timeout" | "error", errorType: string | undefined): string {
  return errorType === undefined ? `Status: ${status}` : `Status: ${status}\tError Type: ${errorType}`;
}

function isoTime(timestampMs: number): string {
  return new Date(timestampMs).toISOString();
}
