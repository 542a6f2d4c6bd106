/**
 * What the guest's base heap adds to a restore, and to an isolate's memory, over an empty snapshot. Run under
 * --no-node-snapshot. Arguments: folder of the guest heap, then `restore` and a number of rounds, or `memory` and
 * `empty` or `base` (memory that was freed is used again, so each figure has a process of its own). Prints JSON.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ivm from "isolated-vm";

const [folder = "", measure, detail = ""] = process.argv.slice(2);
const warmUpRounds = 5;
const isolates = 60;

const snapshots = {
  empty: ivm.Isolate.createSnapshot([{ code: "" }]),
  base: baseHeap(join(folder, "base.snapshot")),
};
type Name = keyof typeof snapshots;
const names = Object.keys(snapshots) as Name[];

process.stdout.write(
  JSON.stringify(measure === "memory" ? memory(detail as Name) : await restores(Number(detail))),
);

async function restores(rounds: number): Promise<Record<Name, number[]>> {
  const elapsedMs: Record<Name, number[]> = { empty: [], base: [] };
  for (let round = -warmUpRounds; round < rounds; round++) {
    // In turn, each as often behind the other.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const startedMs = performance.now();
      const isolate = restore(name);
      if (round >= 0) elapsedMs[name].push(performance.now() - startedMs);
      isolate.dispose();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  return elapsedMs;
}

/** Resident bytes of each of many. The first is not counted: with it comes what they share. */
function memory(name: Name): number {
  const kept = [restore(name)];
  const before = process.memoryUsage.rss();
  for (let i = 0; i < isolates; i++) kept.push(restore(name));
  const grown = process.memoryUsage.rss() - before;
  if (kept.some((isolate) => isolate.isDisposed)) throw new Error("an isolate is gone");
  return grown / isolates;
}

function restore(name: Name): ivm.Isolate {
  const isolate = new ivm.Isolate({ memoryLimit: 128, snapshot: snapshots[name] });
  isolate.createContextSync();
  return isolate;
}

function baseHeap(file: string): ivm.ExternalCopy<ArrayBuffer> {
  const bytes = readFileSync(file);
  return new ivm.ExternalCopy(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
  );
}
