import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const hello = { FunctionName: "hello" };
const many = Array.from({ length: 12 }, (_, n) => n);

/** Sends all at once: what became of them, by the refusal's name or `done`. */
async function outcomes(requests: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(requests)) {
    const outcome = result.status === "fulfilled" ? "done" : (result.reason as Error).name;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

test("of many creations of one function at once, one makes it", async () => {
  const sent = many.map(() => api.client.send(new CreateFunctionCommand(definition())));
  expect(await outcomes(sent)).toEqual({ done: 1, ResourceConflictException: 11 });
});

test("of many updates at once, one is accepted while its bundle is made; with one RevisionId, one at all", async () => {
  await api.createActive();
  const { RevisionId } = await api.client.send(new GetFunctionConfigurationCommand(hello));
  api.bundler.hold();
  const update = (n: number, more: object = {}) =>
    api.client.send(
      new UpdateFunctionConfigurationCommand({ ...hello, Handler: `other${n}.handler`, ...more }),
    );
  expect(await outcomes(many.map((n) => update(n)))).toEqual({ done: 1, ResourceConflictException: 11 });
  api.bundler.release();
  await api.settled();
  // What the first reading said is long out of date.
  expect(await outcomes(many.map((n) => update(n, { RevisionId })))).toEqual({
    PreconditionFailedException: 12,
  });
  const now = await api.client.send(new GetFunctionConfigurationCommand(hello));
  const sent = many.map((n) => update(n, { RevisionId: now.RevisionId }));
  const { done, ...refused } = await outcomes(sent);
  expect(done).toBe(1);
  expect(Object.keys(refused)).not.toContain("ServiceException");
});

test("many publications at once of the same code and configuration are one version", async () => {
  await api.createActive();
  const published = await Promise.all(many.map(() => api.client.send(new PublishVersionCommand(hello))));
  expect(new Set(published.map(({ Version }) => Version))).toEqual(new Set(["1"]));
  expect(new Set(published.map(({ RevisionId }) => RevisionId)).size).toBe(1);
  const { Versions = [] } = await api.client.send(new ListVersionsByFunctionCommand(hello));
  expect(Versions.map(({ Version }) => Version)).toEqual(["$LATEST", "1"]);
});

test("publications among updates and deletions never give a number twice", async () => {
  await api.createActive();
  const numbers: (string | undefined)[] = [];
  for (const n of many) {
    const code = { ...hello, ZipFile: Buffer.from(`zip ${n}`), Publish: true };
    const { Version } = await api.client.send(new UpdateFunctionCodeCommand(code));
    numbers.push(Version);
    await api.settled();
    await api.settled("hello", Version);
    if (n % 3 === 0) await api.client.send(new DeleteFunctionCommand({ ...hello, Qualifier: Version }));
  }
  expect(numbers).toEqual(many.map((n) => String(n + 1)));
});

test("of many moves of an alias with one RevisionId, one is made", async () => {
  await api.createActive({ Publish: true });
  await api.settled("hello", "1");
  await api.client.send(new CreateAliasCommand({ ...hello, Name: "live", FunctionVersion: "1" }));
  const { RevisionId } = await api.client.send(new GetAliasCommand({ ...hello, Name: "live" }));
  const move = (n: number) =>
    api.client.send(new UpdateAliasCommand({ ...hello, Name: "live", Description: `${n}`, RevisionId }));
  expect(await outcomes(many.map(move))).toEqual({ done: 1, PreconditionFailedException: 11 });
});

test("a function that is deleted among updates is gone, and nobody's request is lost or answered with a 5xx", async () => {
  await api.createActive();
  const sent = many.map((n) =>
    n === 6
      ? api.client.send(new DeleteFunctionCommand(hello))
      : api.client.send(new UpdateFunctionConfigurationCommand({ ...hello, Description: `${n}` })),
  );
  const counts = await outcomes(sent);
  expect(Object.values(counts).reduce((a, b) => a + b)).toBe(12);
  const known = ["done", "ResourceConflictException", "ResourceNotFoundException"];
  expect(Object.keys(counts).filter((outcome) => !known.includes(outcome))).toEqual([]);
  expect(await api.refusal(new GetFunctionConfigurationCommand(hello) as never)).toMatchObject({
    status: 404,
  });
});
