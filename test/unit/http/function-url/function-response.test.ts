import { expect, test } from "vitest";
import { toFunctionResponse } from "../../../../src/http/function-url/function-response.ts";
import { maxResultBytes } from "../../../../src/model/payload-limits.ts";

function respond(result: unknown) {
  return toFunctionResponse(Buffer.from(JSON.stringify(result) ?? "null"));
}

function headersOf(result: unknown): string[] | undefined {
  return respond(result)?.headers;
}

test.each([
  ["hello", "hello"],
  ["", ""],
  ['say "statusCode"', 'say "statusCode"'],
  [3, "3"],
  [3.1, "3.1"],
  [true, "true"],
  [["hello", 3, true], '["hello",3,true]'],
  [{ hello: "world" }, '{"hello":"world"}'],
  [{ nested: { statusCode: 404 } }, '{"nested":{"statusCode":404}}'],
  [[{ statusCode: 404 }], '[{"statusCode":404}]'],
  [null, "null"],
  [undefined, "null"],
])("a result without statusCode, %j, is a 200 of JSON with body %s", (result, body) => {
  expect(respond(result)).toEqual({ status: 200, headers: ["Content-Type", "application/json"], body });
});

test("a result with statusCode says all", () => {
  expect(
    respond({
      statusCode: "418",
      headers: { "content-type": "text/plain", "x-n": 1, "x-b": true, "x-l": ["a", 2], "x-none": null },
      cookies: ["a=1; Path=/", "b=2"],
      body: "short",
    }),
  ).toEqual({
    status: 418,
    headers: [
      "content-type",
      "text/plain",
      "x-n",
      "1",
      "x-b",
      "true",
      "x-l",
      "a,2",
      "Set-Cookie",
      "a=1; Path=/",
      "Set-Cookie",
      "b=2",
    ],
    body: "short",
  });
});

test("bodies: absent is empty, other than text is JSON, base64 is decoded", () => {
  expect(respond({ statusCode: 200 })?.body).toBe("");
  expect(respond({ statusCode: 200, body: null })?.body).toBe("");
  expect(respond({ statusCode: 200, body: { a: 1 } })?.body).toBe('{"a":1}');
  expect(respond({ statusCode: 200, body: 5 })?.body).toBe("5");
  expect(respond({ statusCode: 200, body: "/+8=", isBase64Encoded: true })?.body).toEqual(
    Buffer.from([0xff, 0xef]).subarray(0, 2),
  );
  expect(respond({ statusCode: 200, body: "body123" })?.headers).toEqual([
    "Content-Type",
    "application/json",
  ]);
});

test.each([
  [{ statusCode: null }],
  [{ statusCode: "abc" }],
  [{ statusCode: 200.5 }],
  [{ statusCode: 99 }],
  [{ statusCode: 101 }],
  [{ statusCode: 600 }],
  [{ statusCode: "0200" }],
  [{ statusCode: [200] }],
  [{ statusCode: 200, headers: "x" }],
  [{ statusCode: 200, headers: ["x"] }],
  [{ statusCode: 200, headers: { "a b": "1" } }],
  [{ statusCode: 200, headers: { "": "1" } }],
  [{ statusCode: 200, headers: { a: "1\r\nSet-Cookie: x=1" } }],
  [{ statusCode: 200, headers: { a: "1\nb" } }],
  [{ statusCode: 200, headers: { "a\r\nb": "1" } }],
  [{ statusCode: 200, headers: { a: "\u0000" } }],
  [{ statusCode: 200, headers: { a: "snow ☃" } }],
  [{ statusCode: 200, headers: { a: { b: 1 } } }],
  [{ statusCode: 200, headers: { a: "x".repeat(70_000) } }],
  [{ statusCode: 200, cookies: "a=1" }],
  [{ statusCode: 200, cookies: [1] }],
  [{ statusCode: 200, cookies: ["a=1\r\nX: y"] }],
  [{ statusCode: 200, body: "%%%%", isBase64Encoded: true }],
  [{ statusCode: 200, body: "abcde", isBase64Encoded: true }],
  [{ statusCode: 200, isBase64Encoded: "yes" }],
])("%j describes no valid response", (result) => {
  expect(respond(result)).toBeUndefined();
});

test("text that is not JSON, and results over the limit, are no valid response", () => {
  expect(toFunctionResponse(Buffer.from('{"statusCode":'))).toBeUndefined();
  expect(toFunctionResponse(Buffer.from('"open'))).toBeUndefined();
  expect(toFunctionResponse(Buffer.alloc(maxResultBytes + 1, "1"))).toBeUndefined();
  expect(toFunctionResponse(Buffer.alloc(maxResultBytes, "1"))?.status).toBe(200);
});

test("headers that frame the message, or that Lambda keeps for itself, are renamed or dropped", () => {
  expect(
    headersOf({
      statusCode: 200,
      headers: {
        "Content-Length": "5",
        Connection: "close",
        Date: "x",
        Server: "s",
        "WWW-Authenticate": "Basic",
        "Transfer-Encoding": "chunked",
        "x-amzn-requestid": "mine",
        "Content-Type": "a/b",
      },
    }),
  ).toEqual([
    "x-amzn-Remapped-Content-Length",
    "5",
    "x-amzn-Remapped-Connection",
    "close",
    "x-amzn-Remapped-Date",
    "x",
    "x-amzn-Remapped-Server",
    "s",
    "x-amzn-Remapped-WWW-Authenticate",
    "Basic",
    "Content-Type",
    "a/b",
  ]);
});

test("an own __proto__ member is an ordinary header, and changes nothing", () => {
  const text = '{"statusCode":200,"headers":{"__proto__":"x"},"__proto__":{"cookies":["a=1"]}}';
  expect(toFunctionResponse(Buffer.from(text))?.headers).toEqual([
    "__proto__",
    "x",
    "Content-Type",
    "application/json",
  ]);
});
