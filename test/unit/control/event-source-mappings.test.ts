import { afterEach, beforeEach, expect, test } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";

let nowMs: number;
let store: Store;
let bundler: FakeBundler;
let service: FunctionService;
const clock = { now: () => nowMs, monotonicMs: () => nowMs };

async function start(): Promise<FunctionService> {
  return createFunctionService({
    store,
    bundler,
    clock,
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 1000 },
    onBug: (error) => {
      throw error;
    },
  });
}

beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  store = await createMemoryStore();
  bundler = await FakeBundler.open();
  service = await start();
  await service.functions.create({
    FunctionName: "hello",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/any",
    Code: { ZipFile: Buffer.from("zip one") },
  });
});
afterEach(async () => {
  await service.close();
  await bundler.close();
  await store.close();
});

const queue = "arn:aws:sqs:us-east-1:000000000000:jobs";
const settle = () => {
  nowMs += 10_000;
};
const stateOf = (uuid: string) => service.eventSourceMappings.get(uuid).state;
const create = (more = {}) =>
  service.eventSourceMappings.create({ FunctionName: "hello", EventSourceArn: queue, ...more });

test("each change shows its own state until its time is over, by the clock that was given", async () => {
  const created = await create();
  const { uuid } = created.record;
  expect(created.state).toBe("Creating");
  nowMs += 499;
  expect(stateOf(uuid)).toBe("Creating");
  nowMs += 1;
  expect(stateOf(uuid)).toBe("Enabled");
  for (const [change, during, after] of [
    [{ BatchSize: 5 }, "Updating", "Enabled"],
    [{ Enabled: true }, "Updating", "Enabled"],
    [{ Enabled: false }, "Disabling", "Disabled"],
    [{ BatchSize: 6 }, "Updating", "Disabled"],
    [{ Enabled: true }, "Enabling", "Enabled"],
  ] as const) {
    expect((await service.eventSourceMappings.update({ UUID: uuid, ...change })).state).toBe(during);
    expect(stateOf(uuid)).toBe(during);
    settle();
    expect(stateOf(uuid)).toBe(after);
  }
  expect((await service.eventSourceMappings.delete(uuid)).state).toBe("Deleting");
  expect(stateOf(uuid)).toBe("Deleting");
  settle();
  expect(() => stateOf(uuid)).toThrow("The resource you requested does not exist.");
});

test("a mapping that is being changed takes no further change", async () => {
  const { uuid } = (await create()).record;
  const inUse = (verb: string) => ({
    name: "ResourceInUseException",
    status: 400,
    message: `Cannot ${verb} the event source mapping because it is in use.`,
  });
  await expect(service.eventSourceMappings.delete(uuid)).rejects.toMatchObject(inUse("delete"));
  await expect(service.eventSourceMappings.update({ UUID: uuid, Enabled: false })).rejects.toMatchObject(
    inUse("update"),
  );
  settle();
  await service.eventSourceMappings.delete(uuid);
  await expect(service.eventSourceMappings.delete(uuid)).rejects.toMatchObject(inUse("delete"));
});

test("only an Enabled mapping says that nothing polls; a queue's has nothing to say before", async () => {
  const { record, lastResult, reason } = await create();
  expect([lastResult, reason]).toEqual([undefined, "USER_INITIATED"]);
  settle();
  expect(service.eventSourceMappings.get(record.uuid).lastResult).toBe(
    "No records processed: Brisk keeps this mapping, but does not poll event sources yet",
  );
  const stream = await create({
    EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/clicks",
    StartingPosition: "LATEST",
    Enabled: false,
  });
  expect([stream.state, stream.lastResult, stream.reason]).toEqual([
    "Disabled",
    "No records processed",
    "User action",
  ]);
});

test("of many requests at once for one source and function, one makes a mapping", async () => {
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => create()));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(service.eventSourceMappings.list({})).toHaveLength(1);
});

test("a mapping is still there after a restart, with a change that went on meanwhile; a deleted one leaves nothing on the disk", async () => {
  const kept = (
    await create({ Tags: { team: "blue" }, FilterCriteria: { Filters: [{ Pattern: '{"a":[1]}' }] } })
  ).record;
  const gone = (await create({ EventSourceArn: `${queue}-2` })).record;
  settle();
  await service.eventSourceMappings.delete(gone.uuid);
  const before = service.eventSourceMappings.get(kept.uuid);
  await service.close();
  settle();
  service = await start();
  expect(service.eventSourceMappings.get(kept.uuid)).toEqual(before);
  expect(service.eventSourceMappings.list({}).map(({ record }) => record.uuid)).toEqual([kept.uuid]);
  await create({ EventSourceArn: `${queue}-2` });
  expect((await store.list("eventSourceMapping")).map(({ key }) => key)).not.toContain(gone.uuid);
});

test("recorded: a mapping outlives its function, and a function of the same name has it again", async () => {
  const { uuid } = (await create()).record;
  settle();
  await service.functions.delete("hello");
  expect(stateOf(uuid)).toBe("Enabled");
  expect(service.eventSourceMappings.list({ FunctionName: "hello" })).toHaveLength(1);
  await service.eventSourceMappings.update({ UUID: uuid, Enabled: false });
  settle();
  await service.eventSourceMappings.delete(uuid);
  expect(stateOf(uuid)).toBe("Deleting");
});
