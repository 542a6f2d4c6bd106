import { expect, test } from "vitest";
import { parseReport } from "../../../src/lab/run-tune.ts";

test("parseReport() reads what an invocation took, and what its start took where there was one", () => {
  const warm =
    "START\nREPORT RequestId: a\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 9 MB\t\n";
  expect(parseReport(warm)).toEqual({ durationMs: 1.5, coldMs: undefined, maxMemoryUsedMb: 9 });
  expect(parseReport(warm.replace("\t\n", "\tInit Duration: 20.25 ms\t\n")).coldMs).toBe(21.75);
  const restored = warm.replace("\t\n", "\tRestore Duration: 4.00 ms\tBilled Restore Duration: 4 ms\t\n");
  expect(parseReport(restored).coldMs).toBe(5.5);
});

test("parseReport() throws when the log was cut before REPORT", () => {
  expect(() => parseReport("START RequestId: a\nEND")).toThrow("no REPORT line");
});
