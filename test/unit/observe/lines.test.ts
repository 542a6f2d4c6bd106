import { expect, test } from "vitest";
import {
  consoleLine,
  endLine,
  errorLine,
  initReportLine,
  initStartLine,
  logStreamName,
  reportLine,
  restoreReportLine,
  restoreStartLine,
  startLine,
  timeoutLine,
  xrayLine,
} from "../../../src/observe/index.ts";

const id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const noon = Date.UTC(2026, 10, 20, 12, 0, 0, 7);

test("an invocation's lines read as Lambda's do", () => {
  expect(startLine(id, "$LATEST")).toBe(`START RequestId: ${id} Version: $LATEST`);
  expect(endLine(id)).toBe(`END RequestId: ${id}`);
  expect(reportLine({ requestId: id, durationMs: 1.234, memorySizeMb: 128, maxMemoryUsedMb: 65.6 })).toBe(
    `REPORT RequestId: ${id}\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 66 MB\t`,
  );
});

test("REPORT of a cold start names the init, bills it, and still ends with a tab", () => {
  const figures = { requestId: id, durationMs: 1.5, memorySizeMb: 128, maxMemoryUsedMb: 66 };
  expect(reportLine({ ...figures, initDurationMs: 151.23 })).toBe(
    `REPORT RequestId: ${id}\tDuration: 1.50 ms\tBilled Duration: 153 ms\tMemory Size: 128 MB\tMax Memory Used: 66 MB\tInit Duration: 151.23 ms\t`,
  );
});

test("REPORT says how an invocation failed", () => {
  const figures = { requestId: id, durationMs: 3000, memorySizeMb: 128, maxMemoryUsedMb: 66 };
  expect(reportLine({ ...figures, status: "timeout" })).toMatch(/Max Memory Used: 66 MB\tStatus: timeout$/);
  expect(reportLine({ ...figures, status: "error", errorType: "Runtime.OutOfMemory" })).toMatch(
    /\tStatus: error\tError Type: Runtime\.OutOfMemory$/,
  );
});

test("init's lines read as Lambda's do", () => {
  const runtimeVersionArn = "arn:aws:lambda:us-east-1::runtime:abc";
  expect(initStartLine({ runtime: "nodejs22.x", runtimeVersionArn })).toBe(
    `INIT_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: ${runtimeVersionArn}`,
  );
  expect(initReportLine({ initDurationMs: 9999.74, phase: "init", status: "timeout" })).toBe(
    "INIT_REPORT Init Duration: 9999.74 ms\tPhase: init\tStatus: timeout",
  );
});

test("a restore's lines read as Lambda's do", () => {
  const runtimeVersionArn = "arn:aws:lambda:us-east-1::runtime:abc";
  expect(restoreStartLine({ runtime: "nodejs22.x", runtimeVersionArn })).toBe(
    `RESTORE_START Runtime Version: nodejs:22.v1\tRuntime Version ARN: ${runtimeVersionArn}`,
  );
  expect(restoreReportLine({ restoreDurationMs: 397.528 })).toBe(
    "RESTORE_REPORT Restore Duration: 397.53 ms",
  );
  expect(restoreReportLine({ restoreDurationMs: 10_000, status: "timeout" })).toBe(
    "RESTORE_REPORT Restore Duration: 10000.00 ms\tStatus: timeout",
  );
  expect(restoreReportLine({ restoreDurationMs: 2, status: "error", errorType: "Runtime.ExitError" })).toBe(
    "RESTORE_REPORT Restore Duration: 2.00 ms\tStatus: error\tError Type: Runtime.ExitError",
  );
});

test("REPORT of a cold start from a snapshot names the restore, and bills it", () => {
  const figures = { requestId: id, durationMs: 15.41, memorySizeMb: 128, maxMemoryUsedMb: 66 };
  expect(reportLine({ ...figures, restoreDurationMs: 3.2 })).toBe(
    `REPORT RequestId: ${id}\tDuration: 15.41 ms\tBilled Duration: 20 ms\tMemory Size: 128 MB\tMax Memory Used: 66 MB\tRestore Duration: 3.20 ms\tBilled Restore Duration: 4 ms\t`,
  );
});

test("console and error lines carry time, request and level; during init the request is undefined", () => {
  expect(consoleLine(noon, id, "INFO", "hi")).toBe(`2026-11-20T12:00:00.007Z\t${id}\tINFO\thi`);
  expect(consoleLine(noon, undefined, "WARN", "hi")).toBe("2026-11-20T12:00:00.007Z\tundefined\tWARN\thi");
  expect(errorLine(noon, id, "Invoke Error", "{}")).toBe(
    `2026-11-20T12:00:00.007Z\t${id}\tERROR\tInvoke Error \t{}`,
  );
  expect(timeoutLine(noon, id, 3000)).toBe(
    `2026-11-20T12:00:00.007Z ${id} Task timed out after 3.00 seconds`,
  );
  expect(xrayLine("1-a", "b", true)).toBe("XRAY TraceId: 1-a\tSegmentId: b\tSampled: true");
});

test("a stream's name is its day, its version and its environment", () => {
  const environment = "0123456789abcdef0123456789abcdef";
  expect(logStreamName(noon, "$LATEST", environment)).toBe(`2026/11/20/[$LATEST]${environment}`);
});
