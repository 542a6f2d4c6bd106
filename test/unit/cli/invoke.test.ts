import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { type Answer, answerJson, FakeApi, refuse } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";

const invocations = "POST /2015-03-31/functions/hello/invocations";
const streaming = "POST /2021-11-15/functions/hello/response-streaming-invocations";

test("the result goes to stdout, the log's end to stderr", async () => {
  const log = Buffer.from("START RequestId: 1\nEND RequestId: 1\n").toString("base64");
  await using api = await FakeApi.start({
    [invocations]: answerJson({ ok: true }, 200, { "x-amz-log-result": log }),
  });
  const result = await runCli(
    ["invoke", "hello", "--payload", '{"a":1}', "--qualifier", "prod", "--tail"],
    api,
  );
  expect(result).toEqual({
    exitCode: 0,
    stdout: '{"ok":true}\n',
    stderr: "START RequestId: 1\nEND RequestId: 1\n",
  });
  const [call] = api.calls;
  expect(call?.body.toString()).toBe('{"a":1}');
  expect(call?.query.get("Qualifier")).toBe("prod");
  expect(call?.headers["x-amz-log-type"]).toBe("Tail");
});

test("the payload comes from stdin, from a file, or is an empty object", async () => {
  await using api = await FakeApi.start({ [invocations]: answerJson(null) });
  const cwd = await mkdtemp(join(tmpdir(), "brisk-invoke-"));
  await writeFile(join(cwd, "event.json"), '{"from":"file"}');
  await runCli(["invoke", "hello", "--payload", "-"], { env: api.env, stdin: '{"from":"stdin"}' });
  await runCli(["invoke", "hello", "--payload", "@event.json"], { env: api.env, cwd });
  await runCli(["invoke", "hello"], api);
  expect(api.calls.map((call) => call.body.toString())).toEqual([
    '{"from":"stdin"}',
    '{"from":"file"}',
    "{}",
  ]);
  const missing = await runCli(["invoke", "hello", "--payload", "@none.json"], { env: api.env, cwd });
  expect(missing).toMatchObject({
    exitCode: 1,
    stderr: "error: cannot read the payload from none.json: ENOENT\n",
  });
  await rm(cwd, { recursive: true });
});

test("a function's error is exit code 1, with type, message and the user's own frames", async () => {
  const payload = {
    errorType: "TypeError",
    errorMessage: "x is not a function",
    trace: ["TypeError: x is not a function", "    at handler (/var/task/index.mjs:3:5)"],
  };
  await using api = await FakeApi.start({
    [invocations]: answerJson(payload, 200, { "x-amz-function-error": "Unhandled" }),
  });
  expect(await runCli(["invoke", "hello"], api)).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      'error: function "hello" failed: TypeError: x is not a function\n    at handler (/var/task/index.mjs:3:5)\n',
  });
  const json = await runCli(["invoke", "hello", "--json"], api);
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.stdout)).toEqual({ StatusCode: 200, FunctionError: "Unhandled", Payload: payload });
});

test("an unknown function is answered with the name that was meant", async () => {
  await using api = await FakeApi.start({
    "GET /2015-03-31/functions/": answerJson({ Functions: [{ FunctionName: "hello" }] }),
  });
  expect(await runCli(["invoke", "helo"], api)).toMatchObject({
    exitCode: 1,
    stderr: 'error: cannot invoke "helo": no function is called "helo" (did you mean hello?)\n',
  });
});

test("a refusal is told in Lambda's words", async () => {
  await using api = await FakeApi.start({
    [invocations]: refuse(429, "TooManyRequestsException", "Rate Exceeded."),
  });
  expect(await runCli(["invoke", "hello"], api)).toMatchObject({
    exitCode: 1,
    stderr: 'error: cannot invoke "hello": Rate Exceeded.\n',
  });
});

function message(type: string, body: string): Buffer {
  const headers = Buffer.concat([header(":message-type", "event"), header(":event-type", type)]);
  const payload = Buffer.from(body);
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const covered = Buffer.concat([prelude, headers, payload]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(covered));
  return Buffer.concat([covered, checksum]);
}

function header(name: string, value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7]),
    length,
    Buffer.from(value),
  ]);
}

/** In pieces of seven bytes, so that every boundary falls inside a message. */
function answerStream(...messages: Uint8Array[]): Answer {
  return (_, response) => {
    const bytes = Buffer.concat(messages);
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  };
}

test("--stream prints chunks, and a failure at the end is exit code 1", async () => {
  await using api = await FakeApi.start({
    [streaming]: answerStream(
      message("PayloadChunk", "one "),
      message("PayloadChunk", "two"),
      message("InvokeComplete", "{}"),
    ),
  });
  expect(await runCli(["invoke", "hello", "--stream"], api)).toMatchObject({
    exitCode: 0,
    stdout: "one two",
  });

  const details = JSON.stringify({ errorType: "Error", errorMessage: "boom", trace: [] });
  await using failing = await FakeApi.start({
    [streaming]: answerStream(
      message("PayloadChunk", "one "),
      message("InvokeComplete", JSON.stringify({ ErrorCode: "Unhandled", ErrorDetails: details })),
    ),
  });
  expect(await runCli(["invoke", "hello", "--stream"], failing)).toEqual({
    exitCode: 1,
    stdout: "one ",
    stderr: 'error: function "hello" failed: Error: boom\n',
  });
});

test("a stream that breaks off is a failure, whole or in the middle of a message", async () => {
  const chunk = message("PayloadChunk", "one");
  await using early = await FakeApi.start({ [streaming]: answerStream(chunk) });
  expect((await runCli(["invoke", "hello", "--stream"], early)).stderr).toBe(
    'error: cannot invoke "hello": the response stream ended before its last message\n',
  );
  await using torn = await FakeApi.start({ [streaming]: answerStream(chunk.subarray(0, 20)) });
  expect((await runCli(["invoke", "hello", "--stream"], torn)).stderr).toContain("an end inside a message");
  const flipped = Uint8Array.from(chunk);
  flipped[chunk.length - 5] = (flipped[chunk.length - 5] as number) ^ 1;
  await using wrong = await FakeApi.start({ [streaming]: answerStream(flipped) });
  expect((await runCli(["invoke", "hello", "--stream"], wrong)).stderr).toContain("a wrong checksum");
});
