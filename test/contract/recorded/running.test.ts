import { zipSync } from "fflate";
import { afterAll, beforeAll, expect } from "vitest";
import { startServer, type TestServer } from "../../e2e/server.ts";
import { describeRows } from "./describe-rows.ts";
import { send } from "./wire.ts";

// Rows that want functions to run: one server, and one function for all that can be said by its event.

const source = `
const echo = async (event, context) => {
  const asked = event.headers?.["x-answer"];
  console.log("ran", context.awsRequestId);
  if (asked === "throw" || event.fail) throw new Error("no");
  if (event.undefined) return undefined;
  if (event.waitMs) await new Promise((done) => setTimeout(done, event.waitMs));
  if (event.bytes) return "a".repeat(event.bytes);
  return asked === undefined ? event : JSON.parse(asked);
};
exports.handler = echo;
exports.stream = awslambda.streamifyResponse(async (event, stream) => {
  const head = { statusCode: 418, headers: { "x-from": "prelude" } };
  const body = awslambda.HttpResponseStream.from(stream, head);
  body.write("one ");
  body.end("two");
});`;
const role = "arn:aws:iam::000000000000:role/any";

let server: TestServer;
/** Host names of URLs. */
const hosts = { buffered: "", streamed: "", streamHandler: "", closed: "" };
const closed = "/2021-10-31/functions/closed/url";
/** What was replied when it was made; nobody may call it. */
let closedUrl: Record<string, unknown>;

beforeAll(async () => {
  server = await startServer({ maxConcurrency: 1 });
  const files = { "index.js": source };
  const host = async (name: string, more: object) =>
    new URL((await server.deploy({ name, files, ...more })).url as string).host;
  hosts.buffered = await host("buffered", {});
  hosts.streamed = await host("streamed", { url: "stream" });
  hosts.streamHandler = await host("stream-handler", { handler: "index.stream" });
  await server.deploy({ name: "closed", files, url: false });
  const made = await send(server.url, "POST", closed, { AuthType: "NONE" });
  closedUrl = made.json;
  hosts.closed = new URL(String(closedUrl["FunctionUrl"])).host;
});
afterAll(() => server.close());

const url = (host: string, path = "/", options = {}) =>
  server.request({ url: `http://${host}/` } as never, path, options);
const answers = async (value: unknown, host = hosts.buffered) =>
  url(host, "/", { headers: { "x-answer": JSON.stringify(value) } });
const eventOf = async (path: string, options = {}) =>
  JSON.parse((await url(hosts.buffered, path, options)).text);
const invoke = (body: unknown, headers: Record<string, string> = {}, name = "buffered") =>
  send(server.url, "POST", `/2015-03-31/functions/${name}/invocations`, body, headers);
const urls = "/2021-10-31/functions/buffered/url";
const forbidden = (message: string | null) => `{"Message":${JSON.stringify(message)}}`;

describeRows("function-urls", {
  target: async () => {
    for (const Qualifier of ["1", "$LATEST"]) {
      const path = `${urls}?Qualifier=${encodeURIComponent(Qualifier)}`;
      expect(await send(server.url, "POST", path, { AuthType: "NONE" })).toMatchObject({
        status: 400,
        json: {
          message: `1 validation error detected: Value '${Qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)`,
        },
      });
    }
  },
  "one per": async () => {
    expect(await send(server.url, "POST", urls, { AuthType: "NONE" })).toMatchObject({
      status: 409,
      json: {
        Type: "User",
        message:
          "Failed to create function url config for [functionArn = arn:aws:lambda:us-east-1:000000000000:function:buffered]. Error message:  FunctionUrlConfig exists for this Lambda function",
      },
    });
  },
  "invoke mode": async () => {
    expect(closedUrl).not.toHaveProperty("InvokeMode");
    expect((await send(server.url, "PUT", closed, { AuthType: "NONE" })).json).not.toHaveProperty(
      "InvokeMode",
    );
    expect((await send(server.url, "GET", closed)).json).toMatchObject({ InvokeMode: "BUFFERED" });
    const InvokeMode = "RESPONSE_STREAM";
    expect((await send(server.url, "PUT", closed, { InvokeMode })).json).toMatchObject({ InvokeMode });
  },
  denied: async () => {
    const { status, headers, text } = await url(hosts.closed);
    expect(status).toBe(403);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["x-amzn-errortype"]).toBe("AccessDeniedException");
    expect(text).toBe(
      forbidden(
        "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
      ),
    );
  },
  "unknown URL": async () => {
    const host = hosts.buffered.replace(/^\w+/, "a".repeat(32));
    const { status, headers, text } = await url(host);
    expect({ status, text }).toEqual({ status: 403, text: forbidden(null) });
    expect(headers["x-amzn-errortype"]).toBe("AccessDeniedException");
  },
  rawPath: async () => {
    const event = await eventOf("/pa2%Fth/1");
    expect(event).toMatchObject({
      rawPath: "/pa2%Fth/1",
      requestContext: { http: { path: "/pa2%Fth/1" } },
    });
  },
  queryStringParameters: async () => {
    const event = await eventOf("/?multiQuery=foo&multiQuery=%2Fbar");
    expect(event.queryStringParameters).toEqual({ multiQuery: "foo,/bar" });
    expect(event.rawQueryString).toBe("multiQuery=foo&multiQuery=%2Fbar");
  },
  headers: async () => {
    const { headers } = await eventOf("/", { headers: { "X-MiXeD": "With WeiRd CapS" } });
    expect(headers).toMatchObject({ "x-mixed": "With WeiRd CapS" });
  },
  "added headers": async () => {
    const { headers } = await eventOf("/");
    expect(headers).toMatchObject({
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/),
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-port": String(server.port),
      "x-forwarded-proto": "http",
    });
    // This server has no TLS; test/e2e has one that does.
    expect(headers).not.toHaveProperty("x-amzn-tls-version");
  },
  base64: async () => {
    const body = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--';
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const event = await eventOf("/", { method: "POST", headers, body });
    expect(event.isBase64Encoded).toBe(true);
    expect(Buffer.from(event.body, "base64").toString()).toBe(body);
  },
  requestId: async () => {
    const answer = await url(hosts.buffered);
    const id = answer.headers["x-amzn-requestid"];
    expect(JSON.parse(answer.text).requestContext.requestId).toBe(id);
    const logs = await send(server.url, "GET", "/_brisk/logs/buffered");
    expect(logs.text).toContain(`END RequestId: ${id}`);
  },
  "numeric text as status": async () => {
    expect((await answers({ statusCode: "418", body: "teapot" })).status).toBe(418);
  },
  "default content type": async () => {
    const { headers, text } = await answers({ statusCode: 200, body: "body123" });
    expect(headers["content-type"]).toBe("application/json");
    expect(text).toBe("body123");
  },
  "JSON string": async () => {
    const { status, headers, text } = await answers("hello");
    expect({ status, text }).toEqual({ status: 200, text: "hello" });
    expect(headers).toMatchObject({ "content-type": "application/json", "content-length": "5" });
  },
  "number, boolean, array": async () => {
    for (const value of [3, 3.1, true, ["hello", 3, true]]) {
      expect((await answers(value)).text).toBe(JSON.stringify(value));
    }
  },
  object: async () => {
    const { text, body } = await answers({ hello: "world" });
    expect(text).toBe('{"hello":"world"}');
    expect(body.byteLength).toBe(17);
  },
  "function error": async () => {
    const answer = await url(hosts.buffered, "/", { headers: { "x-answer": "throw" } });
    expect(answer).toMatchObject({ status: 502, text: "Internal Server Error" });
  },
  "plain handler in RESPONSE_STREAM": async () => {
    for (const value of ["hello", 3, { hello: "world" }, { statusCode: 418, body: "teapot" }]) {
      const [streamed, buffered] = [await answers(value, hosts.streamed), await answers(value)];
      expect(streamed).toMatchObject({ status: buffered.status, text: buffered.text });
      expect(streamed.headers["content-type"]).toBe(buffered.headers["content-type"]);
    }
  },
  "stream handler in BUFFERED": async () => {
    const answer = await url(hosts.streamHandler);
    expect(answer).toMatchObject({ status: 418, text: "one two", headers: { "x-from": "prelude" } });
  },
});

describeRows("invoke", {
  RequestResponse: async () => {
    const latest = await invoke({ a: 1 });
    expect(latest.headers.get("x-amz-executed-version")).toBe("$LATEST");
    expect(latest.text).toBe('{"a":1}');
    await send(server.url, "POST", "/2015-03-31/functions/buffered/versions", {});
    const first = await invoke({}, {}, "buffered:1");
    expect(first.headers.get("x-amz-executed-version")).toBe("1");
  },
  DryRun: async () => {
    const answer = await invoke({}, { "X-Amz-Invocation-Type": "DryRun" });
    expect(answer).toMatchObject({ status: 204, text: "" });
  },
  undefined: async () => {
    expect(await invoke({ undefined: true })).toMatchObject({ status: 200, text: "null" });
  },
  "no JSON": async () => {
    const answer = await invoke("nope");
    expect(answer).toMatchObject({ status: 400, json: { Type: "User" } });
    expect(answer.headers.get("x-amzn-errortype")).toBe("InvalidRequestContentException");
    expect(answer.json["message"]).toMatch(
      /^Could not parse request body into json: Could not parse payload into json: [^\n]+\n at \[Source: REDACTED .*; line: 1, column: \d+\]$/,
    );
  },
  "response size": async () => {
    // A JSON string has two quotes more than its text.
    expect((await invoke({ bytes: 6_291_554 })).headers.get("x-amz-function-error")).toBeNull();
    const answer = await invoke({ bytes: 6_291_555 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-amz-function-error")).toBe("Unhandled");
    expect(answer.json).toEqual({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    });
  },
  throttle: async () => {
    // The account has room for one.
    const both = await Promise.all([invoke({ waitMs: 500 }), invoke({ waitMs: 500 })]);
    const throttled = both.find(({ status }) => status === 429);
    expect(throttled?.headers.get("x-amzn-errortype")).toBe("TooManyRequestsException");
    expect(throttled?.text).toBe(
      '{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}',
    );
  },
  Event: async () => {
    const answer = await invoke({}, { "X-Amz-Invocation-Type": "Event" });
    expect(answer).toMatchObject({ status: 202, text: "" });
    expect(answer.headers.has("x-amz-executed-version")).toBe(false);
  },
});

const create = (ZipFile: string) =>
  send(server.url, "POST", "/2015-03-31/functions", {
    FunctionName: "large",
    Runtime: "nodejs22.x",
    Role: role,
    Handler: "index.handler",
    Code: { ZipFile },
  });

describeRows("limits", {
  "zip, direct": async () => {
    const answer = await create(Buffer.alloc(52_428_801).toString("base64"));
    expect(answer).toMatchObject({
      status: 413,
      json: { message: "Zipped size must be smaller than 52428800 bytes" },
    });
  },
  "CreateFunction request": async () => {
    expect(
      await send(server.url, "POST", "/2015-03-31/functions", Buffer.alloc(70_167_212, " ")),
    ).toMatchObject({
      status: 413,
      json: {
        message: "Request must be smaller than 70167211 bytes for the CreateFunction operation",
      },
    });
  },
  unzipped: async () => {
    const zip = Buffer.from(zipSync({ "index.js": Buffer.from(source) }));
    // The size that the zip's directory says its one file has.
    zip.writeUInt32LE(262_144_001, zip.indexOf("PK\x01\x02") + 24);
    expect(await create(zip.toString("base64"))).toMatchObject({
      status: 400,
      json: { message: "Unzipped size must be smaller than 262144000 bytes" },
    });
  },
  "synchronous payload": async () => {
    // Quotes count.
    const largest = JSON.stringify("a".repeat(6_291_454));
    expect((await invoke(largest, { "X-Amz-Invocation-Type": "DryRun" })).status).toBe(204);
    const answer = await invoke(`${largest} `);
    expect(answer).toMatchObject({
      status: 413,
      json: {
        message:
          "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)",
      },
    });
  },
});

describeRows("layers at work", {
  "search order": async () => {
    const layer = async (name: string, files: Record<string, string>) => {
      const content = Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]),
      );
      const { json } = await send(server.url, "POST", `/2018-10-31/layers/${name}/versions`, {
        Content: { ZipFile: Buffer.from(zipSync(content)).toString("base64") },
      });
      return String(json["LayerVersionArn"]);
    };
    const says = (text: string) => `module.exports = ${JSON.stringify(text)};`;
    const tools = await layer("tools", {
      "nodejs/node22/node_modules/a/index.js": says("node22"),
      "nodejs/node_modules/a/index.js": says("any node"),
      "nodejs/node_modules/b/index.js": says("any node"),
      "nodejs/node_modules/c/index.js": says("layer"),
    });
    await server.deploy({
      name: "layered",
      files: {
        "index.js": 'exports.handler = async () => [require("a"), require("b"), require("c")];',
        "node_modules/c/index.js": says("task"),
      },
      layers: [tools],
      runtime: "nodejs22.x",
    });
    expect((await invoke({}, {}, "layered")).json).toEqual(["node22", "any node", "task"]);
  },
});
