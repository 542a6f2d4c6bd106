import { expect, test } from "vitest";
import { BriskServer } from "../../../../src/lab/brisk-server.ts";
import { HttpClient } from "../../../../src/lab/http-client.ts";
import { BriskDeployment, type BriskStart } from "../../../../src/lab/strategies/brisk-deployment.ts";
import type { Workload } from "../../../../src/lab/workload.ts";
import type { StartRecord } from "../../../../src/model/starts.ts";
import { type Answer, answerJson, FakeApi } from "../../cli/fake-api.ts";

const workload: Workload = {
  id: "hello",
  label: "hello",
  description: "",
  zip: new Uint8Array(),
  handler: "index.handler",
  bundle() {
    throw new Error("not needed");
  },
  variables: { STAGE: "test" },
  request: { kind: "event", event: '{"a":1}' },
  memorySizeMb: 256,
  timeoutSeconds: 10,
  check: () => undefined,
};
const warmedUp: BriskStart = { served: "snapshot", warmUp: "event", kind: "cold" };

/** A Brisk that says of each start what the test wants. */
function answers(start: (atMs: number) => Partial<StartRecord>): Record<string, Answer> {
  let startedMs = 0;
  return {
    "POST /2015-03-31/functions": answerJson({}, 201),
    "GET /2015-03-31/functions/hello/configuration": answerJson({ State: "Active" }),
    "POST /2021-10-31/functions/hello/url": answerJson({ FunctionUrl: "http://abc.localhost:9000/" }, 201),
    "POST /2015-03-31/functions/hello/policy": answerJson({}, 201),
    "GET /_brisk/functions/hello/snapshot": answerJson({ kind: "ready", report: { bytes: 1 } }),
    "DELETE /_brisk/functions/hello/environments": answerJson({ ended: 0 }),
    "DELETE /2015-03-31/functions/hello": (_, response) => response.writeHead(204).end(),
    "POST /2015-03-31/functions/hello/invocations": (_, response) => {
      startedMs = Date.now();
      response.writeHead(200, { "x-amzn-requestid": "r-1" }).end("1");
    },
    "GET /_brisk/functions/hello/starts": (call, response) => {
      const record = {
        atMs: startedMs,
        strategy: "snapshot",
        phasesMs: { isolate: 2, context: 1, restore: 3 },
      };
      const starts = startedMs === 0 ? [] : [{ ...record, ...start(startedMs) }];
      answerJson({ environments: { idle: 0, busy: 0, starting: 0 }, starts })(call, response);
    },
    "GET /_brisk/logs/hello": (_, response) =>
      response.end(`${JSON.stringify({ text: "REPORT RequestId: r-1\tDuration: 1.25 ms\t" })}\n`),
  };
}

async function startOnce(start: (atMs: number) => Partial<StartRecord>) {
  await using api = await FakeApi.start(answers(start));
  await using server = BriskServer.at(api.endpoint);
  using client = new HttpClient("new");
  await using deployment = await BriskDeployment.create(server, warmedUp, "hello", workload);
  const [pending] = await deployment.prepare(1);
  const answer = await client.call(pending!.url, pending!.call);
  return { api, phases: await pending!.check(answer) };
}

test("a start counts with its phases when Brisk says that it was the kind that is measured", async () => {
  const { api, phases } = await startOnce(() => ({}));
  expect(phases).toEqual({ isolate: 2, context: 1, restore: 3, firstInvoke: 1.25 });
  const created = JSON.parse(api.callsTo("POST /2015-03-31/functions")[0]!.body.toString());
  expect(created).toMatchObject({
    MemorySize: 256,
    Environment: {
      Variables: { STAGE: "test", BRISK_START: "snapshot", BRISK_WARMUP_EVENTS: '[{"a":1}]' },
    },
  });
  expect(api.callsTo("DELETE /2015-03-31/functions/hello")).toHaveLength(1);
});

test.each([
  [
    "was served by another strategy",
    () => ({ strategy: "init", reason: "its file is damaged" }),
    "its file is damaged",
  ],
  ["was restored ahead of need", () => ({ isAhead: true }), "restored ahead"],
  ["is of an environment that was there", (atMs: number) => ({ atMs: atMs - 60_000 }), "that was there"],
] as const)("a start that %s is a failure", async (_, start, message) => {
  await expect(startOnce(start as (atMs: number) => Partial<StartRecord>)).rejects.toThrow(message);
});

test("a function without a snapshot can't be measured by it, and says why", async () => {
  const failure = { step: "freeze", code: "NotFreezable", message: "a socket is open" };
  await using api = await FakeApi.start({
    ...answers(() => ({})),
    "GET /_brisk/functions/hello/snapshot": answerJson({ kind: "failed", failure }),
  });
  await using server = BriskServer.at(api.endpoint);
  await expect(BriskDeployment.create(server, warmedUp, "hello", workload)).rejects.toThrow(
    "no snapshot (NotFreezable at freeze): a socket is open",
  );
  // It leaves nothing behind.
  expect(api.callsTo("DELETE /2015-03-31/functions/hello")).toHaveLength(1);
});
