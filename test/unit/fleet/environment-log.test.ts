import { describe, expect, it } from "vitest";
import { EnvironmentLog } from "../../../src/fleet/environment-log.ts";
import { RunningInvocation } from "../../../src/fleet/running-invocation.ts";
import type { InvocationObserver, InvokeOutcome } from "../../../src/model/invocation.ts";
import type { LogStore } from "../../../src/observe/index.ts";
import { versionSpec } from "./version-spec.ts";

const nowMs = Date.UTC(2026, 10, 20, 12);
const nowText = "2026-11-20T12:00:00.000Z";
const requestId = "6bc28136-xmpl-4365-b021-0ce6b2e64ab0";
const start = `START RequestId: ${requestId} Version: $LATEST`;
const end = `END RequestId: ${requestId}`;
const success: InvokeOutcome = { kind: "success", payload: Buffer.from("1") };

function opened() {
  const lines: string[] = [];
  const streams: string[] = [];
  const store = {
    openStream(group: string, stream: string) {
      streams.push(`${group} ${stream}`);
      return { append: (_ms: number, ...texts: string[]) => lines.push(...texts), close: () => {} };
    },
  } as unknown as LogStore;
  const clock = { now: () => nowMs, monotonicMs: () => 0 };
  return { lines, streams, log: new EnvironmentLog(store, clock, versionSpec(), "f".repeat(32)) };
}

function invocation(logTail = true): RunningInvocation {
  const request = { spec: versionSpec(), requestId, invokedFunctionArn: "arn", payload: "{}" };
  return new RunningInvocation(request, {} as InvocationObserver, logTail);
}

describe("EnvironmentLog", () => {
  it("is a stream of its function's group, named by day, version and environment", () => {
    expect(opened().streams).toEqual([`/aws/lambda/hello 2026/11/20/[$LATEST]${"f".repeat(32)}`]);
  });

  it("puts START ahead of an invocation's first line, END and REPORT behind its last, each once", () => {
    const { log, lines } = opened();
    const running = invocation();
    log.console(nowMs, "INFO", "one", running);
    log.console(nowMs, "ERROR", "two", running);
    log.ended(running, success, { durationMs: 1.5, maxMemoryUsedMb: 3 });
    expect(lines.slice(0, 4)).toEqual([
      start,
      `${nowText}\t${requestId}\tINFO\tone`,
      `${nowText}\t${requestId}\tERROR\ttwo`,
      end,
    ]);
    expect(lines[4]).toMatch(/^REPORT RequestId: .*\tDuration: 1\.50 ms\tBilled Duration: 2 ms\t/);
    expect(lines).toHaveLength(5);
  });

  it("has START, END and REPORT also of an invocation that wrote nothing", () => {
    const { log, lines } = opened();
    log.ended(invocation(), success, { durationMs: 1, maxMemoryUsedMb: 3 });
    expect(lines.map((line) => line.slice(0, 6))).toEqual([start.slice(0, 6), end.slice(0, 6), "REPORT"]);
  });

  it("tells of a restore before START, and of what it took in REPORT", () => {
    const { log, lines } = opened();
    const running = invocation();
    log.restoreStarted(running);
    log.restored(4.25, running);
    log.ended(running, success, { durationMs: 1, restoreDurationMs: 4.25, maxMemoryUsedMb: 3 });
    expect(lines.slice(1, 3)).toEqual(["RESTORE_REPORT Restore Duration: 4.25 ms", start]);
    expect(lines[0]).toMatch(/^RESTORE_START Runtime Version: nodejs:22\.v1\t/);
    expect(lines.at(-1)).toMatch(/\tRestore Duration: 4\.25 ms\tBilled Restore Duration: 5 ms\t$/);
  });

  it("says how a restore failed", () => {
    const { log, lines } = opened();
    log.restoreFailed(2, "Runtime.ExitError", undefined);
    log.restoreFailed(10_000, undefined, undefined);
    expect(lines).toEqual([
      "RESTORE_REPORT Restore Duration: 2.00 ms\tStatus: error\tError Type: Runtime.ExitError",
      "RESTORE_REPORT Restore Duration: 10000.00 ms\tStatus: timeout",
    ]);
  });

  it("says that a task timed out, before END, and in REPORT", () => {
    const { log, lines } = opened();
    log.ended(invocation(), { kind: "timedOut", timeoutMs: 3000 }, { durationMs: 3000, maxMemoryUsedMb: 3 });
    expect(lines.slice(0, 3)).toEqual([
      start,
      `${nowText} ${requestId} Task timed out after 3.00 seconds`,
      end,
    ]);
    expect(lines[3]).toMatch(/\tStatus: timeout$/);
  });

  it("names the error's type in REPORT when the environment ended by it", () => {
    const { log, lines } = opened();
    log.ended(
      invocation(),
      { kind: "outOfMemory", memorySizeMb: 128 },
      { durationMs: 1, maxMemoryUsedMb: 128 },
    );
    expect(lines.at(-1)).toMatch(/\tStatus: error\tError Type: Runtime.OutOfMemory$/);
  });

  it("writes what went to stdout as it is, without a last newline", () => {
    const { log, lines } = opened();
    log.console(nowMs, "", "raw\ttext\n", undefined);
    expect(lines).toEqual(["raw\ttext"]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 8.64e15 + 1, nowMs + 60_000])(
    "does not believe a host that says it is %d",
    (timestampMs) => {
      const { log, lines } = opened();
      log.console(timestampMs, "INFO", "text", undefined);
      expect(lines).toEqual([`${nowText}\tundefined\tINFO\ttext`]);
    },
  );

  it("does not believe a host's level either: it can't write a line in another shape", () => {
    const { log, lines } = opened();
    log.console(nowMs, "INFO\nEND RequestId: forged", "text", undefined);
    expect(lines).toEqual([`${nowText}\tundefined\tINFO\ttext`]);
  });

  it("says in the log that init failed, also where nobody waits for it", () => {
    const { log, lines } = opened();
    log.initStarted(undefined);
    log.initFailed(10_000, true, "Runtime.ExitError", undefined);
    log.initFailed(5, false, "TypeError", undefined);
    expect(lines).toEqual([
      "INIT_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:0",
      "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout",
      "INIT_REPORT Init Duration: 5.00 ms\tPhase: init\tStatus: error\tError Type: TypeError",
    ]);
  });
});

describe("an invocation's log tail", () => {
  it("is the log's last 4096 bytes, counted in UTF-8", () => {
    const { log, lines } = opened();
    const running = invocation();
    for (let line = 0; line < 200; line++) log.console(nowMs, "INFO", `${line} ä€\u{1f600}`, running);
    log.ended(running, success, { durationMs: 1, maxMemoryUsedMb: 3 });
    const whole = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    expect(running.tail()).toEqual(whole.subarray(-4096));
  });

  it("of one long line is that line's end", () => {
    const { log } = opened();
    const running = invocation();
    log.console(nowMs, "INFO", `${"x".repeat(1_000_000)}end`, running);
    expect(running.tail()?.byteLength).toBe(4096);
    expect(running.tail()?.toString().endsWith("xend\n")).toBe(true);
  });

  it("is not kept for who did not ask for it", () => {
    const { log } = opened();
    const running = invocation(false);
    log.console(nowMs, "INFO", "text", running);
    expect(running.tail()).toBeUndefined();
  });
});
