import { expect, test } from "vitest";
import { startServer } from "../server.ts";
import { FrozenServer } from "./frozen-server.ts";

const functions = 8;
const rounds = 16;
const atOnce = 6;

/** What differs from one function to the next in more than its numbers. */
const heaps = [
  "const kept = new Map(Array.from({ length: 500 }, (_, key) => [key, { key, seed }]));",
  "class Kept { #seed = seed; get seed() { return this.#seed; } } const kept = Array.from({ length: 300 }, () => new Kept());",
  "const kept = Buffer.alloc(10_000, seed); const pattern = /(?<all>.*)/u; pattern.test('x');",
  "function* count() { for (let n = seed; ; n++) yield n; } const kept = count(); kept.next();",
  "const kept = new WeakMap([[globalThis, seed]]); const pending = new Promise(() => {});",
  "const { createHash } = require('node:crypto'); const kept = createHash('sha256').update(String(seed)).digest('hex');",
  "const kept = [new Intl.NumberFormat('de').format(seed), new Date(seed), 2n ** BigInt(seed)];",
  "const { EventEmitter } = require('node:events'); const kept = new EventEmitter(); kept.on('x', () => seed);",
];

/** V8 shares parts of heaps between isolates of a process; made in processes of their own they must not disturb each other. */
test(`${functions} functions' snapshots are restored interleaved, ${functions * rounds} times, without a failure`, async () => {
  await using server = await startServer({ spareEnvironments: 0 });
  const frozen = new FrozenServer(server);
  const names = Array.from({ length: functions }, (_, seed) => `interleaved-${seed}`);
  await Promise.all(
    names.map((name, seed) =>
      frozen.freeze({
        name,
        files: {
          "index.js": `const seed = ${seed}; ${heaps[seed % heaps.length]}
            let calls = 0;
            exports.handler = async ({ x }) => [seed, ++calls, x, typeof kept, new Intl.NumberFormat("en").format(12345)];`,
        },
      }),
    ),
  );
  const left = Array.from({ length: rounds }, (_, round) =>
    names.map((name, seed) => ({ name, seed, round })),
  ).flat();
  // A shuffle that is the same each time.
  let state = 1;
  for (let index = left.length - 1; index > 0; index--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = state % (index + 1);
    [left[index], left[other]] = [left[other]!, left[index]!];
  }
  const next = async () => {
    for (let start = left.pop(); start !== undefined; start = left.pop()) {
      const { name, seed, round } = start;
      await frozen.endIdle(name);
      const answer = (await server.runtime.invoke(name, { x: round })) as unknown[];
      expect([answer[0], answer[2], answer[4]]).toEqual([seed, round, "12,345"]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  let starts = 0;
  for (const name of names) {
    const all = await frozen.starts(name);
    expect(all.filter(({ strategy }) => strategy !== "snapshot")).toEqual([]);
    expect((await frozen.state(name)).kind).toBe("ready");
    starts += all.length;
  }
  // Two events of one function at the same time may share an environment.
  expect(starts).toBeGreaterThan(functions * rounds * 0.8);
  const health = (await (await fetch(`${server.url}/_health`)).json()) as { failedRestores: number };
  expect(health.failedRestores).toBe(0);
}, 900_000);
