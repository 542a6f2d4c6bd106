import { request as httpRequest } from "node:http";
import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createListeners, createUrlHandler, invocationRoutes, type Listeners } from "../../src/http/index.ts";
import { ResourceNotFoundException, TooManyRequestsException } from "../../src/model/errors.ts";
import { ScriptedInvoker, scriptedSpec } from "../unit/http/scripted-invoker.ts";

const invoker = new ScriptedInvoker();
const resolved: [string, string | undefined][] = [];
const directory = {
  resolveInvoke(name: string, qualifier: string | undefined) {
    resolved.push([name, qualifier]);
    if (name.endsWith("gone")) throw new ResourceNotFoundException(`Function not found: ${name}`);
    return { spec: scriptedSpec, invokedFunctionArn: scriptedSpec.functionArn };
  },
};
let listeners: Listeners;
let lambda: LambdaClient;

beforeAll(async () => {
  listeners = await createListeners({
    config: { host: "127.0.0.1", port: 0, urlListen: undefined, auth: "none" },
    api: new Hono().route("/", invocationRoutes({ directory, invoker })),
    urls: createUrlHandler({
      directory: { findUrl: () => undefined },
      invoker,
      config: { region: "us-east-1", domains: [], trustForwarded: false, streamBytesPerSecond: 0 },
    }),
  });
  lambda = new LambdaClient({
    endpoint: listeners.url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  lambda.destroy();
  await listeners.close();
});

beforeEach(() => {
  invoker.refusal = undefined;
  invoker.script = (invocation) => invocation.succeed({ got: invocation.event });
  invoker.isSynchronous = false;
});

const text = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString();

test("Invoke carries payload, version and request id", async () => {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: "hello", Payload: '{"a":"ü"}' }));
  expect(text(answer.Payload)).toBe('{"got":{"a":"ü"}}');
  expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
  expect(answer.FunctionError).toBeUndefined();
  expect(answer.$metadata.requestId).toBe(invoker.last.requestId);
  expect(invoker.last.request.traceId).toMatch(/^Root=1-/);
});

test("Invoke passes an ARN and a qualifier on as they were given, and an empty payload as {}", async () => {
  await lambda.send(new InvokeCommand({ FunctionName: scriptedSpec.functionArn, Qualifier: "live" }));
  expect(resolved.at(-1)).toEqual([scriptedSpec.functionArn, "live"]);
  expect(invoker.last.event).toEqual({});
});

test("Invoke passes the client context on as JSON", async () => {
  const ClientContext = Buffer.from('{"Custom":{"a":1}}').toString("base64");
  await lambda.send(new InvokeCommand({ FunctionName: "hello", ClientContext }));
  expect(invoker.last.request.clientContext).toBe('{"Custom":{"a":1}}');
  await expect(
    lambda.send(new InvokeCommand({ FunctionName: "hello", ClientContext: "bm8=" })),
  ).rejects.toThrow("Client context must be a valid Base64-encoded JSON object.");
  await expect(
    lambda.send(new InvokeCommand({ FunctionName: "hello", ClientContext: "a".repeat(3584) })),
  ).rejects.toMatchObject({ name: "ValidationException" });
});

test("a function's failure is a 200 with FunctionError, and its log's tail when asked for", async () => {
  invoker.script = (invocation) => {
    expect(invocation.logTail).toBe(true);
    invocation.settle({ kind: "timedOut", timeoutMs: 1000 }, "START\nEND\n");
  };
  const answer = await lambda.send(new InvokeCommand({ FunctionName: "hello", LogType: "Tail" }));
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
  expect(JSON.parse(text(answer.Payload))).toEqual({
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${invoker.last.requestId} Error: Task timed out after 1.00 seconds`,
  });
  expect(Buffer.from(answer.LogResult ?? "", "base64").toString()).toBe("START\nEND\n");
});

test("a result over the limit is Lambda's own error, streamed or not", async () => {
  const expected = {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  };
  invoker.script = (invocation) => invocation.succeed("x".repeat(6_291_556));
  const whole = await lambda.send(new InvokeCommand({ FunctionName: "hello" }));
  expect(whole.FunctionError).toBe("Unhandled");
  expect(JSON.parse(text(whole.Payload))).toEqual(expected);
  invoker.script = (invocation) => {
    invocation.stream("a/b", Buffer.alloc(6_291_556), "x");
    expect(invocation.isAborted).toBe(true);
    invocation.settle({ kind: "aborted" });
  };
  const streamed = await lambda.send(new InvokeCommand({ FunctionName: "hello" }));
  expect(JSON.parse(text(streamed.Payload))).toEqual(expected);
});

test("a streaming function's chunks come as one payload from Invoke", async () => {
  invoker.script = (invocation) => invocation.stream("text/plain", "a", "b").settle({ kind: "streamed" });
  const answer = await lambda.send(new InvokeCommand({ FunctionName: "hello" }));
  expect(text(answer.Payload)).toBe("ab");
  expect(invoker.last.consumedBytes).toBe(2);
});

test("DryRun checks and does not invoke; Event is refused for now", async () => {
  const before = invoker.invocations.length;
  expect(
    await lambda.send(new InvokeCommand({ FunctionName: "hello", InvocationType: "DryRun" })),
  ).toMatchObject({ StatusCode: 204 });
  await expect(
    lambda.send(new InvokeCommand({ FunctionName: "hello", InvocationType: "Event" })),
  ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  expect(invoker.invocations.length).toBe(before);
});

test("refusals arrive as the SDK's own exceptions", async () => {
  await expect(lambda.send(new InvokeCommand({ FunctionName: "gone" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "Function not found: gone",
  });
  invoker.refusal = new TooManyRequestsException("ReservedFunctionConcurrentInvocationLimitExceeded");
  const throttle = {
    name: "TooManyRequestsException",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
  };
  const input = { FunctionName: "hello" };
  await expect(lambda.send(new InvokeCommand(input))).rejects.toMatchObject(throttle);
  await expect(lambda.send(new InvokeWithResponseStreamCommand(input))).rejects.toMatchObject(throttle);
});

test.each([
  ["abc", "Unrecognized token 'abc'", "line: 1, column: 4"],
  ['{"a":', "Unexpected end-of-input", "line: 1, column: 6"],
  ['{"a":1}\n}', "Unexpected character ('}' (code 125))", "line: 2, column: 1"],
])("a payload of %j is refused with the place of the error", async (Payload, detail, place) => {
  const refused = lambda.send(new InvokeCommand({ FunctionName: "hello", Payload }));
  await expect(refused).rejects.toMatchObject({ name: "InvalidRequestContentException" });
  await expect(refused).rejects.toThrow(
    `Could not parse request body into json: Could not parse payload into json: ${detail}`,
  );
  await expect(refused).rejects.toThrow(place);
});

test("a payload of 6 MB is taken; one byte more is a 413 that says how many", async () => {
  invoker.script = (invocation) => invocation.succeed(String(invocation.request.payload).length);
  const payload = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
  const taken = await lambda.send(new InvokeCommand({ FunctionName: "hello", Payload: payload(6_291_456) }));
  expect(text(taken.Payload)).toBe("6291456");
  await expect(
    lambda.send(new InvokeCommand({ FunctionName: "hello", Payload: payload(6_291_457) })),
  ).rejects.toMatchObject({
    name: "RequestEntityTooLargeException",
    message:
      "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)",
  });
});

test("InvokeWithResponseStream gives chunks as they are written, then InvokeComplete", async () => {
  invoker.script = () => {};
  const before = invoker.invocations.length;
  const pending = lambda.send(
    new InvokeWithResponseStreamCommand({ FunctionName: "hello", LogType: "Tail", Payload: "1" }),
  );
  while (invoker.invocations.length === before) await new Promise((resolve) => setImmediate(resolve));
  const invocation = invoker.last.stream("text/plain", "one");
  const answer = await pending;
  expect(answer.ExecutedVersion).toBe("$LATEST");
  const events = answer.EventStream?.[Symbol.asyncIterator]();
  expect(text((await events?.next())?.value.PayloadChunk.Payload)).toBe("one");
  invocation.observer.chunk(Buffer.from("two"));
  expect(text((await events?.next())?.value.PayloadChunk.Payload)).toBe("two");
  invocation.settle({ kind: "streamed" }, "the log");
  expect((await events?.next())?.value).toEqual({
    InvokeComplete: { LogResult: Buffer.from("the log").toString("base64") },
  });
  expect((await events?.next())?.done).toBe(true);
  expect(invocation.consumedBytes).toBe(6);
});

test.each([true, false])(
  "InvokeWithResponseStream tells of a failure, midway or not, in InvokeComplete (at once: %s)",
  async (now) => {
    invoker.isSynchronous = now;
    invoker.script = (invocation) =>
      invocation.stream("text/plain", "one").settle({ kind: "exited", reason: "without providing a reason" });
    const answer = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: "hello" }));
    const events = [];
    for await (const event of answer.EventStream ?? []) events.push(event);
    expect(text(events[0]?.PayloadChunk?.Payload)).toBe("one");
    expect(events[1]?.InvokeComplete?.ErrorCode).toBe("Unhandled");
    expect(JSON.parse(events[1]?.InvokeComplete?.ErrorDetails ?? "")).toMatchObject({
      errorType: "Runtime.ExitError",
    });
  },
);

test("InvokeWithResponseStream of a function that does not stream is one chunk", async () => {
  const answer = await lambda.send(
    new InvokeWithResponseStreamCommand({ FunctionName: "hello", Payload: "1" }),
  );
  const events = [];
  for await (const event of answer.EventStream ?? []) events.push(event);
  expect(text(events[0]?.PayloadChunk?.Payload)).toBe('{"got":1}');
  expect(events[1]).toEqual({ InvokeComplete: {} });
});

test("a client that leaves InvokeWithResponseStream stops the function", async () => {
  invoker.script = () => {};
  const before = invoker.invocations.length;
  const request = httpRequest(`${listeners.url}/2021-11-15/functions/hello/response-streaming-invocations`, {
    method: "POST",
  });
  request.on("error", () => {});
  request.end("{}");
  while (invoker.invocations.length === before) await new Promise((resolve) => setImmediate(resolve));
  request.destroy();
  await invoker.last.aborted.promise;
});

test("the routes work the same without node:http below them", async () => {
  const app = invocationRoutes({ directory, invoker });
  const answer = await app.request("/2015-03-31/functions/hello/invocations", {
    method: "POST",
    body: "[1]",
  });
  expect(await answer.text()).toBe('{"got":[1]}');
  expect(answer.headers.get("x-amz-executed-version")).toBe("$LATEST");
  const refused = await app.request("/2015-03-31/functions/gone/invocations", { method: "POST" });
  expect(refused.status).toBe(404);
});
