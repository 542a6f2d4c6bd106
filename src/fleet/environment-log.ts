import type { Clock } from "../model/clock.ts";
import { failureType, type InvokeOutcome, type InvokeReport } from "../model/invocation.ts";
import type { VersionSpec } from "../model/version.ts";
import {
  consoleLine,
  endLine,
  initReportLine,
  initStartLine,
  type LogLevel,
  type LogStore,
  type LogStream,
  logStreamName,
  reportLine,
  restoreReportLine,
  restoreStartLine,
  startLine,
  timeoutLine,
} from "../observe/index.ts";
import type { RunningInvocation } from "./running-invocation.ts";

const levels: ReadonlySet<string> = new Set(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]);

/** The log stream of one environment: the platform's lines around what the function writes. */
export class EnvironmentLog {
  readonly #stream: LogStream;
  readonly #clock: Clock;
  readonly #spec: VersionSpec;
  readonly streamName: string;

  constructor(store: LogStore, clock: Clock, spec: VersionSpec, environmentHex: string) {
    this.#clock = clock;
    this.#spec = spec;
    this.streamName = logStreamName(clock.now(), spec.version, environmentHex);
    this.#stream = store.openStream(spec.logGroup, this.streamName);
  }

  initStarted(invocation: RunningInvocation | undefined): void {
    this.#write(initStartLine(this.#spec), invocation);
  }

  initFailed(
    durationMs: number,
    isTimeout: boolean,
    errorType: string,
    invocation: RunningInvocation | undefined,
  ): void {
    this.#write(
      initReportLine({
        initDurationMs: durationMs,
        phase: "init",
        status: isTimeout ? "timeout" : "error",
        ...(isTimeout ? {} : { errorType }),
      }),
      invocation,
    );
  }

  restoreStarted(invocation: RunningInvocation | undefined): void {
    this.#write(restoreStartLine(this.#spec), invocation);
  }

  restored(durationMs: number, invocation: RunningInvocation | undefined): void {
    this.#write(restoreReportLine({ restoreDurationMs: durationMs }), invocation);
  }

  /** @param errorType Absent for a restore that took too long. */
  restoreFailed(
    durationMs: number,
    errorType: string | undefined,
    invocation: RunningInvocation | undefined,
  ): void {
    this.#write(
      restoreReportLine({
        restoreDurationMs: durationMs,
        ...(errorType === undefined ? { status: "timeout" } : { status: "error", errorType }),
      }),
      invocation,
    );
  }

  /** A line of the function's, at the time that its host says it was written. */
  console(timestampMs: number, level: string, text: string, invocation: RunningInvocation | undefined): void {
    // START goes ahead of the invocation's first line, so that those of events sent in a row don't mix.
    if (invocation?.isStartLogged === false) {
      invocation.isStartLogged = true;
      this.#write(startLine(invocation.requestId, this.#spec.version), invocation);
    }
    // Without a level it was written to stdout or stderr, which Lambda logs as it is.
    if (level === "") {
      this.#write(text.replace(/\n$/, ""), invocation);
      return;
    }
    const known = levels.has(level) ? (level as LogLevel) : "INFO";
    // The host's clock is ours, unless it was taken over.
    const time = Math.abs(timestampMs - this.#clock.now()) < 60_000 ? timestampMs : this.#clock.now();
    this.#write(consoleLine(time, invocation?.requestId, known, text), invocation);
  }

  ended(invocation: RunningInvocation, outcome: InvokeOutcome, report: InvokeReport): void {
    const { requestId } = invocation;
    const lines: string[] = [];
    if (!invocation.isStartLogged) lines.push(startLine(requestId, this.#spec.version));
    if (outcome.kind === "timedOut") {
      lines.push(timeoutLine(this.#clock.now(), requestId, outcome.timeoutMs));
    }
    const errorType = failureType(outcome);
    const isTimeout = outcome.kind === "timedOut" || outcome.kind === "cpuTimeExceeded";
    lines.push(
      endLine(requestId),
      reportLine({
        requestId,
        durationMs: report.durationMs,
        memorySizeMb: this.#spec.memorySizeMb,
        maxMemoryUsedMb: report.maxMemoryUsedMb,
        ...(report.initDurationMs === undefined ? undefined : { initDurationMs: report.initDurationMs }),
        ...(report.restoreDurationMs === undefined
          ? undefined
          : { restoreDurationMs: report.restoreDurationMs }),
        ...(isTimeout ? { status: "timeout" as const } : undefined),
        ...(errorType === undefined ? undefined : { status: "error" as const, errorType }),
      }),
    );
    if (invocation.wantsTail) for (const line of lines) invocation.addToTail(line);
    // One write for all of them: this is on the path of every invocation.
    this.#stream.append(this.#clock.now(), ...lines);
  }

  close(): void {
    this.#stream.close();
  }

  #write(line: string, invocation: RunningInvocation | undefined): void {
    invocation?.addToTail(line);
    this.#stream.append(this.#clock.now(), line);
  }
}
