import { afterEach, beforeEach, expect, test } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";
import { FakeSnapStart } from "../../fake-snap-start.ts";

let store: Store;
let bundler: FakeBundler;
let snapStart: FakeSnapStart;
let drawn: number;
const opened: FunctionService[] = [];
beforeEach(async () => {
  store = await createMemoryStore();
  bundler = await FakeBundler.open();
  snapStart = new FakeSnapStart();
  drawn = 0;
});
afterEach(async () => {
  for (const service of opened.splice(0)) await service.close();
  await bundler.close();
  await store.close();
});

async function start(random?: () => number): Promise<FunctionService> {
  const service = await createFunctionService({
    store,
    bundler,
    snapStart,
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 10 },
    ...(random !== undefined && {
      random: () => {
        drawn++;
        return random();
      },
    }),
    onBug: (error) => {
      throw error;
    },
  });
  opened.push(service);
  return service;
}

const hello = { FunctionName: "hello" };
const live = { ...hello, Name: "live" };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

const state = (service: FunctionService, qualifier?: string) =>
  service.functions.get("hello", qualifier).version.state;

/** A function whose versions 1, 2, … differ by their timeout. */
async function withVersions(service: FunctionService, count: number): Promise<void> {
  await service.functions.create({
    ...hello,
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/any",
    Code: { ZipFile: Buffer.from("zip one") },
  });
  await until(() => state(service) === "Active");
  for (let number = 1; number <= count; number++) await publish(service, { Timeout: number });
}

async function publish(service: FunctionService, changes: object): Promise<void> {
  await service.functions.updateConfiguration({ ...hello, ...changes });
  await until(() => service.functions.get("hello").version.lastUpdateStatus === "Successful");
  await service.versions.publish(hello);
}

const weigh = (AdditionalVersionWeights: Record<string, number>) => ({
  RoutingConfig: { AdditionalVersionWeights },
});

const invoked = (service: FunctionService) => service.resolveInvoke("hello", "live").spec.version;

async function urlOf(service: FunctionService): Promise<() => string | undefined> {
  const { urlId } = await service.urls.create({ ...hello, Qualifier: "live", AuthType: "NONE" });
  return () => service.findUrl(urlId)?.spec?.version;
}

test("resolveInvoke() and findUrl() follow the weights of an alias within 1% over 10,000", async () => {
  const service = await start();
  await withVersions(service, 2);
  await service.aliases.create({ ...live, FunctionVersion: "1", ...weigh({ 2: 0.1 }) });
  const called = await urlOf(service);
  for (const weight of [0.1, 0.5, 0.95]) {
    await service.aliases.update({ ...live, ...weigh({ 2: weight }) });
    for (const version of [() => invoked(service), called]) {
      const counts: Record<string, number> = { 1: 0, 2: 0 };
      for (let request = 0; request < 10_000; request++) counts[version() ?? "none"]! += 1;
      expect(Math.abs(counts["2"]! / 10_000 - weight)).toBeLessThan(0.01);
      expect(counts["1"]! + counts["2"]!).toBe(10_000);
    }
  }
});

test("each invocation draws once, and where there is nothing to draw nobody asks for randomness", async () => {
  const service = await start(() => 0.5);
  await withVersions(service, 2);
  await service.aliases.create({ ...live, FunctionVersion: "1" });
  const called = await urlOf(service);
  for (const qualifier of [undefined, "1", "live"]) service.resolveInvoke("hello", qualifier);
  expect([called(), called(), drawn]).toEqual(["1", "1", 0]);
  await service.aliases.update({ ...live, ...weigh({ 2: 0.75 }) });
  expect([invoked(service), called(), drawn]).toEqual(["2", "2", 2]);
  await service.aliases.update({ ...live, ...weigh({ 2: 0.25 }) });
  expect([called(), invoked(service), drawn]).toEqual(["1", "1", 4]);
});

test("a change of an alias is there for the next request", async () => {
  const service = await start(() => 0.5);
  await withVersions(service, 3);
  await service.aliases.create({ ...live, FunctionVersion: "1" });
  const called = await urlOf(service);
  const moves: [object, string][] = [
    [{ FunctionVersion: "2" }, "2"],
    [weigh({ 3: 0.9 }), "3"],
    [weigh({ 1: 0.9 }), "1"],
    [weigh({}), "2"],
    [{ FunctionVersion: "3", ...weigh({ 2: 0 }) }, "3"],
    [{ FunctionVersion: "1", ...weigh({ 2: 1 }) }, "2"],
  ];
  for (const [change, version] of moves) {
    expect(called()).not.toBe(version);
    await service.aliases.update({ ...live, ...change });
    expect([called(), invoked(service)]).toEqual([version, version]);
  }
});

test("weights are there after a restart", async () => {
  const before = await start(() => 0.5);
  await withVersions(before, 2);
  const made = await before.aliases.create({ ...live, FunctionVersion: "1", ...weigh({ 2: 0.75 }) });
  const { urlId } = await before.urls.create({ ...hello, Qualifier: "live", AuthType: "NONE" });
  await before.close();
  const after = await start(() => 0.5);
  expect(after.aliases.get("hello", "live")).toEqual(made);
  expect([invoked(after), after.findUrl(urlId)?.spec?.version]).toEqual(["2", "2"]);
});

test("a request that draws a version whose snapshot is being made is refused, and no other is", async () => {
  let next = 0;
  const service = await start(() => next);
  await withVersions(service, 1);
  snapStart.hold();
  await publish(service, { Timeout: 9, SnapStart: { ApplyOn: "PublishedVersions" } });
  expect(state(service, "2")).toBe("Pending");
  await service.aliases.create({ ...live, FunctionVersion: "1", ...weigh({ 2: 0.5 }) });
  const called = await urlOf(service);
  expect(() => invoked(service)).toThrow(
    expect.objectContaining({ code: "SnapStartNotReadyException", status: 409 }),
  );
  expect(called()).toBeUndefined();
  next = 0.999;
  expect([invoked(service), called()]).toEqual(["1", "1"]);
  snapStart.release();
  await until(() => state(service, "2") === "Active");
  next = 0;
  expect([invoked(service), called()]).toEqual(["2", "2"]);
});

test("a request that draws a version that Failed is refused, and no other is", async () => {
  let next = 0;
  const service = await start(() => next);
  await withVersions(service, 1);
  await service.functions.updateCode({ ...hello, ZipFile: Buffer.from("fails"), Publish: true });
  await until(() => state(service, "2") === "Failed");
  await service.aliases.create({ ...live, FunctionVersion: "1", ...weigh({ 2: 0.5 }) });
  const called = await urlOf(service);
  expect(() => invoked(service)).toThrow(
    "The operation cannot be performed at this time. The function is currently in the following state: Failed",
  );
  expect(called()).toBeUndefined();
  next = 0.999;
  expect([invoked(service), called()]).toEqual(["1", "1"]);
});

test("a version that has a share of an alias cannot be deleted", async () => {
  const service = await start();
  await withVersions(service, 2);
  await service.aliases.create({ ...live, FunctionVersion: "1", ...weigh({ 2: 0 }) });
  await expect(service.functions.delete("hello", "2")).rejects.toMatchObject({
    code: "ResourceConflictException",
    message: expect.stringContaining('the alias "live" points to it'),
  });
  await service.aliases.update({ ...live, ...weigh({}) });
  await service.functions.delete("hello", "2");
  expect(service.aliases.get("hello", "live")).not.toHaveProperty("additional");
});
