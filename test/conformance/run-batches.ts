import type { BriskRunner } from "./brisk-runner.ts";
import { NodeRunner } from "./node-runner.ts";
import type { PackageFiles } from "./package-files.ts";
import { type FileResult, program, type TestFile } from "./result.ts";
import type { Compared } from "./table.ts";

/** Files that one package holds. */
export interface Batch {
  readonly tests: readonly TestFile[];
  pack(tests: readonly TestFile[]): Promise<PackageFiles>;
}

/** Runs each batch's files one after the other, and several batches at once. */
export async function runBatches(
  batches: readonly Batch[],
  brisk: BriskRunner,
  concurrency: number,
): Promise<Compared[]> {
  const results: Compared[] = [];
  const waiting = [...batches];
  const total = batches.reduce((sum, { tests }) => sum + tests.length, 0);
  const startedMs = performance.now();
  const lane = async () => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const { tests } = batch;
      for (const result of await runBatch(batch, brisk)) results.push(result);
      const { suite, group } = tests[0]!;
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
      console.error(`${results.length}/${total} ${suite}/${group}, ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return results.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function runBatch(batch: Batch, brisk: BriskRunner): Promise<Compared[]> {
  const { tests } = batch;
  const { suite, group } = tests[0]!;
  const files = await batch.pack(tests);
  const node = await NodeRunner.for(`${suite}-${group}`, files);
  const results: Compared[] = [];
  try {
    const found = await runInBrisk(batch, tests, files, brisk);
    for (const test of tests) {
      results.push({ suite, group, id: test.id, brisk: found.get(test)!, node: await node.run(test) });
    }
  } finally {
    await node.close();
  }
  return results;
}

/** A package that cannot be deployed is halved, until it is clear which file is at fault. */
async function runInBrisk(
  batch: Batch,
  tests: readonly TestFile[],
  files: PackageFiles,
  brisk: BriskRunner,
): Promise<Map<TestFile, FileResult>> {
  const results = new Map<TestFile, FileResult>();
  const deployed = await brisk.deploy(files).catch((error: unknown) => error as Error);
  if (deployed instanceof Error) {
    if (tests.length === 1) return results.set(tests[0]!, broken(tests[0]!, deployed));
    const middle = tests.length >> 1;
    for (const half of [tests.slice(0, middle), tests.slice(middle)]) {
      for (const [test, result] of await runInBrisk(batch, half, await batch.pack(half), brisk))
        results.set(test, result);
    }
    return results;
  }
  try {
    for (const test of tests) {
      results.set(test, await deployed.run(test).catch((error: unknown) => broken(test, error as Error)));
    }
  } finally {
    await deployed.delete();
  }
  return results;
}

function broken(test: TestFile, error: Error): FileResult {
  const message = error.message.slice(0, 1500);
  return { state: "error", message, subtests: test.suite === "node" ? [[program, 0, message]] : [] };
}
