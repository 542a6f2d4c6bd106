import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// V8 ends the process when an isolate, its sessions and what runs end in another order than it expects.
test("an inspected isolate ends at whatever moment, and a turn that was stopped for a debugger always goes on", async () => {
  const program = join(import.meta.dirname, "inspection-main.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-node-snapshot", program]);
  const ends = JSON.parse(stdout) as Record<string, string[]>;
  for (const moment of ["a paused turn is resumed", "another debugger resumes it", "its debugger leaves"])
    expect([moment, ends[moment]]).toEqual([moment, ["done"]]);
  expect(ends["it ends while it loops"]).toEqual(["ended"]);
  expect(ends["it ends while its loop is paused"]).toEqual(["ended"]);
  expect(ends["it ends within an operation"]).toEqual(["ended"]);
  expect(Object.keys(ends)).toHaveLength(10);
});
