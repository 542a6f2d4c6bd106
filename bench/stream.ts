/**
 * How fast does a streamed response of 100 MB arrive, compared with bare node:http, and by how much do Brisk's
 * processes grow meanwhile, also when the client reads slowly?
 */

import { HttpClient } from "../src/lab/http-client.ts";
import { readSettledProcessTree, watchGrowth } from "../src/lab/process-tree.ts";
import { startBareNode } from "./harness/bare-node.ts";
import { BriskServer } from "./harness/brisk.ts";
import { download } from "./harness/download.ts";
import { type Bench, type Row, ratioRow } from "./harness/report.ts";
import { interleave, median } from "./harness/statistics.ts";
import type { Target } from "./harness/target.ts";

const megabyte = 1024 * 1024;
const responseBytes = 100 * megabyte;
const path = `/?bytes=${responseBytes}`;

export const bench: Bench = {
  question: "throughput of a streamed 100 MB response, and growth of the processes that carry it",
  async run() {
    await using briskServer = await BriskServer.start();
    await using nodeServer = await startBareNode("stream-node.mjs");
    const brisk = await briskServer.deploy({
      name: "stream",
      file: "stream.mjs",
      stream: true,
      timeoutSeconds: 120,
    });
    const node: Target = { name: "node:http", url: nodeServer.ready };
    for (const target of [brisk, node]) await expectStream(target);

    const growthOf = async (what: string, run: () => Promise<unknown>): Promise<Row> => {
      const stop = watchGrowth(await readSettledProcessTree(briskServer.pid));
      await run();
      const [most] = await stop();
      const grown = (most?.growthBytes ?? 0) / megabyte;
      const process = most === undefined ? "no process" : programName(most.process.command);
      return {
        measure: `largest growth (${process}), ${what}`,
        unit: "MB",
        brisk: grown,
        figure: grown,
        target: { atMost: 32 },
      };
    };
    // In this order, as a process that grew once does not show it a second time.
    const slowly = await growthOf("client reads 4 MB/s", () =>
      download(brisk, path, { bytesPerSecond: 4 * megabyte, hangUpSeconds: 8 }),
    );
    let rates: Record<"brisk" | "node", number[]> = { brisk: [], node: [] };
    const rate = async (target: Target) => {
      const { bytes, seconds } = await download(target, path);
      if (bytes < responseBytes) throw new Error(`${target.name} ended after ${bytes} bytes`);
      return bytes / seconds / megabyte;
    };
    const quickly = await growthOf("client reads at full speed", async () => {
      rates = await interleave(5, { brisk: () => rate(brisk), node: () => rate(node) });
    });
    return [
      ratioRow({
        measure: "throughput of 100 MB",
        unit: "MB/s",
        brisk: median(rates.brisk),
        peer: { name: "node:http", value: median(rates.node) },
        target: { atLeast: 0.3 },
      }),
      quickly,
      slowly,
    ];
  },
};

/** `…/src/host/main.ts /data` → `host/main.ts`. */
function programName(command: string): string {
  const program = command.split(" ").find((word) => /\.[jt]s$/.test(word)) ?? command;
  return program.split("/").slice(-2).join("/");
}

async function expectStream(target: Target): Promise<void> {
  using client = new HttpClient();
  const answer = await client.call(new URL("/?bytes=200000", target.url).href, { host: target.host });
  if (answer.status !== 200 || answer.text !== "a".repeat(200_000)) {
    throw new Error(
      `${target.name} answers ${answer.status} and ${answer.text.length} bytes: ${answer.text.slice(0, 300)}`,
    );
  }
}
