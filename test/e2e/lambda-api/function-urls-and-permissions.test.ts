import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  ListFunctionUrlConfigsCommand,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const bothGrants = async (Qualifier?: string) => {
  const to = { FunctionName: "hello", Qualifier, Principal: "*" };
  await api.client.send(
    new AddPermissionCommand({
      ...to,
      StatementId: "url",
      Action: "lambda:InvokeFunctionUrl",
      FunctionUrlAuthType: "NONE",
    }),
  );
  await api.client.send(
    new AddPermissionCommand({
      ...to,
      StatementId: "invoke",
      Action: "lambda:InvokeFunction",
      InvokedViaFunctionUrl: true,
    }),
  );
};

test("a URL keeps its id through updates and gets another one when made anew", async () => {
  await api.createActive();
  const { $metadata, ...created } = await api.client.send(
    new CreateFunctionUrlConfigCommand({
      FunctionName: "hello",
      AuthType: "NONE",
      Cors: { AllowOrigins: ["*"] },
    }),
  );
  expect($metadata.httpStatusCode).toBe(201);
  expect(created).toEqual({
    FunctionUrl: expect.stringMatching(/^http:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:9000\/$/),
    FunctionArn: arn,
    AuthType: "NONE",
    Cors: { AllowOrigins: ["*"] },
    CreationTime: expect.any(String),
  });
  const shown = await api.client.send(new GetFunctionUrlConfigCommand({ FunctionName: "hello" }));
  expect(shown).toMatchObject({ FunctionUrl: created.FunctionUrl, InvokeMode: "BUFFERED" });
  const updated = await api.client.send(
    new UpdateFunctionUrlConfigCommand({ FunctionName: "hello", InvokeMode: "RESPONSE_STREAM", Cors: {} }),
  );
  expect(updated).toMatchObject({
    FunctionUrl: created.FunctionUrl,
    InvokeMode: "RESPONSE_STREAM",
    AuthType: "NONE",
  });
  expect(updated.Cors).toBeUndefined();
  const again = new CreateFunctionUrlConfigCommand({ FunctionName: "hello", AuthType: "NONE" });
  expect(await api.refusal(again)).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
  });
  const { FunctionUrlConfigs } = await api.client.send(
    new ListFunctionUrlConfigsCommand({ FunctionName: "hello" }),
  );
  expect(FunctionUrlConfigs).toHaveLength(1);
  await api.client.send(new DeleteFunctionUrlConfigCommand({ FunctionName: "hello" }));
  expect(await api.refusal(new GetFunctionUrlConfigCommand({ FunctionName: "hello" }))).toMatchObject({
    message: "The resource you requested does not exist.",
  });
  expect((await api.client.send(again)).FunctionUrl).not.toBe(created.FunctionUrl);
});

test("a URL is public when both grants are there, and not before", async () => {
  await api.createActive();
  const { FunctionUrl } = await api.client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "hello", AuthType: "NONE" }),
  );
  const urlId = new URL(FunctionUrl ?? "").hostname.split(".")[0] ?? "";
  expect(api.functions.findUrl(urlId)).toEqual({
    urlId,
    authType: "NONE",
    invokeMode: "BUFFERED",
    cors: undefined,
    isPublic: false,
    invokedFunctionArn: arn,
    spec: api.functions.resolveInvoke("hello", undefined).spec,
  });
  await bothGrants();
  expect(api.functions.findUrl(urlId)?.isPublic).toBe(true);
  await api.client.send(new RemovePermissionCommand({ FunctionName: "hello", StatementId: "invoke" }));
  expect(api.functions.findUrl(urlId)?.isPublic).toBe(false);
  expect(api.functions.findUrl("a".repeat(32))).toBeUndefined();
});

test("an alias's URL needs the alias's policy, and answers nothing when the alias is gone", async () => {
  await api.createActive({ Publish: true });
  await api.client.send(
    new CreateAliasCommand({ FunctionName: "hello", Name: "live", FunctionVersion: "1" }),
  );
  const { FunctionUrl, FunctionArn } = await api.client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "hello", Qualifier: "live", AuthType: "NONE" }),
  );
  expect(FunctionArn).toBe(`${arn}:live`);
  const urlId = new URL(FunctionUrl ?? "").hostname.split(".")[0] ?? "";
  await bothGrants();
  expect(api.functions.findUrl(urlId)?.isPublic).toBe(false);
  await bothGrants("live");
  expect(api.functions.findUrl(urlId)).toMatchObject({ isPublic: true, spec: { version: "1" } });
  await api.client.send(new DeleteAliasCommand({ FunctionName: "hello", Name: "live" }));
  expect(api.functions.findUrl(urlId)).toMatchObject({ isPublic: false, spec: undefined });
  expect(
    (await api.client.send(new ListFunctionUrlConfigsCommand({ FunctionName: "hello" }))).FunctionUrlConfigs,
  ).toHaveLength(1);
  expect(
    await api.refusal(
      new CreateFunctionUrlConfigCommand({ FunctionName: "hello", Qualifier: "no", AuthType: "NONE" }),
    ),
  ).toMatchObject({ name: "ResourceNotFoundException", message: "Function does not exist" });
  expect(
    await api.refusal(
      new CreateFunctionUrlConfigCommand({ FunctionName: "hello", Qualifier: "1", AuthType: "NONE" }),
    ),
  ).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)",
  });
});

test("AddPermission writes Lambda's statement, GetPolicy shows them, RemovePermission takes one away", async () => {
  await api.createActive();
  const added = await api.client.send(
    new AddPermissionCommand({
      FunctionName: "hello",
      StatementId: "s3",
      Action: "lambda:InvokeFunction",
      Principal: "s3.amazonaws.com",
      SourceArn: "arn:aws:s3:::bucket",
      SourceAccount: "123456789012",
    }),
  );
  const statement = `{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"${arn}","Condition":{"StringEquals":{"AWS:SourceAccount":"123456789012"},"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::bucket"}}}`;
  expect(added.Statement).toBe(statement);
  const { Policy, RevisionId } = await api.client.send(new GetPolicyCommand({ FunctionName: "hello" }));
  expect(Policy).toBe(`{"Version":"2012-10-17","Id":"default","Statement":[${statement}]}`);
  const another = { FunctionName: "hello", Action: "lambda:InvokeFunction", Principal: "*" };
  expect(await api.refusal(new AddPermissionCommand({ ...another, StatementId: "s3" }))).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message:
      "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing statement.",
  });
  expect(
    await api.refusal(new AddPermissionCommand({ ...another, StatementId: "x", RevisionId: "old" })),
  ).toMatchObject({
    name: "PreconditionFailedException",
    message: expect.stringContaining("Call the GetPolicy API"),
  });
  expect(
    await api.refusal(new AddPermissionCommand({ ...another, StatementId: "x", Principal: "nobody" })),
  ).toMatchObject({
    message: "The provided principal was invalid. Please check the principal and try again.",
  });
  expect(
    await api.refusal(new AddPermissionCommand({ ...another, StatementId: "x", Qualifier: "$LATEST" })),
  ).toMatchObject({
    message: "We currently do not support adding policies for $LATEST.",
  });
  expect(
    await api.refusal(new RemovePermissionCommand({ FunctionName: "hello", StatementId: "no" })),
  ).toMatchObject({
    message: "Statement no is not found in resource policy.",
  });
  await api.client.send(
    new RemovePermissionCommand({ FunctionName: "hello", StatementId: "s3", RevisionId }),
  );
  expect(await api.refusal(new GetPolicyCommand({ FunctionName: "hello" }))).toMatchObject({
    name: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  });
  expect(
    await api.refusal(new RemovePermissionCommand({ FunctionName: "hello", StatementId: "s3" })),
  ).toMatchObject({
    message: "No policy is associated with the given resource.",
  });
});

test("a policy stays within 20 KB", async () => {
  await api.createActive();
  const grant = (n: number) =>
    new AddPermissionCommand({
      FunctionName: "hello",
      StatementId: `s${n}`,
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: `arn:aws:events:us-east-1:123456789012:rule/${"x".repeat(4000)}`,
    });
  for (let n = 0; n < 4; n++) await api.client.send(grant(n));
  expect(await api.refusal(grant(5))).toMatchObject({
    name: "PolicyLengthExceededException",
    status: 400,
    message: expect.stringMatching(/^The final policy size \(\d+\) is bigger than the limit \(20480\)\.$/),
  });
});
