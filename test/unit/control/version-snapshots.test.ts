import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFunctionService, type FunctionService } from "../../../src/control/index.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";
import { FakeBundler } from "../../fake-bundler.ts";
import { FakeSnapStart, failedSnapshot } from "../../fake-snap-start.ts";

let store: Store;
let bundler: FakeBundler;
const opened: FunctionService[] = [];
const bugs: unknown[] = [];
beforeEach(async () => {
  store = await createMemoryStore();
  bundler = await FakeBundler.open();
});
afterEach(async () => {
  for (const service of opened.splice(0)) await service.close();
  await bundler.close();
  await store.close();
  expect(bugs.splice(0)).toEqual([]);
});

async function start(
  snapStart: FakeSnapStart | undefined,
  snapstart: "published" | "auto" | "off" = "published",
): Promise<FunctionService> {
  const service = await createFunctionService({
    store,
    bundler,
    ...(snapStart !== undefined && { snapStart }),
    config: { region: "us-east-1", accountId: "000000000000", maxConcurrency: 10, snapstart },
    onBug: (error) => bugs.push(error),
  });
  opened.push(service);
  return service;
}

const name = { FunctionName: "hello" };
const definition = {
  ...name,
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Role: "arn:aws:iam::000000000000:role/any",
  Code: { ZipFile: Buffer.from("zip one") },
  SnapStart: { ApplyOn: "PublishedVersions" },
} as const;

/** The event loop turns until it is so; nothing here waits for time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** Time for whatever could happen next to happen. */
async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

const version = (service: FunctionService, qualifier = "$LATEST") =>
  service.functions.get("hello", qualifier).version;
const isActive = (service: FunctionService, qualifier?: string) => () =>
  version(service, qualifier).state === "Active";

async function created(service: FunctionService, more: object = {}): Promise<void> {
  await service.functions.create({ ...definition, ...more });
  await until(() => service.functions.get("hello").version.state === "Active");
}

test("a version published with SnapStart is Pending while its snapshot is made, and cannot be invoked", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  await created(service);
  expect(snapStart.prepared).toEqual([]);
  snapStart.hold();
  const made = await service.versions.publish(name);
  expect(made).toMatchObject({ version: "1", state: "Pending", stateReason: { code: "Creating" } });
  expect(() => service.resolveInvoke("hello", "1")).toThrow(
    expect.objectContaining({ code: "SnapStartNotReadyException", status: 409, messageMember: "Message" }),
  );
  expect(service.resolveInvoke("hello", undefined).spec.start).toBe("code-cache");
  snapStart.release();
  await until(isActive(service, "1"));
  const after = version(service, "1");
  expect(after).toMatchObject({ lastUpdateStatus: "Successful" });
  expect(after).not.toHaveProperty("stateReason");
  expect(after.revisionId).not.toBe(made.revisionId);
  const { spec } = service.resolveInvoke("hello", "1");
  expect(snapStart.prepared).toEqual([spec]);
  expect(spec.start).toBe("snapshot");
});

test("a version that is created with Publish waits for its bundle and then for its snapshot", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  snapStart.hold();
  await service.functions.create({ ...definition, Publish: true });
  await until(isActive(service));
  await turns();
  expect(version(service, "1").state).toBe("Pending");
  expect(snapStart.prepared.map((spec) => spec.version)).toEqual(["1"]);
  snapStart.release();
  await until(isActive(service, "1"));
});

test("a version without SnapStart is Active at once, and so is one where no snapshots are made", async () => {
  const snapStart = new FakeSnapStart();
  const plain = await start(snapStart);
  await created(plain, { SnapStart: { ApplyOn: "None" } });
  expect((await plain.versions.publish(name)).state).toBe("Active");
  await plain.close();
  for (const none of [() => start(snapStart, "off"), () => start(undefined)]) {
    const service = await none();
    await service.functions.updateConfiguration({ ...name, SnapStart: definition.SnapStart });
    await until(() => version(service).lastUpdateStatus === "Successful");
    const made = await service.versions.publish(name);
    expect(made.state).toBe("Active");
    expect(service.resolveInvoke("hello", made.version).spec.start).toBe("code-cache");
    await service.close();
  }
  expect(snapStart.prepared).toEqual([]);
});

test("a version whose snapshot cannot be made is Active all the same", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  await created(service);
  snapStart.outcome = failedSnapshot();
  await service.versions.publish(name);
  await until(isActive(service, "1"));
  expect(service.snapshot(version(service, "1"))).toEqual(failedSnapshot());
});

test("a bug while a snapshot is made is told, and the version serves by init", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  await created(service);
  const bug = new Error("not the function's");
  snapStart.prepare = () => Promise.reject(bug);
  await service.versions.publish(name);
  await until(isActive(service, "1"));
  expect(bugs.splice(0)).toEqual([bug]);
});

test("two publishes at once make one version and one snapshot", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  await created(service);
  snapStart.hold();
  const [first, second] = await Promise.all([service.versions.publish(name), service.versions.publish(name)]);
  expect(second).toEqual(first);
  expect(snapStart.prepared).toHaveLength(1);
  snapStart.release();
  await until(isActive(service, "1"));
});

test("a version that is deleted while its snapshot is made does not come back, nor does its function's namesake change", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  for (const qualifier of ["1", undefined]) {
    await created(service);
    snapStart.hold();
    await service.versions.publish(name);
    const key = snapStart.prepared.at(-1)?.key;
    await service.functions.delete("hello", qualifier);
    expect(snapStart.forgotten).toContain(key);
    await turns();
    expect(() => version(service, "1")).toThrow("Function not found");
    snapStart.release();
    if (qualifier !== undefined) await service.functions.delete("hello");
  }
  await created(service);
  snapStart.hold();
  await service.versions.publish(name);
  const [other] = snapStart.prepared.slice(-1);
  await service.functions.delete("hello");
  await service.functions.create({ ...definition, Publish: true });
  await until(isActive(service));
  await turns();
  // The first version 1 was settled by being forgotten; the second still waits for its own snapshot.
  expect(version(service, "1").state).toBe("Pending");
  expect(snapStart.prepared.at(-1)?.key).not.toBe(other?.key);
  snapStart.release();
  await until(isActive(service, "1"));
});

test("what was Pending when the server stopped is taken up by the next, what was Active is seen to in the background", async () => {
  const before = new FakeSnapStart();
  const first = await start(before);
  await created(first);
  const versions = ["1", "2", "3", "4"];
  for (const Description of versions) {
    if (Description === "4") before.hold();
    await first.functions.updateConfiguration({ ...name, Description });
    await until(() => version(first).lastUpdateStatus === "Successful");
    await first.versions.publish(name);
    if (Description !== "4") await until(isActive(first, Description));
  }
  await first.close();
  before.release();
  await turns();
  expect(version(first, "4").state).toBe("Pending");

  const after = new FakeSnapStart();
  after.hold();
  const second = await start(after);
  expect(versions.map((one) => version(second, one).state)).toEqual([
    "Active",
    "Active",
    "Active",
    "Pending",
  ]);
  await turns();
  // Whoever waits goes first.
  expect(after.prepared.map((spec) => spec.version)).toEqual(["4", "1"]);
  after.releaseOne();
  await until(isActive(second, "4"));
  while (after.prepared.length < 4) {
    after.releaseOne();
    await turns(1);
  }
  after.release();
  expect(after.prepared.map((spec) => spec.version)).toEqual(["4", "1", "2", "3"]);
  expect(after.mostAtOnce).toBe(2);
  expect(second.resolveInvoke("hello", "1").spec).toEqual(first.resolveInvoke("hello", "1").spec);
});

test("a version that waited is Active at once when the next server makes no snapshots", async () => {
  const snapStart = new FakeSnapStart();
  const before = await start(snapStart);
  await created(before);
  snapStart.hold();
  await before.versions.publish(name);
  await before.close();
  const after = await start(undefined);
  await until(isActive(after, "1"));
});

test("a version whose bundle was lost serves again as soon as it has one, unless it never served", async () => {
  const snapStart = new FakeSnapStart();
  const before = await start(snapStart);
  await created(before);
  await before.versions.publish(name);
  await until(isActive(before, "1"));
  await before.functions.updateConfiguration({ ...name, Timeout: 9 });
  await until(() => version(before).lastUpdateStatus === "Successful");
  snapStart.hold();
  await before.versions.publish(name);
  await before.close();
  await rm(bundler.file(before.resolveInvoke("hello", "1").spec.bundle.key));

  const after = await start(snapStart);
  await until(isActive(after, "1"));
  await until(() => snapStart.prepared.filter((spec) => spec.version === "2").length === 2);
  expect(version(after, "2")).toMatchObject({ state: "Pending", stateReason: { code: "Creating" } });
  snapStart.release();
  await until(isActive(after, "2"));
});

test("with auto every deployment gets its snapshot in the background, and what was before is forgotten", async () => {
  const snapStart = new FakeSnapStart();
  snapStart.hold();
  const service = await start(snapStart, "auto");
  await created(service, { SnapStart: { ApplyOn: "None" } });
  const { spec } = service.resolveInvoke("hello", undefined);
  expect(snapStart.prepared).toEqual([spec]);
  expect((await service.versions.publish(name)).state).toBe("Active");
  await service.functions.updateCode({ ...name, ZipFile: Buffer.from("zip two") });
  await until(() => version(service).lastUpdateStatus === "Successful");
  expect(snapStart.prepared.map((one) => one.version)).toEqual(["$LATEST", "1", "$LATEST"]);
  expect(snapStart.forgotten).toEqual([spec.key]);
  snapStart.release();
});

test("BRISK_START=snapshot asks for one for $LATEST alone", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  await created(service, {
    SnapStart: { ApplyOn: "None" },
    Environment: { Variables: { BRISK_START: "snapshot" } },
  });
  expect(snapStart.prepared.map((spec) => spec.version)).toEqual(["$LATEST"]);
  await expect(
    service.functions.updateConfiguration({ ...name, Environment: { Variables: { BRISK_START: "best" } } }),
  ).rejects.toMatchObject({ code: "InvalidParameterValueException" });
});

test("a version that failed to be bundled gets no snapshot", async () => {
  const snapStart = new FakeSnapStart();
  const service = await start(snapStart);
  await service.functions.create({ ...definition, Code: { ZipFile: Buffer.from("fails") }, Publish: true });
  await until(() => version(service, "1").state === "Failed");
  await turns();
  expect(snapStart.prepared).toEqual([]);
});
