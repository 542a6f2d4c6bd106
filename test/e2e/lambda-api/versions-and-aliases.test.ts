import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

test("versions count up, are immutable, and one is not published twice", async () => {
  await api.createActive();
  const one = await api.client.send(
    new PublishVersionCommand({ FunctionName: "hello", Description: "first" }),
  );
  expect(one).toMatchObject({
    Version: "1",
    FunctionArn: `${arn}:1`,
    Description: "first",
    State: "Active",
  });
  expect(
    (await api.client.send(new PublishVersionCommand({ FunctionName: "hello", Description: "other" })))
      .Version,
  ).toBe("1");
  await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "hello", Timeout: 9 }));
  await api.settled();
  const two = await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
  expect(two).toMatchObject({ Version: "2", Timeout: 9, Description: "" });
  const shown = await api.client.send(new GetFunctionCommand({ FunctionName: "hello", Qualifier: "1" }));
  expect(shown.Configuration).toMatchObject({ Version: "1", Timeout: 3, FunctionArn: `${arn}:1` });
  const { Versions } = await api.client.send(new ListVersionsByFunctionCommand({ FunctionName: "hello" }));
  expect(Versions?.map(({ FunctionArn }) => FunctionArn)).toEqual([`${arn}:$LATEST`, `${arn}:1`, `${arn}:2`]);
  const [first, second] = ["1", "2"].map((q) => api.functions.resolveInvoke("hello", q).spec);
  expect(first).toMatchObject({ version: "1", timeoutMs: 3000 });
  expect(second).toMatchObject({ version: "2", timeoutMs: 9000 });
  expect(
    await api.refusal(new PublishVersionCommand({ FunctionName: "hello", CodeSha256: "none" })),
  ).toMatchObject({
    message: expect.stringMatching(/^CodeSHA256 \(none\) is different from current CodeSHA256 in \$LATEST/),
  });
});

test("a deleted version's number is not given again", async () => {
  await api.createActive({ Publish: true });
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello", Qualifier: "1" }));
  expect((await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }))).Version).toBe("2");
  expect(
    await api.refusal(new DeleteFunctionCommand({ FunctionName: "hello", Qualifier: "$LATEST" })),
  ).toMatchObject({
    message: "$LATEST version cannot be deleted without deleting the function.",
  });
});

test("Publish with new code makes a version that is Pending until its bundle is there", async () => {
  api.bundler.hold();
  const created = await api.client.send(new CreateFunctionCommand(definition({ Publish: true })));
  expect(created).toMatchObject({ Version: "1", FunctionArn: arn, State: "Pending" });
  api.bundler.release();
  await waitUntilPublishedVersionActive(api.waiter(), { FunctionName: "hello", Qualifier: "1" });
  const updated = await api.client.send(
    new UpdateFunctionCodeCommand({
      FunctionName: "hello",
      ZipFile: Buffer.from("zip two"),
      Publish: true,
    }),
  );
  expect(updated).toMatchObject({
    Version: "2",
    State: "Pending",
    StateReason: "The function is being created.",
  });
  await api.settled("hello", "2");
  const same = await api.client.send(
    new UpdateFunctionCodeCommand({
      FunctionName: "hello",
      ZipFile: Buffer.from("zip two"),
      Publish: true,
    }),
  );
  expect(same.Version).toBe("2");
});

test("an alias names a version, and can be moved", async () => {
  await api.createActive({ Publish: true });
  const alias = { FunctionName: "hello", Name: "live" };
  const { $metadata, ...created } = await api.client.send(
    new CreateAliasCommand({ ...alias, FunctionVersion: "1" }),
  );
  expect($metadata.httpStatusCode).toBe(201);
  expect(created).toEqual({
    AliasArn: `${arn}:live`,
    Name: "live",
    FunctionVersion: "1",
    Description: "",
    RevisionId: expect.any(String),
  });
  expect(api.functions.resolveInvoke("hello:live", undefined)).toEqual({
    spec: api.functions.resolveInvoke("hello", "1").spec,
    invokedFunctionArn: `${arn}:live`,
  });
  const byAlias = await api.client.send(
    new GetFunctionConfigurationCommand({ FunctionName: "hello", Qualifier: "live" }),
  );
  expect(byAlias).toMatchObject({ Version: "1", FunctionArn: `${arn}:live` });
  await api.client.send(
    new UpdateAliasCommand({ ...alias, FunctionVersion: "$LATEST", RevisionId: created.RevisionId }),
  );
  expect(api.functions.resolveInvoke("hello", "live").spec.version).toBe("$LATEST");
  expect((await api.client.send(new GetAliasCommand(alias))).FunctionVersion).toBe("$LATEST");
  expect(
    (await api.client.send(new ListAliasesCommand({ FunctionName: "hello", FunctionVersion: "1" }))).Aliases,
  ).toEqual([]);
  expect((await api.client.send(new ListAliasesCommand({ FunctionName: "hello" }))).Aliases).toHaveLength(1);
  await api.client.send(new UpdateAliasCommand({ ...alias, FunctionVersion: "1" }));
  expect(
    await api.refusal(new DeleteFunctionCommand({ FunctionName: "hello", Qualifier: "1" })),
  ).toMatchObject({
    name: "ResourceConflictException",
  });
  await api.client.send(new DeleteAliasCommand(alias));
  await api.client.send(new DeleteAliasCommand(alias));
  expect(() => api.functions.resolveInvoke("hello", "live")).toThrow(`Function not found: ${arn}:live`);
});

test("aliases are refused with Lambda's words", async () => {
  await api.createActive({ Publish: true });
  const alias = { FunctionName: "hello", Name: "live", FunctionVersion: "1" };
  await api.client.send(new CreateAliasCommand(alias));
  expect(await api.refusal(new CreateAliasCommand(alias))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: `Alias already exists: ${arn}:live`,
  });
  expect(
    await api.refusal(new CreateAliasCommand({ ...alias, Name: "x", FunctionVersion: "7" })),
  ).toMatchObject({
    name: "ResourceNotFoundException",
    message: `Function not found: ${arn}:7`,
  });
  expect(await api.refusal(new GetAliasCommand({ FunctionName: "hello", Name: "no" }))).toMatchObject({
    message: `Cannot find alias arn: ${arn}:no`,
  });
  expect(await api.refusal(new UpdateAliasCommand({ FunctionName: "hello", Name: "no" }))).toMatchObject({
    message: `Alias not found: ${arn}:no`,
  });
});
