import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";

let store: Store;
let bundler: FakeBundler;
const opened: FunctionService[] = [];
beforeEach(async () => {
  store = await createMemoryStore();
  bundler = await FakeBundler.open();
});
afterEach(async () => {
  for (const service of opened.splice(0)) await service.close();
  await bundler.close();
  await store.close();
});

async function start(): Promise<FunctionService> {
  const service = await createFunctionService({
    store,
    bundler,
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 10 },
    onBug: (error) => {
      throw error;
    },
  });
  opened.push(service);
  return service;
}

const definition = {
  FunctionName: "hello",
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Role: "arn:aws:iam::000000000000:role/any",
  Code: { ZipFile: Buffer.from("zip one") },
};

/** The event loop turns until it is so; nothing here waits for time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

const state = (service: FunctionService) => service.functions.get("hello").version.state;

test("one spec stands for one code and configuration, over a restart too", async () => {
  const before = await start();
  await before.functions.create(definition);
  await until(() => state(before) === "Active");
  const { spec } = before.resolveInvoke("hello", undefined);
  expect(before.resolveInvoke("function:hello", "$LATEST").spec).toBe(spec);
  await before.close();
  const after = await start();
  expect(after.resolveInvoke("hello", undefined).spec).toEqual(spec);
  expect(bundler.swept).toEqual([[], [spec.bundle]]);
  expect(bundler.requests).toHaveLength(1);
});

test("a version whose bundle is gone is Pending until it is made again, and so is one of another bundler", async () => {
  const before = await start();
  await before.functions.create(definition);
  await until(() => state(before) === "Active");
  const { spec } = before.resolveInvoke("hello", undefined);
  await before.close();
  const removed = () => rm(bundler.file(spec.bundle.key));
  const upgraded = async () => {
    bundler.version = "next";
  };
  for (const lose of [removed, upgraded]) {
    await lose();
    bundler.hold();
    const after = await start();
    expect(after.functions.get("hello").version).toMatchObject({
      state: "Pending",
      stateReason: { code: "Restoring" },
    });
    bundler.release();
    await until(() => state(after) === "Active");
    expect(after.resolveInvoke("hello", undefined).spec.key).not.toBe(spec.key);
    await after.close();
  }
});

test("what an embedding program asks for is bounded as what the API is asked for", async () => {
  const service = await start();
  const bad: object[] = [
    { Timeout: 901 },
    { Timeout: 0.5 },
    { Timeout: Number.NaN },
    { MemorySize: 127 },
    { MemorySize: 1e9 },
    { MemorySize: "128" },
    { Handler: "a b" },
    { Handler: "x".repeat(129) },
    { Environment: { Variables: { "0": "x" } } },
    { Environment: { Variables: { LIMIT: 1 } } },
    { FunctionName: "a.b" },
    { FunctionName: "../a" },
    { EphemeralStorage: { Size: 1 } },
  ];
  for (const more of bad) {
    await expect(
      service.functions.create({ ...definition, ...more }),
      JSON.stringify(more),
    ).rejects.toMatchObject({
      status: 400,
    });
  }
  expect([...service.functions.listVersions(true)]).toEqual([]);
});

test("close() leaves what was being built Pending, for the next start", async () => {
  const before = await start();
  bundler.hold();
  await before.functions.create(definition);
  await before.close();
  bundler.release();
  expect(state(before)).toBe("Pending");
  const after = await start();
  await until(() => state(after) === "Active");
});

test("changes of one function happen one after the other", async () => {
  const service = await start();
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => service.functions.create(definition)),
  );
  expect(results.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
    "rejected",
  ]);
  await until(() => state(service) === "Active");
  const { spec } = service.resolveInvoke("hello", undefined);
  const update = () => service.functions.updateConfiguration({ FunctionName: "hello", Timeout: 9 });
  const [first, second] = await Promise.allSettled([update(), update()]);
  expect(first?.status).toBe("fulfilled");
  expect(second).toMatchObject({ status: "rejected", reason: { code: "ResourceConflictException" } });
  expect(spec.timeoutMs).toBe(3000);
});
