/** How much memory does an idle environment of a tiny function hold, all of Brisk's processes taken together? */

import { HttpClient } from "../src/lab/http-client.ts";
import { readSettledProcessTree, totalBytes } from "../src/lab/process-tree.ts";
import { BriskServer } from "./harness/brisk.ts";
import type { Bench } from "./harness/report.ts";
import type { Target } from "./harness/target.ts";

const megabyte = 1024 * 1024;
const environments = 1000;

export const bench: Bench = {
  question: `memory of ${environments} idle tiny environments, each`,
  async run() {
    await using briskServer = await BriskServer.start();
    const target = await briskServer.deploy({ name: "wait", file: "wait.mjs", timeoutSeconds: 60 });
    await invokeTogether(target, 1, 0);
    const before = totalBytes(await readSettledProcessTree(briskServer.pid));
    // Invocations that wait at the same time need an environment each.
    const answered = await invokeTogether(target, environments, 10_000);
    if (answered.size !== environments) {
      throw new Error(`${environments} concurrent invocations ran in ${answered.size} environments`);
    }
    const after = totalBytes(await readSettledProcessTree(briskServer.pid));
    // They were idle and not gone: whoever answers now, answered before.
    const again = await invokeTogether(target, 100, 500);
    const strangers = [...again].filter((environment) => !answered.has(environment));
    if (strangers.length > 0)
      throw new Error(`${strangers.length} of 100 environments were gone when they were measured`);
    const each = (after - before) / (environments - 1) / megabyte;
    return [{ measure: "an idle environment", unit: "MB", brisk: each, figure: each, target: { atMost: 2 } }];
  },
};

/** Answers which environments ran them. */
async function invokeTogether({ url, host }: Target, count: number, ms: number): Promise<Set<string>> {
  using client = new HttpClient(count);
  const answers = await Promise.all(
    Array.from({ length: count }, () => client.call(`${url}/?ms=${ms}`, { host })),
  );
  const failed = answers.find((answer) => answer.status !== 200);
  if (failed !== undefined)
    throw new Error(`an invocation was answered ${failed.status} ${failed.text.slice(0, 500)}`);
  return new Set(answers.map((answer) => answer.text));
}
