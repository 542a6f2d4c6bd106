import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetProvisionedConcurrencyConfigCommand,
  ListProvisionedConcurrencyConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  paginateListProvisionedConcurrencyConfigs,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive({ Publish: true });
  await api.settled("hello", "1");
  await api.client.send(
    new CreateAliasCommand({ FunctionName: "hello", Name: "live", FunctionVersion: "1" }),
  );
});
afterEach(() => api.close());

const put = (Qualifier: string, ProvisionedConcurrentExecutions = 1, FunctionName = "hello") =>
  new PutProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier, ProvisionedConcurrentExecutions });
const get = (Qualifier: string, FunctionName = "hello") =>
  new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier });
const remove = (Qualifier: string, FunctionName = "hello") =>
  new DeleteProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier });
const list = async (FunctionName = "hello") => {
  const command = new ListProvisionedConcurrencyConfigsCommand({ FunctionName });
  return (await api.client.send(command)).ProvisionedConcurrencyConfigs;
};
const reserve = (ReservedConcurrentExecutions: number) =>
  new PutFunctionConcurrencyCommand({ FunctionName: "hello", ReservedConcurrentExecutions });
const unreserved = async () => {
  const { AccountLimit } = await api.client.send(new GetAccountSettingsCommand({}));
  return AccountLimit?.UnreservedConcurrentExecutions;
};
const invalid = (message: string) => ({ name: "InvalidParameterValueException", status: 400, message });
const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);

test("recorded: what is asked for is IN_PROGRESS with nothing allocated", async () => {
  const { $metadata, ...answer } = await api.client.send(put("1"));
  expect($metadata.httpStatusCode).toBe(202);
  expect(answer).toEqual({
    RequestedProvisionedConcurrentExecutions: 1,
    AvailableProvisionedConcurrentExecutions: 0,
    AllocatedProvisionedConcurrentExecutions: 0,
    Status: "IN_PROGRESS",
    LastModified: date,
  });
});

test("what is not allocated is not called READY: the status is FAILED, and the reason says why", async () => {
  await api.client.send(put("1", 5));
  const { $metadata, ...shown } = await api.client.send(get("1"));
  expect($metadata.httpStatusCode).toBe(200);
  const config = {
    RequestedProvisionedConcurrentExecutions: 5,
    AvailableProvisionedConcurrentExecutions: 0,
    AllocatedProvisionedConcurrentExecutions: 0,
    Status: "FAILED",
    StatusReason: expect.stringMatching(/^Brisk .*does not allocate.*start on demand$/),
    LastModified: date,
  };
  expect(shown).toEqual(config);
  expect(await list()).toEqual([{ FunctionArn: `${arn}:1`, ...config }]);
});

test("recorded: a version is provisioned by itself or by its alias", async () => {
  await api.client.send(put("1"));
  expect(await api.refusal(put("live"))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message:
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  });
  expect((await api.client.send(remove("1"))).$metadata.httpStatusCode).toBe(204);
  expect(await api.refusal(get("1"))).toEqual({
    name: "ProvisionedConcurrencyConfigNotFoundException",
    status: 404,
    message: "No Provisioned Concurrency Config found for this function",
  });
  await api.client.send(put("live"));
  expect((await list())?.map(({ FunctionArn }) => FunctionArn)).toEqual([`${arn}:live`]);
  expect(await api.refusal(put("1"))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: "Version is pointed by a Provisioned Concurrency alias",
  });
  await api.client.send(new DeleteAliasCommand({ FunctionName: "hello", Name: "live" }));
  expect(await api.refusal(get("live"))).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: `Cannot find alias arn: ${arn}:live`,
  });
  expect(await list()).toEqual([]);
  await api.client.send(put("1", 7));
  expect(await unreserved()).toBe(993);
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello", Qualifier: "1" }));
  expect(await list()).toEqual([]);
  expect(await unreserved()).toBe(1000);
});

test("recorded: targets that are not there are told as the version or alias that they name", async () => {
  const missing = (message: string) => ({ name: "ResourceNotFoundException", status: 404, message });
  const other = arn.replace("hello", "doesnotexist");
  for (const make of [put, get, remove]) {
    const refused = (qualifier: string, name?: string) => {
      const command =
        make === put ? put(qualifier, 1, name) : (make as typeof get)(qualifier, name ?? "hello");
      return api.refusal(command as ReturnType<typeof get>);
    };
    expect(await refused("noalias")).toEqual(missing(`Cannot find alias arn: ${arn}:noalias`));
    expect(await refused("10")).toEqual(missing(`Function not found: ${arn}:10`));
    expect(await refused("noalias", "doesnotexist")).toEqual(
      missing(`Cannot find alias arn: ${other}:noalias`),
    );
    expect(await refused("1", "doesnotexist")).toEqual(missing(`Function not found: ${other}:1`));
    expect(await refused("$LATEST")).toEqual(
      invalid(
        make === put
          ? "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
          : "The function resource provided must be an alias or a published version.",
      ),
    );
    expect(await refused("1", "hello:live")).toEqual(
      invalid("The derived qualifier from the function name does not match the specified qualifier."),
    );
  }
  expect((await api.client.send(remove("1"))).$metadata.httpStatusCode).toBe(204);
  expect(await list()).toEqual([]);
  expect(
    await api.refusal(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: "doesnotexist" })),
  ).toEqual(missing(`Function not found: ${other}`));
  expect(await api.refusal(put("1", 0))).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 1",
  });
});

test("recorded: no more than the account has unreserved, less 100, and the refusal has no Type", async () => {
  const greater =
    "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].";
  expect(await api.refusal(put("1", 1001))).toEqual(invalid(greater));
  const decreases =
    "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].";
  expect(await api.refusal(put("1", 1000))).toEqual(invalid(decreases));
  const raw = await fetch(`${api.origin}/2019-09-30/functions/hello/provisioned-concurrency?Qualifier=1`, {
    method: "PUT",
    body: '{"ProvisionedConcurrentExecutions":901}',
  });
  expect(await raw.json()).toEqual({ message: decreases });
  await api.client.send(put("1", 900));
  expect(await unreserved()).toBe(100);
  await api.client.send(put("1", 899));
  expect(await unreserved()).toBe(101);
});

test("what is provisioned stays within the function's reservation, and a reservation above it", async () => {
  await api.client.send(put("1", 3));
  expect(await api.refusal(reserve(2))).toEqual(
    invalid(
      " ReservedConcurrentExecutions  2 should not be lower than function's total provisioned concurrency [3].",
    ),
  );
  await api.client.send(reserve(3));
  // It is part of the reservation, not beside it.
  expect(await unreserved()).toBe(997);
  expect(await api.refusal(put("1", 4))).toEqual(
    invalid(
      "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    ),
  );
  await api.client.send(put("1", 2));
  await api.client.send(
    new UpdateFunctionCodeCommand({
      FunctionName: "hello",
      ZipFile: Buffer.from("zip two"),
      Publish: true,
    }),
  );
  await api.settled("hello", "2");
  expect(await api.refusal(put("2", 2))).toMatchObject({ name: "InvalidParameterValueException" });
  await api.client.send(put("2", 1));
  const pages: (string | undefined)[][] = [];
  const paging = { client: api.client, pageSize: 1 };
  for await (const { ProvisionedConcurrencyConfigs } of paginateListProvisionedConcurrencyConfigs(paging, {
    FunctionName: "hello",
  })) {
    pages.push((ProvisionedConcurrencyConfigs ?? []).map(({ FunctionArn }) => FunctionArn));
  }
  expect(pages).toEqual([[`${arn}:1`], [`${arn}:2`]]);
});

test("an alias of two versions shares with both, and one of $LATEST has nothing to share with", async () => {
  await api.client.send(
    new UpdateFunctionCodeCommand({
      FunctionName: "hello",
      ZipFile: Buffer.from("zip two"),
      Publish: true,
    }),
  );
  await api.settled("hello", "2");
  await api.client.send(
    new UpdateAliasCommand({
      FunctionName: "hello",
      Name: "live",
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } },
    }),
  );
  await api.client.send(put("2"));
  expect(await api.refusal(put("live"))).toMatchObject({
    name: "ResourceConflictException",
    message:
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  });
  await api.client.send(remove("2"));
  await api.client.send(put("live"));
  for (const version of ["1", "2"]) {
    expect(await api.refusal(put(version))).toMatchObject({
      name: "ResourceConflictException",
      message: "Version is pointed by a Provisioned Concurrency alias",
    });
  }
  const newest = { FunctionName: "hello", Name: "newest", FunctionVersion: "$LATEST" };
  await api.client.send(new CreateAliasCommand(newest));
  expect(await api.refusal(put("newest"))).toEqual(
    invalid("Provisioned Concurrency Configs cannot be applied to unpublished function versions."),
  );
});

test("a version that is still being made is not provisioned", async () => {
  api.bundler.hold();
  const code = { FunctionName: "hello", ZipFile: Buffer.from("zip two"), Publish: true };
  await api.client.send(new UpdateFunctionCodeCommand(code));
  expect(await api.refusal(put("2"))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message:
      "The operation cannot be performed at this time. The function is currently in the following state: Pending",
  });
  api.bundler.release();
  await api.settled("hello", "2");
  await api.client.send(put("2"));
});

test("SnapStart and provisioned concurrency don't go together, by version, alias and weight", async () => {
  await api.client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: "hello",
      SnapStart: { ApplyOn: "PublishedVersions" },
    }),
  );
  await api.settled();
  await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
  await api.settled("hello", "2");
  const refusal = (qualifier: string) =>
    invalid(
      `Cannot provision concurrency for hello:${qualifier}: version 2 was published with SnapStart, and provisioned concurrency is not supported with it`,
    );
  expect(await api.refusal(put("2"))).toEqual(refusal("2"));
  await api.client.send(put("live"));
  const move = (more: object) => new UpdateAliasCommand({ FunctionName: "hello", Name: "live", ...more });
  const weighted = { RoutingConfig: { AdditionalVersionWeights: { "2": 0.5 } } };
  expect(await api.refusal(move({ FunctionVersion: "2" }))).toEqual(refusal("live"));
  expect(await api.refusal(move(weighted))).toEqual(refusal("live"));
  await api.client.send(remove("live"));
  await api.client.send(move(weighted));
  expect(await api.refusal(put("live"))).toEqual(refusal("live"));
});
