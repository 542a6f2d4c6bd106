import { setTimeout as delay } from "node:timers/promises";
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { requestUrl, startServer, type TestServer } from "./server.ts";

const slowMs = 700;
const handler = `export const handler = async (event, context) => {
  if (event.rawPath === "/slow") {
    console.log("a slow request begins");
    await new Promise((resolve) => setTimeout(resolve, ${slowMs}));
  }
  return { version: context.functionVersion, color: process.env.COLOR, arn: context.invokedFunctionArn };
};`;
const colors: Readonly<Record<string, string>> = { 1: "blue", 2: "green", 3: "red" };
const hello = { FunctionName: "hello" };
const live = { ...hello, Name: "live" };

let server: TestServer;
let host: string;

// Environments of versions that nothing leads to any more end while the others are asked for.
beforeEach(async () => {
  server = await startServer({ idleTimeoutMs: 200 });
  await server.deploy({ name: "hello", files: { "index.mjs": handler }, url: false });
  for (const COLOR of Object.values(colors)) {
    const Environment = { Variables: { COLOR } };
    await server.client.send(new UpdateFunctionConfigurationCommand({ ...hello, Environment }));
    await waitUntilFunctionUpdatedV2(
      { client: server.client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
      hello,
    );
    await server.client.send(new PublishVersionCommand(hello));
  }
  await server.client.send(new CreateAliasCommand({ ...live, FunctionVersion: "1" }));
  const { FunctionUrl = "" } = await server.client.send(
    new CreateFunctionUrlConfigCommand({ ...hello, Qualifier: "live", AuthType: "NONE" }),
  );
  host = new URL(FunctionUrl).host;
  const everybody = { ...hello, Qualifier: "live", Principal: "*" };
  await server.client.send(
    new AddPermissionCommand({
      ...everybody,
      StatementId: "url",
      Action: "lambda:InvokeFunctionUrl",
      FunctionUrlAuthType: "NONE",
    }),
  );
  await server.client.send(
    new AddPermissionCommand({
      ...everybody,
      StatementId: "invoke",
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
    }),
  );
});
afterEach(() => server.close());

/** What the alias named, from when the change was sent to when it was acknowledged that the next one is made. */
interface AliasState {
  readonly versions: readonly string[];
  readonly sentMs: number;
  acknowledgedMs: number;
}

interface UrlAnswer {
  readonly sentMs: number;
  readonly answeredMs: number;
  readonly status: number;
  readonly text: string;
}

async function ask(path = "/"): Promise<UrlAnswer> {
  const sentMs = performance.now();
  const { status, text } = await requestUrl(server.port, host, path);
  return { sentMs, answeredMs: performance.now(), status, text };
}

/** Throws for every answer that is not a version's own. */
function versionOf({ status, text }: UrlAnswer): string {
  if (status !== 200) throw new Error(`A request failed with ${status}: ${text}`);
  const { version, color, arn } = JSON.parse(text);
  expect(color).toBe(colors[version]);
  expect(arn).toMatch(/:hello:live$/);
  return version;
}

/** As many requests at a time as given, one after the other, until it is stopped; then all their answers. */
function load(clients: number, path = "/"): () => Promise<UrlAnswer[]> {
  let isOver = false;
  const answers: UrlAnswer[] = [];
  const running = Array.from({ length: clients }, async () => {
    while (!isOver) answers.push(await ask(path));
  });
  return async () => {
    isOver = true;
    await Promise.all(running);
    return answers;
  };
}

async function move(FunctionVersion: string, weights: Record<string, number> = {}): Promise<AliasState> {
  const sentMs = performance.now();
  await server.client.send(
    new UpdateAliasCommand({
      ...live,
      FunctionVersion,
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
  );
  const versions = [FunctionVersion, ...Object.keys(weights)];
  return { versions, sentMs, acknowledgedMs: performance.now() };
}

async function environments(qualifier: string): Promise<{ idle: number; busy: number; starting: number }> {
  const response = await fetch(`${server.url}/_brisk/functions/hello/starts?qualifier=${qualifier}`);
  const told = (await response.json()) as { environments: { idle: number; busy: number; starting: number } };
  return told.environments;
}

test("blue/green under load: no request fails, and each is answered by a version that the alias then named", async () => {
  const states: AliasState[] = [await move("1")];
  const stops = [load(6), load(2, "/slow")];
  for (let step = 1; step <= 160; step++) {
    const main = String((step % 3) + 1);
    const other = String(((step + 1) % 3) + 1);
    // A move, a canary, its promotion by weight; then the next version.
    states.push(await (step % 2 === 1 ? move(main) : move(main, { [other]: (step % 11) / 10 })));
    await delay(10);
  }
  const [quick = [], slow = []] = await Promise.all(stops.map((stop) => stop()));
  const named = (answer: UrlAnswer, version: string) =>
    states.some(
      ({ versions, sentMs }, at) =>
        sentMs <= answer.answeredMs &&
        (states[at + 1]?.acknowledgedMs ?? Number.POSITIVE_INFINITY) >= answer.sentMs &&
        versions.includes(version),
    );
  const counts: Record<string, number> = { 1: 0, 2: 0, 3: 0 };
  for (const answer of [...quick, ...slow]) {
    const version = versionOf(answer);
    counts[version]! += 1;
    expect(named(answer, version), `version ${version}, asked at ${answer.sentMs}`).toBe(true);
  }
  // Otherwise nothing was shown: there were requests between any two changes, and all versions had some.
  expect(quick.length).toBeGreaterThan(states.length);
  expect(slow.length).toBeGreaterThan(2);
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(quick.length / 20);
}, 60_000);

test("a change that was acknowledged is there for the next request, however many run", async () => {
  const stop = load(4);
  for (let step = 1; step <= 60; step++) {
    const version = String((step % 3) + 1);
    await move(version);
    expect(versionOf(await ask())).toBe(version);
  }
  for (const answer of await stop()) versionOf(answer);
}, 60_000);

test("a URL's requests are shared by weight", async () => {
  await move("1", { 2: 0.2 });
  const requests = 1000;
  let left = requests;
  const counts: Record<string, number> = { 1: 0, 2: 0 };
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left-- > 0) counts[versionOf(await ask())]! += 1;
    }),
  );
  expect(counts["1"]! + counts["2"]!).toBe(requests);
  // Never more than 65 draws are owed.
  expect(Math.abs(counts["2"]! - requests * 0.2)).toBeLessThanOrEqual(65);
}, 60_000);

/** How often a slow request began: one that its environment was taken from would be begun again elsewhere. */
async function slowBegins(): Promise<number> {
  const log = await (await fetch(`${server.url}/_brisk/logs/hello?limit=10000`)).text();
  return log.split("a slow request begins").length - 1;
}

test("environments of a version that the alias left answer what they have, and then end", async () => {
  const slow = [ask("/slow"), ask("/slow")];
  while ((await environments("1")).busy < 2) await delay(10);
  const stop = load(2);
  const { acknowledgedMs } = await move("2");
  // All the while the alias's version is asked for; the old one has nothing but what it had.
  for (const answer of await Promise.all(slow)) expect(versionOf(answer)).toBe("1");
  await vi.waitUntil(async () => (await environments("1")).idle === 0, { timeout: 20_000 });
  expect(await environments("1")).toEqual({ idle: 0, busy: 0, starting: 0 });
  const after = (await stop()).filter(({ sentMs }) => sentMs > acknowledgedMs);
  expect(new Set(after.map(versionOf))).toEqual(new Set(["2"]));
  expect(await slowBegins()).toBe(2);
}, 60_000);

test("a version that is deleted as soon as the alias has left it answers what it was asked before", async () => {
  const slow = [ask("/slow"), ask("/slow")];
  while ((await environments("1")).busy < 2) await delay(10);
  const stop = load(4);
  await move("2");
  await server.client.send(new DeleteFunctionCommand({ ...hello, Qualifier: "1" }));
  for (const answer of await Promise.all(slow)) expect(versionOf(answer)).toBe("1");
  for (const answer of await stop()) versionOf(answer);
  expect(await slowBegins()).toBe(2);
}, 60_000);
