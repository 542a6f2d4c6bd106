/** What do the calls that handlers make for each request cost in an isolate, compared with Node itself? */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HttpClient } from "../src/lab/http-client.ts";
import { BriskServer } from "./harness/brisk.ts";
import { type Bench, type Row, ratioRow } from "./harness/report.ts";
import { interleave, median } from "./harness/statistics.ts";

interface Measurement {
  /** As bench/functions/guest-calls.mjs names it. */
  readonly name: string;
  /** Times in one event. */
  readonly count: number;
  readonly unit: "µs" | "ms";
  readonly atMost: number;
}

const call = (name: string, count: number): Measurement => ({ name, count, unit: "µs", atMost: 5 });
const flow = (name: string): Measurement => ({ name, count: 1, unit: "ms", atMost: 3 });
const measurements: readonly Measurement[] = [
  call("new URL", 5000),
  call("Headers", 5000),
  call("Buffer.from", 10_000),
  call("TextDecoder", 5000),
  call("crypto.randomUUID", 10_000),
  call("createHash, 1 KB", 3000),
  call("Buffer.from, 1 KB of bytes", 5000),
  call("gzipSync, 1 KB", 500),
  flow("TransformStream, 10 MB"),
  flow("CompressionStream, 10 MB"),
  flow("gzipSync, 10 MB"),
  flow("sha256, 10 MB"),
];
const rounds = 9;

export const bench: Bench = {
  question: "what a handler's calls cost in an isolate, and in Node",
  async run() {
    await using server = await BriskServer.start();
    const target = await server.deploy({
      name: "guest-calls",
      file: "guest-calls.mjs",
      timeoutSeconds: 60,
      memorySizeMb: 1769,
    });
    using client = new HttpClient();
    await using node = new NodeFunction();
    const rows: Row[] = [];
    for (const { name, count, unit, atMost } of measurements) {
      const url = new URL(`?${new URLSearchParams({ name, count: String(count) })}`, target.url).href;
      const brisk = async () => {
        const { status, text } = await client.call(url, { host: target.host, timeoutMs: 60_000 });
        if (status !== 200) throw new Error(`${name}: ${status} ${text}`);
        return (JSON.parse(text) as { ms: number }).ms;
      };
      const peer = () => node.call({ name, count });
      // The first ones compile and are optimized.
      for (let warmUp = 0; warmUp < 3; warmUp++) {
        await brisk();
        await peer();
      }
      const measured = await interleave(rounds, { brisk, peer });
      const factor = unit === "µs" ? 1000 : 1;
      rows.push(
        ratioRow({
          measure: name,
          unit,
          brisk: median(measured.brisk) * factor,
          peer: { name: "node", value: median(measured.peer) * factor },
          target: { atMost },
        }),
      );
    }
    return rows;
  },
};

/** The function in a process of Node. */
class NodeFunction implements AsyncDisposable {
  readonly #child = spawn(
    process.execPath,
    [join(import.meta.dirname, "harness/node-guest-calls-main.mjs")],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();

  async call(event: { name: string; count: number }): Promise<number> {
    this.#child.stdin.write(`${JSON.stringify(event)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Node ended while it ran ${event.name}`);
    return (JSON.parse(value) as { ms: number }).ms;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
  }
}
