import {
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeSnapStart, failedSnapshot, readySnapshot } from "../../fake-snap-start.ts";
import { restoredStart } from "../../fake-starts.ts";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

const hello = { FunctionName: "hello" };
const asked = { SnapStart: { ApplyOn: "PublishedVersions" } } as const;
let snapStart: FakeSnapStart;
let api: LambdaApiUnderTest;
beforeEach(async () => {
  snapStart = new FakeSnapStart();
  api = await serveLambdaApi(snapStart);
});
afterEach(() => api.close());

const configuration = (Qualifier?: string) =>
  api.client.send(new GetFunctionConfigurationCommand({ ...hello, Qualifier }));
const get = async (path: string, method = "GET") => {
  const response = await fetch(`${api.origin}/_brisk/functions/${path}`, { method });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("PublishVersion with SnapStart is Pending until the snapshot is there, and then On", async () => {
  await api.createActive(asked);
  expect((await configuration()).SnapStart).toEqual({ ...asked.SnapStart, OptimizationStatus: "Off" });
  snapStart.hold();
  const made = await api.client.send(new PublishVersionCommand(hello));
  expect(made).toMatchObject({
    Version: "1",
    FunctionArn: `${arn}:1`,
    State: "Pending",
    StateReason: "The function is being created.",
    StateReasonCode: "Creating",
    SnapStart: { ...asked.SnapStart, OptimizationStatus: "Off" },
  });
  expect(made.LastUpdateStatus).toBeUndefined();
  expect(await get("hello/snapshot?qualifier=1")).toEqual({
    status: 200,
    body: { version: "1", kind: "building", step: "record" },
  });
  snapStart.release();
  await waitUntilPublishedVersionActive(api.waiter(), { ...hello, Qualifier: "1" });
  await waitUntilFunctionActiveV2(api.waiter(), { ...hello, Qualifier: "1" });
  const after = await configuration("1");
  expect(after).toMatchObject({
    State: "Active",
    LastUpdateStatus: "Successful",
    SnapStart: { ...asked.SnapStart, OptimizationStatus: "On" },
  });
  expect(after).not.toHaveProperty("StateReason");
  expect(after.RevisionId).not.toBe(made.RevisionId);
  const { Versions } = await api.client.send(new ListVersionsByFunctionCommand(hello));
  expect(Versions?.map((version) => version.SnapStart?.OptimizationStatus)).toEqual(["Off", "On"]);
  expect(await get("hello/snapshot?qualifier=1")).toEqual({
    status: 200,
    body: { version: "1", ...readySnapshot },
  });
});

test("an invocation of a version whose snapshot is being made is refused with Lambda's words", async () => {
  await api.createActive(asked);
  snapStart.hold();
  await api.client.send(new PublishVersionCommand(hello));
  await api.client.send(new CreateAliasCommand({ ...hello, Name: "live", FunctionVersion: "1" }));
  for (const Qualifier of ["1", "live"]) {
    expect(await api.refusal(new InvokeCommand({ ...hello, Qualifier }))).toEqual({
      name: "SnapStartNotReadyException",
      status: 409,
      message:
        "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
    });
  }
  const { FunctionUrl } = await api.client.send(
    new CreateFunctionUrlConfigCommand({ ...hello, Qualifier: "live", AuthType: "NONE" }),
  );
  const urlId = new URL(FunctionUrl ?? "").host.split(".")[0] ?? "";
  expect(api.functions.findUrl(urlId)?.spec).toBeUndefined();
  snapStart.release();
  await api.settled("hello", "1");
  expect(api.functions.findUrl(urlId)?.spec?.version).toBe("1");
  const { StatusCode } = await api.client.send(new InvokeCommand({ ...hello, Qualifier: "live" }));
  expect(StatusCode).toBe(200);
});

test.each([
  ["NotDeterministic", "FunctionError"],
  ["BuilderTimedOut", "FunctionError.InitTimeout"],
  ["BuilderOutOfMemory", "FunctionError.InitResourceExhausted"],
  ["VerifyFailed", "InternalError"],
] as const)(
  "a snapshot that ends in %s leaves the version Active and Off, with the reason",
  async (code, shown) => {
    snapStart.outcome = failedSnapshot(code);
    await api.createActive({ ...asked, Publish: true });
    await waitUntilPublishedVersionActive(api.waiter(), { ...hello, Qualifier: "1" });
    expect(await configuration("1")).toMatchObject({
      State: "Active",
      StateReason:
        "There is no snapshot, so it starts by init: Init asked for fetch.send when crypto.random was next (index.mjs:3)",
      StateReasonCode: shown,
      SnapStart: { OptimizationStatus: "Off" },
    });
    expect((await api.client.send(new InvokeCommand({ ...hello, Qualifier: "1" }))).StatusCode).toBe(200);
  },
);

test("a reason is bounded, however much a function had to say", async () => {
  snapStart.outcome = failedSnapshot("InitFailed", "x".repeat(100_000));
  await api.createActive({ ...asked, Publish: true });
  await api.settled("hello", "1");
  expect((await configuration("1")).StateReason?.length).toBeLessThan(1100);
});

test("UpdateFunctionCode with Publish changes $LATEST at once, and its version when the snapshot is there", async () => {
  await api.createActive(asked);
  snapStart.hold();
  const updated = await api.client.send(
    new UpdateFunctionCodeCommand({ ...hello, ZipFile: Buffer.from("zip two"), Publish: true }),
  );
  expect(updated).toMatchObject({ Version: "1", State: "Pending" });
  await api.settled();
  expect((await configuration("1")).State).toBe("Pending");
  // $LATEST is not kept waiting by its versions.
  await api.client.send(new UpdateFunctionConfigurationCommand({ ...hello, Timeout: 9 }));
  await api.settled();
  snapStart.release();
  await api.settled("hello", "1");
  expect(await configuration("1")).toMatchObject({ State: "Active", Timeout: 3 });
});

test("variables that say how a function starts are checked, and ApplyOn by the model's enum", async () => {
  await api.createActive();
  const update = (more: object) => api.refusal(new UpdateFunctionConfigurationCommand({ ...hello, ...more }));
  expect(await update({ Environment: { Variables: { BRISK_WARMUP_EVENTS: "{}" } } })).toEqual({
    name: "InvalidParameterValueException",
    status: 400,
    message:
      'Cannot use the environment variable BRISK_WARMUP_EVENTS="{}": it is a JSON array of at most 16 events, such as [{"path":"/"}]',
  });
  expect(await update({ SnapStart: { ApplyOn: "Always" } })).toMatchObject({
    name: "ValidationException",
    message:
      "1 validation error detected: Value 'Always' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]",
  });
});

test("starts and environments are told by version; idle environments can be ended, and one restored ahead", async () => {
  await api.createActive({ Publish: true });
  const { key } = api.functions.resolveInvoke("hello", "1").spec;
  api.starts.records.set(key, [restoredStart]);
  api.starts.idle.set(key, 3);
  expect((await get("hello/starts?qualifier=1")).body).toEqual({
    version: "1",
    wanted: "code-cache",
    environments: { idle: 3, busy: 0, starting: 0 },
    starts: [restoredStart],
  });
  expect((await get("hello/starts")).body).toMatchObject({ version: "$LATEST", starts: [] });
  expect((await get("hello/environments?qualifier=1", "DELETE")).body).toEqual({ version: "1", ended: 3 });
  expect((await get("hello/environments?qualifier=1", "DELETE")).body).toEqual({ version: "1", ended: 0 });
  expect(await get("hello/environments?qualifier=1", "POST")).toMatchObject({
    status: 200,
    body: { version: "1" },
  });
  expect((await get("hello/starts?qualifier=1")).body).toMatchObject({ environments: { idle: 1 } });
});

test("of what is not there, or has no bundle yet, the routes say so", async () => {
  expect(await get("none/snapshot")).toMatchObject({
    status: 404,
    body: { Message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none" },
  });
  await api.createActive();
  expect((await get("hello/starts?qualifier=7")).status).toBe(404);
  api.bundler.hold();
  await api.client.send(
    new UpdateFunctionCodeCommand({ ...hello, ZipFile: Buffer.from("zip two"), Publish: true }),
  );
  expect((await get("hello/starts?qualifier=1")).body).toEqual({ version: "1", starts: [] });
  expect((await get("hello/snapshot?qualifier=1")).body).toEqual({ version: "1", kind: "none" });
  expect((await get("hello/environments?qualifier=1", "DELETE")).body).toEqual({ version: "1", ended: 0 });
  api.bundler.release();
  await api.settled("hello", "1");
});
