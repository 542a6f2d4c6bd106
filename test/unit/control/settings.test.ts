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

async function start(maxConcurrency = 1000): Promise<FunctionService> {
  const service = await createFunctionService({
    store,
    bundler,
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency },
    onBug: (error) => {
      throw error;
    },
  });
  opened.push(service);
  return service;
}

/** A function with a version and an alias. */
async function published(service: FunctionService): Promise<void> {
  await service.functions.create({
    FunctionName: "hello",
    Runtime: "nodejs22.x",
    Handler: "index.handler",
    Role: "arn:aws:iam::000000000000:role/any",
    Code: { ZipFile: Buffer.from("zip one") },
  });
  while (service.functions.get("hello").version.state !== "Active") await new Promise(setImmediate);
  await service.versions.publish({ FunctionName: "hello" });
  await service.aliases.create({ FunctionName: "hello", Name: "live", FunctionVersion: "1" });
}

async function setAll(service: FunctionService): Promise<void> {
  await service.tags.add("arn:aws:lambda:us-east-1:000000000000:function:hello", { team: "blue" });
  await service.reservedConcurrency.put("hello", 9);
  await service.recursion.put("hello", "Allow");
  const AllowedPublishers = { SigningProfileVersionArns: ["arn:aws:signer:us-east-1:0:/signing-profiles/a"] };
  const { arn } = await service.codeSigning.create({ AllowedPublishers, Tags: { team: "red" } });
  await service.codeSigning.attach("hello", arn);
  await service.provisionedConcurrency.put("hello", "1", 4);
  for (const Qualifier of [undefined, "1", "live"]) {
    await service.eventInvokeConfigs.put({
      FunctionName: "hello",
      Qualifier,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:queue" } },
    });
  }
  await service.runtimeManagement.put({
    FunctionName: "hello",
    Qualifier: "1",
    UpdateRuntimeOn: "FunctionUpdate",
  });
}

const all = (service: FunctionService) => ({
  view: service.functions.get("hello"),
  provisioned: service.provisionedConcurrency.list("hello"),
  eventInvokes: service.eventInvokeConfigs.list("hello"),
  runtimeManagement: service.runtimeManagement.get("hello", "1"),
  recursion: service.recursion.get("hello"),
  codeSigning: service.codeSigning.list(),
  signedBy: service.codeSigning.ofFunction("hello")?.arn,
  account: service.accountSettings(),
});

test("what is set is there after a restart", async () => {
  const before = await start();
  await published(before);
  await setAll(before);
  const set = all(before);
  expect(set).toMatchObject({
    view: { tags: { team: "blue" }, reservedConcurrency: 9 },
    provisioned: [{ qualifier: "1", requested: 4 }],
    eventInvokes: [{ qualifier: "$LATEST" }, { qualifier: "1" }, { qualifier: "live" }],
    runtimeManagement: { updateRuntimeOn: "FunctionUpdate" },
    recursion: "Allow",
    codeSigning: [{ tags: { team: "red" }, untrusted: "Warn" }],
    signedBy: expect.any(String),
    account: { unreservedConcurrentExecutions: 991 },
  });
  await before.close();
  expect(all(await start())).toEqual(set);
});

test("DeleteFunction leaves nothing of it in the store, and the name starts without settings", async () => {
  const service = await start();
  await published(service);
  await setAll(service);
  await service.functions.delete("hello");
  for (const kind of ["function", "version", "alias", "provisioned", "eventInvoke", "runtimeManagement"]) {
    expect(await store.list(kind), kind).toEqual([]);
  }
  await published(service);
  expect(all(service)).toMatchObject({
    view: { tags: {}, reservedConcurrency: undefined },
    provisioned: [],
    eventInvokes: [],
    runtimeManagement: { updateRuntimeOn: "Auto" },
    recursion: "Terminate",
    signedBy: undefined,
  });
});

test("a version or alias that goes takes its settings with it, and nobody else's", async () => {
  const service = await start();
  await published(service);
  await setAll(service);
  await service.aliases.delete("hello", "live");
  const qualifiers = async (kind: string) =>
    (await store.list(kind)).map(({ key }) => key.slice(key.indexOf(":") + 1));
  expect(await qualifiers("eventInvoke")).toEqual(["$LATEST", "1"]);
  await service.functions.delete("hello", "1");
  expect(await qualifiers("eventInvoke")).toEqual(["$LATEST"]);
  expect(await qualifiers("provisioned")).toEqual([]);
  expect(await qualifiers("runtimeManagement")).toEqual([]);
});

test("changes of a function and its settings do not undo each other", async () => {
  const service = await start();
  await published(service);
  const resource = "arn:aws:lambda:us-east-1:000000000000:function:hello";
  await Promise.all([
    service.tags.add(resource, { a: "1" }),
    service.reservedConcurrency.put("hello", 5),
    service.recursion.put("hello", "Allow"),
    service.tags.add(resource, { b: "2" }),
    service.provisionedConcurrency.put("hello", "1", 3),
  ]);
  expect(all(service)).toMatchObject({
    view: { tags: { a: "1", b: "2" }, reservedConcurrency: 5 },
    provisioned: [{ requested: 3 }],
    recursion: "Allow",
  });
});

test("a server with less than 100 can reserve none of it, but stop a function", async () => {
  const service = await start(50);
  await published(service);
  await expect(service.reservedConcurrency.put("hello", 1)).rejects.toMatchObject({
    message: expect.stringContaining("below its minimum value of [50]"),
  });
  expect(await service.reservedConcurrency.put("hello", 0)).toBe(0);
});

test("a server that is started with less than is reserved shows nothing unreserved, and takes less", async () => {
  const before = await start(1000);
  await published(before);
  await before.reservedConcurrency.put("hello", 800);
  await before.close();
  const after = await start(500);
  expect(after.accountSettings().unreservedConcurrentExecutions).toBe(0);
  await expect(after.reservedConcurrency.put("hello", 801)).rejects.toMatchObject({ status: 400 });
  await after.reservedConcurrency.put("hello", 700);
  expect(after.functions.get("hello").reservedConcurrency).toBe(700);
});
