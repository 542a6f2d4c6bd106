/**
 * How long does the first request to a tiny function take, over HTTP, compared with the first request to a
 * worker that workerd's dynamic Worker Loader has not loaded before?
 */

import { HttpClient } from "../src/lab/http-client.ts";
import { BriskServer } from "./harness/brisk.ts";
import { type Bench, ratioRow } from "./harness/report.ts";
import { interleave, median, percentile } from "./harness/statistics.ts";
import type { Target } from "./harness/target.ts";
import { startWorkerd } from "./harness/workerd.ts";

/** Functions deployed for it, as each is cold only once. */
const rounds = 50;

export const bench: Bench = {
  question: "first answer of a tiny function that has no environment yet",
  async run() {
    await using briskServer = await BriskServer.start();
    await using workerdServer = await startWorkerd("loader.capnp");
    using client = new HttpClient();
    const functions: Target[] = [];
    for (let i = 0; i < rounds + 3; i++) {
      functions.push(await briskServer.deploy({ name: `tiny-${i}`, file: "tiny.mjs" }));
    }
    let workers = 0;
    const contenders = {
      brisk: () => firstAnswerMs(client, functions.pop() as Target, "/"),
      workerd: () => firstAnswerMs(client, { name: "workerd", url: workerdServer.url }, `/?id=${workers++}`),
    };
    // The first ones also warm the servers' own code.
    await interleave(3, contenders);
    const elapsed = await interleave(rounds, contenders);
    return [
      ratioRow({
        measure: "cold start over HTTP, median",
        unit: "ms",
        brisk: median(elapsed.brisk),
        peer: { name: "workerd loader", value: median(elapsed.workerd) },
        target: { atMost: 0.6 },
      }),
      ratioRow({
        measure: "the same, p90",
        unit: "ms",
        brisk: percentile(elapsed.brisk, 90),
        peer: { name: "workerd loader", value: percentile(elapsed.workerd, 90) },
      }),
    ];
  },
};

/** @throws If it was answered by an environment that had answered before. */
async function firstAnswerMs(client: HttpClient, { name, url, host }: Target, path: string): Promise<number> {
  const answer = await client.call(url + path, { host });
  if (answer.status !== 200 || answer.text !== '{"message":"hello","calls":1}') {
    throw new Error(`${name} gave no cold answer: ${answer.status} ${answer.text.slice(0, 500)}`);
  }
  return answer.elapsedMs;
}
