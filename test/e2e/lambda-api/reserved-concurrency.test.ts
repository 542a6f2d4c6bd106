import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { arn, definition, type LambdaApiUnderTest, serveLambdaApi } from "./serve-lambda-api.ts";

let api: LambdaApiUnderTest;
beforeEach(async () => {
  api = await serveLambdaApi();
});
afterEach(() => api.close());

const put = (ReservedConcurrentExecutions: number, FunctionName = "hello") =>
  new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions });
const get = (FunctionName = "hello") => new GetFunctionConcurrencyCommand({ FunctionName });
const remove = (FunctionName = "hello") => new DeleteFunctionConcurrencyCommand({ FunctionName });
const unreserved = async () => {
  const { AccountLimit } = await api.client.send(new GetAccountSettingsCommand({}));
  return AccountLimit?.UnreservedConcurrentExecutions;
};
const body = async (method: string, path: string, content?: object) => {
  const response = await fetch(api.origin + path, {
    method,
    ...(content !== undefined && { body: JSON.stringify(content) }),
  });
  return { status: response.status, body: await response.json() };
};

test("recorded: concurrency is reserved, shown and given back", async () => {
  await api.createActive();
  const before = await api.client.send(new GetFunctionCommand({ FunctionName: "hello" }));
  expect(before).not.toHaveProperty("Concurrency");
  const path = "/2017-10-31/functions/hello/concurrency";
  expect(await body("PUT", path, { ReservedConcurrentExecutions: 0 })).toEqual({
    status: 200,
    body: { ReservedConcurrentExecutions: 0 },
  });
  const stopped = await api.client.send(new GetFunctionCommand({ FunctionName: "hello" }));
  expect(stopped.Concurrency).toEqual({ ReservedConcurrentExecutions: 0 });
  // Neither the version nor its RevisionId changes.
  expect(stopped.Configuration).toEqual(before.Configuration);
  await api.client.send(put(1));
  expect((await api.client.send(get(arn))).ReservedConcurrentExecutions).toBe(1);
  expect(await unreserved()).toBe(999);
  expect((await api.client.send(remove())).$metadata.httpStatusCode).toBe(204);
  expect(await body("GET", "/2019-09-30/functions/hello/concurrency")).toEqual({ status: 200, body: {} });
  expect((await api.client.send(remove())).$metadata.httpStatusCode).toBe(204);
  expect(await unreserved()).toBe(1000);
});

test("recorded: 100 stay unreserved, over all functions, and the refusal has no Type", async () => {
  await api.createActive();
  await api.client.send(new CreateFunctionCommand(definition({ FunctionName: "other" })));
  const message =
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].";
  for (const tooMany of [1001, 1000, 901]) {
    expect(
      await body("PUT", "/2017-10-31/functions/hello/concurrency", { ReservedConcurrentExecutions: tooMany }),
    ).toEqual({ status: 400, body: { message } });
  }
  await api.client.send(put(900));
  expect(await unreserved()).toBe(100);
  expect(await api.refusal(put(1, "other"))).toEqual({
    name: "InvalidParameterValueException",
    status: 400,
    message,
  });
  // What a function has does not count against what it gets instead, and none is always to be had.
  await api.client.send(put(899));
  await api.client.send(put(1, "other"));
  await api.client.send(put(0, "other"));
  await api.client.send(new DeleteFunctionCommand({ FunctionName: "hello" }));
  expect(await unreserved()).toBe(1000);
});

test("of reservations that are asked for at once, no more are made than the account has", async () => {
  const names = Array.from({ length: 5 }, (_, n) => `f${n}`);
  for (const FunctionName of names) {
    await api.client.send(new CreateFunctionCommand(definition({ FunctionName })));
  }
  const made = await Promise.allSettled(names.map((name) => api.client.send(put(300, name))));
  expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(await unreserved()).toBe(100);
});

test("recorded: a function that is not there, and a qualifier, $LATEST too", async () => {
  await api.createActive({ Publish: true });
  const missing = arn.replace("hello", "doesnotexist");
  for (const executions of [0, 1]) {
    expect(await api.refusal(put(executions, "doesnotexist"))).toEqual({
      name: "ResourceNotFoundException",
      status: 404,
      message: `Function not found: ${missing}:$LATEST`,
    });
  }
  expect(await api.refusal(get("doesnotexist"))).toEqual({
    name: "ResourceNotFoundException",
    status: 404,
    message: `Function not found: ${missing}`,
  });
  for (const qualified of [`${arn}:$LATEST`, "hello:1", "hello:live"]) {
    for (const command of [put(0, qualified), get(qualified), remove(qualified)]) {
      expect(await api.refusal(command as ReturnType<typeof put>)).toEqual({
        name: "InvalidParameterValueException",
        status: 400,
        message:
          "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.",
      });
    }
  }
  expect(await api.refusal(put(-1))).toEqual({
    name: "ValidationException",
    status: 400,
    message:
      "1 validation error detected: Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0",
  });
});
