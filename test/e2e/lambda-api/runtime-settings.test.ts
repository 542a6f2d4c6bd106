import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  GetFunctionRecursionConfigCommand,
  GetRuntimeManagementConfigCommand,
  PublishVersionCommand,
  PutFunctionRecursionConfigCommand,
  PutRuntimeManagementConfigCommand,
  type PutRuntimeManagementConfigCommandInput,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
  await api.createActive();
});
afterEach(() => api.close());

const putRecursion = (RecursiveLoop: string, FunctionName = "hello") =>
  new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: RecursiveLoop as "Allow" });
const recursion = async (FunctionName = "hello") =>
  (await api.client.send(new GetFunctionRecursionConfigCommand({ FunctionName }))).RecursiveLoop;

test("recorded: loops are terminated by default, and allowed when it is said so", async () => {
  expect(await recursion()).toBe("Terminate");
  expect((await api.client.send(putRecursion("Allow"))).RecursiveLoop).toBe("Allow");
  expect(await recursion(arn)).toBe("Allow");
  expect((await api.client.send(putRecursion("Terminate"))).RecursiveLoop).toBe("Terminate");
  expect(await recursion()).toBe("Terminate");
});

test("recorded: another value is refused with the values that there are", async () => {
  expect(await api.refusal(putRecursion("InvalidValue"))).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
  });
});

test("recursion configs belong to functions that exist, and to no version of them", async () => {
  const missing = { name: "ResourceNotFoundException", status: 404 };
  const message = `Function not found: ${arn.replace("hello", "no")}`;
  expect(await api.refusal(putRecursion("Allow", "no"))).toEqual({ ...missing, message });
  expect(await api.refusal(new GetFunctionRecursionConfigCommand({ FunctionName: "no" }))).toEqual({
    ...missing,
    message,
  });
  expect(await api.refusal(putRecursion("Allow", "hello:1"))).toMatchObject({ name: "ValidationException" });
});

const putRuntime = (input: Partial<PutRuntimeManagementConfigCommandInput>) =>
  new PutRuntimeManagementConfigCommand({ FunctionName: "hello", UpdateRuntimeOn: "Auto", ...input });
const getRuntime = (Qualifier?: string, FunctionName = "hello") =>
  new GetRuntimeManagementConfigCommand({ FunctionName, Qualifier });
const runtime = async (Qualifier?: string) => {
  const { $metadata, ...body } = await api.client.send(getRuntime(Qualifier));
  return body;
};

test("a version's runtime is updated automatically until it is said otherwise, each version's apart", async () => {
  await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
  const auto = { UpdateRuntimeOn: "Auto", FunctionArn: arn };
  expect(await runtime()).toEqual(auto);
  expect(await runtime("1")).toEqual({ ...auto, FunctionArn: `${arn}:1` });
  const raw = await fetch(`${api.origin}/2021-07-20/functions/hello/runtime-management-config`);
  expect(await raw.json()).toEqual({ ...auto, RuntimeVersionArn: null });
  const { RuntimeVersionConfig } = await api.client.send(
    new GetFunctionConfigurationCommand({ FunctionName: "hello" }),
  );
  const RuntimeVersionArn = RuntimeVersionConfig?.RuntimeVersionArn;
  const manual = { UpdateRuntimeOn: "Manual", FunctionArn: `${arn}:1`, RuntimeVersionArn };
  const put = putRuntime({ Qualifier: "1", UpdateRuntimeOn: "Manual", RuntimeVersionArn });
  expect(await api.client.send(put)).toMatchObject(manual);
  expect(await runtime("1")).toEqual(manual);
  expect(await runtime()).toEqual(auto);
  expect(await api.client.send(putRuntime({ UpdateRuntimeOn: "FunctionUpdate" }))).toMatchObject({
    UpdateRuntimeOn: "FunctionUpdate",
    FunctionArn: arn,
  });
  expect(await runtime("$LATEST")).toEqual({
    UpdateRuntimeOn: "FunctionUpdate",
    FunctionArn: `${arn}:$LATEST`,
  });
  // Back to what it was: the build that Manual had is forgotten.
  await api.client.send(putRuntime({ Qualifier: "1" }));
  expect(await runtime("1")).toEqual({ ...auto, FunctionArn: `${arn}:1` });
});

test("a runtime version goes with Manual, and is the one that the runtime has", async () => {
  await api.client.send(new PublishVersionCommand({ FunctionName: "hello" }));
  await api.client.send(
    new CreateAliasCommand({ FunctionName: "hello", Name: "live", FunctionVersion: "1" }),
  );
  const RuntimeVersionArn = `arn:aws:lambda:us-east-1::runtime:${"0".repeat(64)}`;
  const invalid = { name: "InvalidParameterValueException", status: 400 };
  expect(await api.refusal(putRuntime({ UpdateRuntimeOn: "Manual" }))).toMatchObject(invalid);
  expect(await api.refusal(putRuntime({ UpdateRuntimeOn: "Manual", RuntimeVersionArn }))).toMatchObject(
    invalid,
  );
  expect(await api.refusal(putRuntime({ RuntimeVersionArn }))).toMatchObject(invalid);
  expect(await api.refusal(putRuntime({ UpdateRuntimeOn: "Never" as "Auto" }))).toMatchObject({
    name: "ValidationException",
  });
  for (const qualifier of ["9", "live"]) {
    expect(await api.refusal(getRuntime(qualifier))).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
      message: `Function not found: ${arn}:${qualifier}`,
    });
  }
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  expect(await api.refusal(getRuntime())).toMatchObject({ message: `Function not found: ${arn}` });
});
