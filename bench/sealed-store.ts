/** What does a 20 MB snapshot's read from disk cost the supervisor's event loop, and its write? */

import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deriveSealingKey } from "../src/sealing/sealing-key.ts";
import { SealedStore } from "../src/snapstart/sealed-store.ts";
import type { Bench, Row } from "./harness/report.ts";
import { median } from "./harness/statistics.ts";

const contentBytes = 20 * 1024 * 1024;
const rounds = 15;
const key = "a".repeat(64);

export const bench: Bench = {
  question: "a sealed file of 20 MB: what reading and writing it cost the event loop",
  async run() {
    const dir = await mkdtemp(join(tmpdir(), "brisk-bench-"));
    try {
      await using store = await SealedStore.open({
        dir,
        sealing: await deriveSealingKey(randomBytes(32)),
        memoryBytes: 0,
        onDamaged: ({ message }) => {
          throw new Error(message);
        },
      });
      const content = randomBytes(contentBytes);
      await store.put("snapshot", key, content, {});
      if (!content.equals((await store.read("snapshot", key)) ?? Buffer.alloc(0))) {
        throw new Error("the content that was read is not the one that was stored");
      }
      return [
        ...(await measure("read", () => store.read("snapshot", key))),
        ...(await measure("write", () => store.put("snapshot", key, content, {}))),
      ];
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

async function measure(what: string, run: () => Promise<unknown>): Promise<Row[]> {
  const wall: number[] = [];
  const cpu: number[] = [];
  const steps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    const startCpuMs = mainThreadCpuMs();
    await run();
    wall.push(performance.now() - startMs);
    cpu.push(mainThreadCpuMs() - startCpuMs);
    // In a run of its own: looking at each turn of the loop costs CPU time.
    steps.push(await longestStepMs(run));
  }
  return [
    row(`${what}: until it is done`, wall),
    row(`${what}: CPU time of the main thread`, cpu),
    // The clock also tells how long other processes ran, so the calmest round comes nearest to ours alone.
    row(`${what}: longest turn of the loop, least of ${rounds} rounds`, [Math.min(...steps)]),
  ];
}

async function longestStepMs(run: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isRunning = true;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (isRunning) setImmediate(look);
  };
  setImmediate(look);
  await run();
  isRunning = false;
  return longest;
}

function mainThreadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function row(measure: string, samples: readonly number[]): Row {
  const figure = median(samples);
  return { measure, unit: "ms", brisk: figure, figure };
}
