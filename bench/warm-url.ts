/**
 * How many requests a second does a warm function URL answer, and how late is the hundredth one, compared with
 * workerd running an equivalent worker? (Small JSON made from the request, 32 connections, load from wrk.)
 */
import { startBareNode } from "./harness/bare-node.ts";
import { BriskServer } from "./harness/brisk.ts";
import { type Bench, ratioRow } from "./harness/report.ts";
import { interleave, median } from "./harness/statistics.ts";
import { expectJson, type Target } from "./harness/target.ts";
import { startWorkerd } from "./harness/workerd.ts";
import { wrk } from "./harness/wrk.ts";

const path = "/greet?name=ada";
const load = { path, connections: 32, seconds: 3 };

export const bench: Bench = {
  question: "requests/s of a warm function URL, and p99 at half of workerd's maximum rate",
  async run() {
    await using briskServer = await BriskServer.start();
    await using workerdServer = await startWorkerd("hello.capnp");
    await using nodeServer = await startBareNode("hello-node.mjs");
    const brisk = await briskServer.deploy({ name: "hello", file: "hello.mjs" });
    const workerd: Target = { name: "workerd", url: workerdServer.url };
    const node: Target = { name: "node:http", url: nodeServer.ready };
    for (const target of [brisk, workerd, node]) {
      await expectJson(target, path, { message: "hello", path: "/greet", name: "ada" });
      await wrk(target, { ...load, seconds: 2 });
    }
    const most = async (target: Target) => (await wrk(target, load)).requestsPerSecond;
    const rates = await interleave(3, {
      brisk: () => most(brisk),
      workerd: () => most(workerd),
      node: () => most(node),
    });
    const half = median(rates.workerd) / 2;
    const lateness = async (target: Target) => {
      const result = await wrk(target, { ...load, rate: half });
      // Who cannot keep up has no latency at this rate.
      return result.requestsPerSecond < 0.9 * half ? Number.POSITIVE_INFINITY : result.p99Ms;
    };
    const p99 = await interleave(3, {
      brisk: () => lateness(brisk),
      workerd: () => lateness(workerd),
      node: () => lateness(node),
    });
    return [
      ratioRow({
        measure: "maximum rate, 32 connections",
        unit: "req/s",
        brisk: median(rates.brisk),
        peer: { name: "workerd", value: median(rates.workerd) },
        target: { atLeast: 2.0 },
      }),
      // The generator's own limit is above this: it is no bottleneck for the two others.
      ratioRow({
        measure: "for reference",
        unit: "req/s",
        brisk: median(rates.brisk),
        peer: { name: "node:http", value: median(rates.node) },
      }),
      ratioRow({
        measure: `p99 at ${half.toFixed(0)} req/s`,
        unit: "ms",
        brisk: median(p99.brisk),
        peer: { name: "workerd", value: median(p99.workerd) },
        target: { atMost: 1.0 },
      }),
      ratioRow({
        measure: "for reference",
        unit: "ms",
        brisk: median(p99.brisk),
        peer: { name: "node:http", value: median(p99.node) },
      }),
    ];
  },
};
