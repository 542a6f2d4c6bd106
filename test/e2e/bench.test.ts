import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BenchRun, TuneRun } from "../../src/lab/model.ts";
import { launcher, runProgram, ServeProcess } from "./brisk-process.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "brisk-bench-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function brisk(...args: string[]) {
  return runProgram(process.execPath, [launcher, ...args], { cwd: folder, timeoutMs: 240_000 });
}

const counting = `let calls = 0;
export const handler = async (event) => ({ n: ++calls, a: event.a });
`;

test("bench measures each strategy by real cold starts, side by side, and leaves the user's files alone", async () => {
  await writeFile(join(folder, "counting.mjs"), counting);
  const { exitCode, stdout, stderr } = await brisk(
    ...["bench", "counting.mjs", "--event", '{"a":7}', "--runs", "2", "--warm-up", "1", "--burst", "3"],
    ...["--strategies", "node-process,worker-thread,node-vm,init,restored-ahead,warm"],
    ...["--json", "run.json", "--html", "run.html"],
  );
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  expect(stdout).toContain("Node process");
  const run = JSON.parse(await readFile(join(folder, "run.json"), "utf8")) as BenchRun;
  const [workload] = run.workloads;
  const ids = ["node-process", "worker-thread", "node-vm", "init", "restored-ahead", "warm"];
  expect(workload?.skipped).toEqual([]);
  expect(workload?.results.map(({ strategy }) => strategy)).toEqual(ids);
  for (const { strategy, starts, failures } of workload?.results ?? []) {
    expect({ strategy, failures, starts: starts.length }).toEqual({ strategy, failures: [], starts: 2 });
    for (const { totalMs, phasesMs } of starts) {
      const phases = Object.values(phasesMs).reduce((sum, ms) => sum + ms, 0);
      expect(phases).toBeGreaterThan(0);
      expect(phases).toBeLessThanOrEqual(totalMs);
    }
  }
  const cold = ids.slice(0, 4);
  expect(workload?.bursts.map(({ strategy }) => strategy)).toEqual(cold);
  for (const burst of workload?.bursts ?? []) expect(burst).toMatchObject({ size: 3, failures: [] });
  const process = workload?.results[0];
  expect(process?.rssBytesPerEnvironment).toBeGreaterThan(10e6);
  expect(await readFile(join(folder, "run.html"), "utf8")).toContain("<!doctype html>");
});

test("bench says which strategies can't run a function, and why", async () => {
  // Never asked for at run time, and yet a bundler looks for it.
  await writeFile(
    join(folder, "handler.mjs"),
    'export const handler = async (event) => event.never && (await import("not-installed"));',
  );
  const { exitCode, stdout } = await brisk(
    ...["bench", "handler.mjs", "--runs", "1", "--burst", "0", "--strategies", "node-process,init"],
    ...["--json", "-", "--no-html"],
  );
  expect(exitCode).toBe(0);
  const [workload] = (JSON.parse(stdout) as BenchRun).workloads;
  expect(workload?.results.map(({ strategy }) => strategy)).toEqual(["init"]);
  expect(workload?.skipped).toMatchObject([
    { strategy: "node-process", reason: expect.stringContaining('Could not resolve "not-installed"') },
  ]);
});

test("bench of a function that fails is refused with what it answers", async () => {
  await writeFile(join(folder, "broken.mjs"), 'throw new Error("no database"); export const handler = 1;');
  const { exitCode, stderr } = await brisk(
    "bench",
    "broken.mjs",
    "--event",
    "{}",
    "--runs",
    "1",
    "--no-html",
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/error: cannot bench broken\.mjs: .*no database/);
});

test("tune measures copies of a function and leaves only the function behind", async () => {
  await writeFile(join(folder, "counting.mjs"), counting);
  await using serve = await ServeProcess.start(process.execPath, [launcher, "serve", "--port", "0"], {
    cwd: folder,
  });
  const endpoint = ["--endpoint-url", serve.endpoint];
  expect(await brisk("deploy", "counting.mjs", ...endpoint)).toMatchObject({ exitCode: 0 });
  const tuned = await brisk(
    ...["tune", "counting", "--memory", "256,128", "--runs", "3", "--json", "-", "--html", "tune.html"],
    ...endpoint,
  );
  expect(tuned).toMatchObject({ exitCode: 0 });
  const run = JSON.parse(tuned.stdout) as TuneRun;
  expect(run.points.map(({ memorySizeMb }) => memorySizeMb)).toEqual([128, 256]);
  for (const { durationsMs, coldMs, failures } of run.points) {
    expect({ failures, durations: durationsMs.length }).toEqual({ failures: [], durations: 3 });
    expect(coldMs).toBeGreaterThan(0);
  }
  const { stdout } = await brisk("ls", "--json", ...endpoint);
  expect((JSON.parse(stdout) as { FunctionName: string }[]).map((one) => one.FunctionName)).toEqual([
    "counting",
  ]);
});
