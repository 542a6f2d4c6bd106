import { describe, expect, it } from "vitest";
import { failurePayload, failureType, type InvokeOutcome } from "../../../src/model/invocation.ts";

const id = "6bc28136-xmpl-4365-b021-0ce6b2e64ab0";
const functionError = (fatal: boolean): InvokeOutcome => ({
  kind: "functionError",
  payload: Buffer.from('{"errorType":"TypeError","errorMessage":"no","trace":[]}'),
  errorType: "TypeError",
  fatal,
});

describe("failurePayload()", () => {
  // Byte by byte: clients compare these texts, and some parse them with expressions.
  it.each<[InvokeOutcome, string]>([
    [functionError(false), '{"errorType":"TypeError","errorMessage":"no","trace":[]}'],
    [
      { kind: "timedOut", timeoutMs: 1000 },
      `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ${id} Error: Task timed out after 1.00 seconds"}`,
    ],
    [
      { kind: "timedOut", timeoutMs: 900_000 },
      `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ${id} Error: Task timed out after 900.00 seconds"}`,
    ],
    [
      { kind: "outOfMemory", memorySizeMb: 128 },
      `{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: ${id} Error: Runtime exited with error: signal: killed"}`,
    ],
    [
      { kind: "exited", reason: "without providing a reason" },
      `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ${id} Error: Runtime exited without providing a reason"}`,
    ],
    [
      { kind: "exited", reason: "with error: exit status 7" },
      `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ${id} Error: Runtime exited with error: exit status 7"}`,
    ],
  ])("of %j is Lambda's text", (outcome, text) => {
    expect(failurePayload(outcome, id).toString()).toBe(text);
  });

  it("of used-up CPU time says which settings raise it", () => {
    const payload = JSON.parse(
      failurePayload({ kind: "cpuTimeExceeded", cpuTimeMs: 1500 }, id).toString(),
    ) as Record<string, string>;
    expect(payload["errorType"]).toBe("Sandbox.Timedout");
    expect(payload["errorMessage"]).toContain("CPU time of 1.50 seconds");
    expect(payload["errorMessage"]).toMatch(/MemorySize.*Timeout.*BRISK_CPU_TIME_MS/);
  });

  it.each<InvokeOutcome>([{ kind: "success", payload: Buffer.from("1") }, { kind: "streamed" }])(
    "of %j is a bug of its caller's",
    (outcome) => {
      expect(() => failurePayload(outcome, id)).toThrow(TypeError);
    },
  );
});

describe("failureType()", () => {
  it.each<[InvokeOutcome, string | undefined]>([
    [{ kind: "success", payload: Buffer.from("1") }, undefined],
    [functionError(false), undefined],
    [functionError(true), "TypeError"],
    [{ kind: "timedOut", timeoutMs: 1 }, undefined],
    [{ kind: "outOfMemory", memorySizeMb: 128 }, "Runtime.OutOfMemory"],
    [{ kind: "exited", reason: "without providing a reason" }, "Runtime.ExitError"],
  ])(
    "of %j names the REPORT line's error type only where the environment ended by an error",
    (outcome, type) => {
      expect(failureType(outcome)).toBe(type);
    },
  );
});
