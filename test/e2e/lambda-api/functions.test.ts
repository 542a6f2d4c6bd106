import { createHash } from "node:crypto";
import {
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  PublishVersionCommand,
  paginateListFunctions,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionExists,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, definition, type LambdaApiUnderTest, role, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

test("CreateFunction answers Pending with Lambda's defaults, and becomes Active with a new RevisionId", async () => {
  api.bundler.hold();
  const { $metadata, ...created } = await api.client.send(new CreateFunctionCommand(definition()));
  expect($metadata.httpStatusCode).toBe(201);
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(created).toEqual({
    FunctionName: "hello",
    FunctionArn: arn,
    Runtime: "nodejs22.x",
    Role: role,
    Handler: "index.handler",
    CodeSize: 7,
    CodeSha256: createHash("sha256").update("zip one").digest("base64"),
    Description: "",
    Timeout: 3,
    MemorySize: 128,
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
    Version: "$LATEST",
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: expect.any(String),
    State: "Pending",
    StateReason: "The function is being created.",
    StateReasonCode: "Creating",
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/hello" },
    RuntimeVersionConfig: {
      RuntimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/),
    },
  });
  expect(
    await api.refusal(new UpdateFunctionConfigurationCommand({ FunctionName: "hello", Timeout: 9 })),
  ).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message:
      "The operation cannot be performed at this time. The function is currently in the following state: Pending",
  });
  api.bundler.release();
  await waitUntilFunctionExists(api.waiter(), { FunctionName: "hello" });
  await waitUntilFunctionActiveV2(api.waiter(), { FunctionName: "hello" });
  const active = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }));
  expect(active).toMatchObject({ State: "Active", LastUpdateStatus: "Successful" });
  expect(active.StateReason).toBeUndefined();
  expect(active.RevisionId).not.toBe(created.RevisionId);
});

test("a bundle that cannot be made leaves a Failed function, which new code repairs", async () => {
  await api.createActive({ Code: { ZipFile: Buffer.from("fails") } });
  const failed = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }));
  expect(failed).toMatchObject({
    State: "Failed",
    StateReason: "The builder ran out of its 120 s",
    StateReasonCode: "FunctionError.InitResourceExhausted",
    LastUpdateStatus: "Failed",
  });
  expect(() => api.functions.resolveInvoke("hello", undefined)).toThrow(
    "The operation cannot be performed at this time. The function is currently in the following state: Failed",
  );
  await api.client.send(
    new UpdateFunctionCodeCommand({ FunctionName: "hello", ZipFile: Buffer.from("good") }),
  );
  await api.settled();
  const repaired = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }));
  expect(repaired).toMatchObject({ State: "Active", LastUpdateStatus: "Successful" });
});

test("UpdateFunctionCode serves the old code until the new bundle is there, and tells who held the old spec", async () => {
  await api.createActive();
  const before = api.functions.resolveInvoke("hello", undefined).spec;
  expect(api.functions.resolveInvoke(arn, "$LATEST").spec).toBe(before);
  api.bundler.hold();
  const updated = await api.client.send(
    new UpdateFunctionCodeCommand({ FunctionName: "hello", ZipFile: Buffer.from("zip two") }),
  );
  expect(updated).toMatchObject({
    State: "Active",
    LastUpdateStatus: "InProgress",
    LastUpdateStatusReason: "The function is being created.",
    LastUpdateStatusReasonCode: "Creating",
  });
  expect(api.functions.resolveInvoke("hello", undefined).spec).toBe(before);
  expect(await api.refusal(new PublishVersionCommand({ FunctionName: "hello" }))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: `The operation cannot be performed at this time. An update is in progress for resource: ${arn}`,
  });
  expect(api.retired).toEqual([]);
  api.bundler.release();
  await waitUntilFunctionUpdatedV2(api.waiter(), { FunctionName: "hello" });
  const after = api.functions.resolveInvoke("hello", undefined).spec;
  expect(after.key).not.toBe(before.key);
  expect(api.retired).toEqual([before.key]);
  await expect.poll(() => api.store.listBlobs()).toHaveLength(1);
});

test("a failed update leaves the old code serving", async () => {
  await api.createActive();
  const { spec } = api.functions.resolveInvoke("hello", undefined);
  await api.client.send(
    new UpdateFunctionCodeCommand({ FunctionName: "hello", ZipFile: Buffer.from("fails") }),
  );
  await api.settled();
  const shown = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }));
  expect(shown).toMatchObject({ State: "Active", LastUpdateStatus: "Failed" });
  expect(api.functions.resolveInvoke("hello", undefined).spec).toBe(spec);
});

test("UpdateFunctionCode with DryRun checks the zip and changes nothing", async () => {
  await api.createActive();
  const before = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }));
  const dryRun = { FunctionName: "hello", DryRun: true };
  const reply = await api.client.send(
    new UpdateFunctionCodeCommand({ ...dryRun, ZipFile: Buffer.from("zip two") }),
  );
  expect(reply.CodeSha256).not.toBe(before.CodeSha256);
  expect(
    await api.refusal(new UpdateFunctionCodeCommand({ ...dryRun, ZipFile: Buffer.from("broken") })),
  ).toEqual({
    name: "InvalidParameterValueException",
    status: 400,
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  });
  const after = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "hello" }));
  expect(after.RevisionId).toBe(before.RevisionId);
  expect(await api.store.listBlobs()).toHaveLength(1);
});

test("UpdateFunctionConfiguration makes a new spec; without a new handler the bundle is used again", async () => {
  await api.createActive();
  const before = api.functions.resolveInvoke("hello", undefined).spec;
  expect(before).toMatchObject({ memorySizeMb: 128, timeoutMs: 3000, cpuTimeMs: 1000 });
  await api.client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: "hello",
      Timeout: 30,
      MemorySize: 1769,
      Description: "new",
      Environment: { Variables: { COLOR: "red" } },
      LoggingConfig: { LogGroup: "/own/group" },
    }),
  );
  await api.settled();
  const after = api.functions.resolveInvoke("hello", undefined).spec;
  expect(after).toMatchObject({
    memorySizeMb: 1769,
    timeoutMs: 30_000,
    cpuTimeMs: 30_000,
    environmentVariables: { COLOR: "red" },
    logGroup: "/own/group",
  });
  expect(api.bundler.requests).toHaveLength(1);
  await api.client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: "hello",
      Handler: "other.handler",
      Environment: { Variables: { BRISK_CPU_TIME_MS: "250" } },
    }),
  );
  await api.settled();
  expect(api.bundler.requests).toHaveLength(2);
  expect(api.functions.resolveInvoke("hello", undefined).spec).toMatchObject({
    handler: "other.handler",
    cpuTimeMs: 250,
  });
});

test("RevisionId of an older reading is refused", async () => {
  const created = await api.client.send(new CreateFunctionCommand(definition()));
  await api.settled();
  const stale = { FunctionName: "hello", RevisionId: created.RevisionId };
  const expected = {
    name: "PreconditionFailedException",
    status: 412,
    message:
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
  };
  expect(await api.refusal(new UpdateFunctionConfigurationCommand(stale))).toEqual(expected);
  expect(await api.refusal(new PublishVersionCommand(stale))).toEqual(expected);
  expect(await api.refusal(new UpdateFunctionCodeCommand({ ...stale, ZipFile: Buffer.from("z") }))).toEqual(
    expected,
  );
});

test("GetFunction's Code.Location downloads the zip, and is worthless when changed", async () => {
  await api.createActive({ Tags: { team: "blue" } });
  const reply = await api.client.send(new GetFunctionCommand({ FunctionName: arn }));
  expect(reply.Tags).toEqual({ team: "blue" });
  expect(reply.Code?.RepositoryType).toBe("S3");
  const location = reply.Code?.Location ?? "";
  expect(await (await fetch(location)).text()).toBe("zip one");
  for (const changed of [
    location.replace(/expires=\d+/, "expires=9999999999"),
    location.replace(/signature=../, "signature=zz"),
    location.replace(/\?.*/, ""),
  ]) {
    const refused = await fetch(changed);
    expect(refused.status).toBe(403);
    await refused.text();
  }
  expect((await api.client.send(new ListTagsCommand({ Resource: arn }))).Tags).toEqual({ team: "blue" });
});

test("DeleteFunction removes everything of it, and the name starts anew", async () => {
  await api.createActive({ Publish: true });
  await api.client.send(new CreateFunctionUrlConfigCommand({ FunctionName: "hello", AuthType: "NONE" }));
  const specs = ["$LATEST", "1"].map((q) => api.functions.resolveInvoke("hello", q).spec.key);
  const { $metadata } = await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  expect($metadata.httpStatusCode).toBe(204);
  expect(api.retired.sort()).toEqual(specs.sort());
  expect(await api.refusal(new GetFunctionCommand({ FunctionName: "hello" }))).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: `Function not found: ${arn}`,
  });
  expect(() => api.functions.resolveInvoke("hello", undefined)).toThrow(`Function not found: ${arn}:$LATEST`);
  await api.functions.close();
  expect(await api.store.listBlobs()).toEqual([]);
  for (const kind of ["function", "version", "alias", "policy", "url"])
    expect(await api.store.list(kind)).toEqual([]);
});

test("a function deleted while it is Pending ends its build", async () => {
  api.bundler.hold();
  await api.client.send(new CreateFunctionCommand(definition()));
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  expect(api.bundler.requests[0]?.signal?.aborted).toBe(true);
  api.bundler.release();
  await api.createActive({ Code: { ZipFile: Buffer.from("another") } });
  expect(api.functions.resolveInvoke("hello", undefined).spec.version).toBe("$LATEST");
});

test("ListFunctions pages, with opaque markers, at most fifty rows", async () => {
  for (let n = 0; n < 53; n++)
    await api.client.send(new CreateFunctionCommand(definition({ FunctionName: `f${100 + n}` })));
  const first = await api.client.send(new ListFunctionsCommand({ MaxItems: 1000 }));
  expect(first.Functions).toHaveLength(50);
  expect(first.Functions?.[0]).not.toHaveProperty("State");
  const names: (string | undefined)[] = [];
  for await (const { Functions } of paginateListFunctions({ client: api.client, pageSize: 20 }, {})) {
    names.push(...(Functions ?? []).map(({ FunctionName }) => FunctionName));
  }
  expect(names).toEqual(Array.from({ length: 53 }, (_, n) => `f${100 + n}`));
  expect(await api.refusal(new ListFunctionsCommand({ Marker: "no" }))).toMatchObject({
    name: "InvalidParameterValueException",
  });
});

test("GetAccountSettings counts functions and code", async () => {
  await api.createActive();
  const { AccountLimit, AccountUsage } = await api.client.send(new GetAccountSettingsCommand({}));
  expect(AccountLimit).toEqual({
    TotalCodeSize: 80530636800,
    CodeSizeUnzipped: 262144000,
    CodeSizeZipped: 52428800,
    ConcurrentExecutions: 1000,
    UnreservedConcurrentExecutions: 1000,
  });
  expect(AccountUsage).toEqual({ TotalCodeSize: 7, FunctionCount: 1 });
});
