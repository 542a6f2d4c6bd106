import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetFunctionCommand,
  ListCapacityProvidersCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const create = (more: Partial<CreateFunctionCommandInput>) =>
  api.refusal(new CreateFunctionCommand(definition(more)));

test("CreateFunction refuses in Lambda's words", async () => {
  await api.createActive();
  const invalid = { name: "InvalidParameterValueException", status: 400 };
  expect(await create({})).toEqual({
    name: "ResourceConflictException",
    status: 409,
    message: "Function already exist: hello",
  });
  expect(await create({ FunctionName: "a".repeat(65) })).toEqual({
    ...invalid,
    message: `1 validation error detected: Value '${"a".repeat(65)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
  });
  expect(await create({ FunctionName: "x", Runtime: "python3.13" })).toEqual({
    ...invalid,
    message:
      "Value python3.13 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs18.x, nodejs20.x, nodejs22.x, nodejs24.x, nodejs26.x] or be a valid ARN",
  });
  expect(await create({ FunctionName: "x", Runtime: "nodejs12.x" })).toMatchObject({
    message: expect.stringMatching(/^The runtime parameter of nodejs12.x is no longer supported/),
  });
  expect(await create({ FunctionName: "x", Code: { S3Bucket: "bucket", S3Key: "key" } })).toEqual({
    ...invalid,
    message:
      "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
  });
  expect(await create({ FunctionName: "x", PackageType: "Image", Code: { ImageUri: "x" } })).toMatchObject(
    invalid,
  );
  expect(await create({ FunctionName: "x", Code: { ZipFile: new Uint8Array() } })).toEqual({
    ...invalid,
    message: "Uploaded file must be a non-empty zip",
  });
  expect(await create({ FunctionName: "x", Code: { ZipFile: Buffer.from("broken") } })).toEqual({
    ...invalid,
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  });
  expect(
    await create({
      FunctionName: "x",
      Environment: { Variables: { AWS_REGION: "x", LAMBDA_TASK_ROOT: "y" } },
    }),
  ).toEqual({
    ...invalid,
    message:
      "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT",
  });
  const large = { LARGE: "x".repeat(4096) };
  expect(await create({ FunctionName: "x", Environment: { Variables: large } })).toEqual({
    ...invalid,
    message: `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${JSON.stringify(large)}`,
  });
  for (const value of ["9", "1.5", "", "-10", "ten", "1e3"]) {
    expect(
      await create({ FunctionName: "x", Environment: { Variables: { BRISK_CPU_TIME_MS: value } } }),
    ).toMatchObject(invalid);
  }
  expect(
    await create({ FunctionName: "x", Layers: ["arn:aws:lambda:us-east-1:000000000000:layer:l:1"] }),
  ).toEqual({
    ...invalid,
    message: "Layer version arn:aws:lambda:us-east-1:000000000000:layer:l:1 does not exist.",
  });
  expect(
    await create({
      FunctionName: "x",
      Timeout: 0,
      MemorySize: 1,
      SnapStart: { ApplyOn: "Never" as "None" },
    }),
  ).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "3 validation errors detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '1' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128; Value 'Never' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]",
  });
  expect(await api.store.listBlobs()).toHaveLength(1);
});

test("names in another region or account, and qualifiers that differ, are refused", async () => {
  await api.createActive({ Publish: true });
  const get = (FunctionName: string, Qualifier?: string) =>
    api.refusal(new GetFunctionCommand({ FunctionName, Qualifier }));
  expect(await get("arn:aws:lambda:eu-west-1:000000000000:function:hello")).toMatchObject({
    status: 404,
    message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
  });
  expect(await get("123456789012:function:hello")).toMatchObject({
    name: "AccessDeniedException",
    status: 403,
  });
  expect(await get("hello:1", "$LATEST")).toMatchObject({
    name: "InvalidParameterValueException",
    message: "The derived qualifier from the function name does not match the specified qualifier.",
  });
  expect(await get("hello", "9")).toMatchObject({ message: `Function not found: ${arn}:9` });
  expect(await get("a".repeat(100))).toMatchObject({ name: "ResourceNotFoundException" });
});

test("an operation that is not there is refused by its name and why, another path is unknown", async () => {
  expect(await api.refusal(new ListCapacityProvidersCommand({}))).toEqual({
    name: "InvalidParameterValueException",
    status: 400,
    message:
      "Brisk does not support the operation ListCapacityProviders: functions run on this machine, which has no capacity providers",
  });
  for (const [method, path] of [
    ["GET", "/"],
    ["POST", "/2015-03-31/nothing"],
    ["PATCH", "/2015-03-31/functions"],
  ]) {
    const response = await fetch(api.origin + path, { method: method ?? "" });
    expect(response.status).toBe(404);
    expect(response.headers.get("x-amzn-errortype")).toBe("UnknownOperationException");
    expect(await response.json()).toMatchObject({ Type: "User" });
  }
});
