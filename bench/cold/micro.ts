import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { isolateFlags } from "../../src/isolate-flags.ts";
import { ensureGuestHeap, sharedCacheDir } from "../../src/snapstart/index.ts";

const execute = promisify(execFile);

export interface MicroMeasures {
  /** An isolate, a context, code and one call, ms. */
  readonly bareMs: readonly number[];
  /** A restore and a context, ms. */
  readonly restoreMs: { readonly empty: readonly number[]; readonly base: readonly number[] };
  /** Resident memory of an isolate, by process. */
  readonly isolateBytes: { readonly empty: readonly number[]; readonly base: readonly number[] };
}

const memorySamples = 5;

/** What V8 takes by itself, measured in processes that have a host's flags. */
export async function measureMicro(rounds: number): Promise<MicroMeasures> {
  const guest = await ensureGuestHeap([sharedCacheDir()]);
  const bare = (await run("bare-isolate.ts", rounds)) as { totalMs: number[] };
  const restores = (await run("base-heap.ts", guest, "restore", rounds)) as MicroMeasures["restoreMs"];
  const isolateBytes = { empty: [] as number[], base: [] as number[] };
  for (let sample = 0; sample < memorySamples; sample++) {
    isolateBytes.empty.push((await run("base-heap.ts", guest, "memory", "empty")) as number);
    isolateBytes.base.push((await run("base-heap.ts", guest, "memory", "base")) as number);
  }
  return { bareMs: bare.totalMs, restoreMs: restores, isolateBytes };
}

async function run(program: string, ...args: readonly (string | number)[]): Promise<unknown> {
  // As in hosts: a young generation of V8's usual size would be in every figure.
  const flags = [...isolateFlags, "--v8-pool-size=1", "--max-semi-space-size=2"];
  const file = join(import.meta.dirname, program);
  const { stdout } = await execute(process.execPath, [...flags, file, ...args.map(String)]);
  return JSON.parse(stdout) as unknown;
}
