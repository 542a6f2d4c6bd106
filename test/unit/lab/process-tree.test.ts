import { expect, test } from "vitest";
import { readProcessTree, readThreadTimes, spentMs } from "../../../src/lab/process-tree.ts";

test("spentMs() counts what threads spent since, and all of those that are new", () => {
  const before = new Map([
    ["1/1", 5e6],
    ["1/2", 9e6],
  ]);
  const now = new Map([
    ["1/1", 7e6],
    ["3/3", 4e6],
  ]);
  // 1/2 ended: what it spent last is not known, and must not count as less than nothing.
  expect(spentMs(before, now)).toBe(6);
});

test("spentMs() is null where the system tells nothing", () => {
  expect(spentMs(new Map(), new Map())).toBeNull();
});

test.skipIf(process.platform !== "linux")(
  "readThreadTimes() sees the CPU time that this process burns",
  async () => {
    const before = await readThreadTimes(process.pid);
    const untilMs = process.cpuUsage().user / 1000 + 60;
    while (process.cpuUsage().user / 1000 < untilMs);
    const spent = spentMs(before, await readThreadTimes(process.pid));
    expect(spent).toBeGreaterThan(50);
    expect((await readProcessTree(process.pid)).map(({ pid }) => pid)).toContain(process.pid);
  },
);
