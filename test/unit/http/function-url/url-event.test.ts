import { expect, test } from "vitest";
import { readRequestFacts } from "../../../../src/http/function-url/request-facts.ts";
import { parseRequestTarget, splitUrlPath } from "../../../../src/http/function-url/request-target.ts";
import { ClfTime, urlEventTemplate, urlEventText } from "../../../../src/http/function-url/url-event.ts";

const id = "abcdefghijklmnopqrstuvwxyz012345";
const domainName = `${id}.lambda-url.us-east-1.localhost`;
const epochMs = Date.UTC(2020, 2, 12, 19, 3, 58, 390);
const peer = { address: "::ffff:10.1.2.3", port: 9000, isSecure: false };

function eventOf(
  rawTarget: string,
  rawHeaders: string[],
  options: { body?: Buffer; method?: string; trustForwarded?: boolean } = {},
) {
  const target = parseRequestTarget(rawTarget);
  if (target === undefined) throw new Error(`Not a request target: ${rawTarget}`);
  const facts = readRequestFacts(rawHeaders, peer, options.trustForwarded ?? false);
  const host = { urlId: id, domainName };
  return JSON.parse(
    urlEventText(urlEventTemplate(host, options.method ?? "GET", "1.1", target, facts), {
      requestId: "11111111-2222-3333-4444-555555555555",
      traceJson: '"Root=1-67891233-abcdef012345678912345678"',
      epochMs,
      time: new ClfTime().at(epochMs),
      body: options.body,
      isText: facts.isText,
    }),
  );
}

test("the event has the members of payload 2.0, and only those that apply", () => {
  expect(eventOf("/my/path", ["Host", `${domainName}:9000`])).toEqual({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/my/path",
    rawQueryString: "",
    headers: {
      host: `${domainName}:9000`,
      "x-forwarded-for": "10.1.2.3",
      "x-forwarded-port": "9000",
      "x-forwarded-proto": "http",
      "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
    },
    requestContext: {
      accountId: "anonymous",
      apiId: id,
      domainName,
      domainPrefix: id,
      http: { method: "GET", path: "/my/path", protocol: "HTTP/1.1", sourceIp: "10.1.2.3" },
      requestId: "11111111-2222-3333-4444-555555555555",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2020:19:03:58 +0000",
      timeEpoch: epochMs,
    },
    isBase64Encoded: false,
  });
});

const hostile = [
  'a"b',
  "a\\",
  '","x":"',
  "\u2028\u2029",
  "é\x80ÿ",
  "__proto__",
  "constructor",
  "</script>",
  "\ud800",
  "%00%22%5C%zz",
  "{}[]",
  "$&$1`",
];

test.each(hostile)("%j anywhere in a request comes out as the same text, and adds no member", (text) => {
  const event = eventOf(
    `/p/${text}?${encodeURIComponent(text.toWellFormed())}=${text}&plain=1`,
    [
      ["Host", domainName],
      ["X-Text", text],
      [text, "as a name"],
      ["User-Agent", text],
      ["Cookie", `a=${text.replaceAll(";", "")}`],
      ["Content-Type", "text/plain"],
    ].flat(),
    { body: Buffer.from(text) },
  );
  const plain = eventOf(
    "/p/?q=1&plain=1",
    [
      ["Host", domainName],
      ["X-Text", "t"],
      ["User-Agent", "t"],
      ["Cookie", "a=t"],
      ["Content-Type", "text/plain"],
    ].flat(),
    { body: Buffer.from("t") },
  );
  expect(Object.keys(event)).toEqual(Object.keys(plain));
  expect(Object.keys(event.requestContext)).toEqual(Object.keys(plain.requestContext));
  expect(Object.keys(event.requestContext.http)).toEqual(Object.keys(plain.requestContext.http));
  expect(event.rawPath).toBe(`/p/${text}`);
  expect(event.requestContext.http.path).toBe(`/p/${text}`);
  expect(event.headers["x-text"]).toBe(text);
  expect(Object.getOwnPropertyDescriptor(event.headers, text.toLowerCase())?.value).toBe("as a name");
  expect(event.requestContext.http.userAgent).toBe(text);
  expect(event.cookies).toEqual([`a=${text}`.trim()]);
  expect(event.queryStringParameters.plain).toBe("1");
  expect(Object.hasOwn(event.queryStringParameters, text.toWellFormed())).toBe(true);
  expect(event.body).toBe(text.toWellFormed());
  expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
});

test("queries: raw text kept, parameters decoded, repeats joined, broken escapes tolerated", () => {
  const event = eventOf("/?multiQuery=foo&multiQuery=%2Fbar&b=&c&sp=a+b&bad=%E0%A4%A&x=%zz", []);
  expect(event.rawQueryString).toBe("multiQuery=foo&multiQuery=%2Fbar&b=&c&sp=a+b&bad=%E0%A4%A&x=%zz");
  expect(event.queryStringParameters).toMatchObject({
    multiQuery: "foo,/bar",
    b: "",
    c: "",
    sp: "a b",
    x: "%zz",
  });
  expect(eventOf("/?", [])).not.toHaveProperty("queryStringParameters");
});

test("paths keep their escapes, valid or not; an absolute-form target is reduced to its path", () => {
  expect(eventOf("/pa2%Fth/1", []).rawPath).toBe("/pa2%Fth/1");
  expect(eventOf("/a%20b//c/..", []).rawPath).toBe("/a%20b//c/..");
  expect(eventOf("http://u@h.example:1/x?y=1", []).rawPath).toBe("/x");
  expect(parseRequestTarget("http://u@h.example:1/x?y=1")?.authority).toBe("h.example:1");
  expect(eventOf("http://h.example?y=1", []).rawQueryString).toBe("y=1");
  expect(parseRequestTarget("*")).toBeUndefined();
  expect(parseRequestTarget("h.example:443")).toBeUndefined();
});

test("a URL path names its URL, and the function sees what follows", () => {
  const whole = parseRequestTarget(`/_url/${id.toUpperCase()}/a/b?c=1`);
  expect(whole && splitUrlPath(whole)).toMatchObject({ urlId: id, target: { path: "/a/b", query: "c=1" } });
  const bare = parseRequestTarget(`/_url/${id}`);
  expect(bare && splitUrlPath(bare)).toMatchObject({ urlId: id, target: { path: "/" } });
  const longer = parseRequestTarget(`/_url/${id}x/`);
  expect(longer && splitUrlPath(longer)).toBeUndefined();
});

test("headers: names lower-cased, repeats joined, values kept, hop-by-hop ones and cookies left out", () => {
  const event = eventOf(
    "/",
    [
      ["X-A", "With WeiRd CapS"],
      ["x-a", "2"],
      ["Cookie", "c1=v1; c2=v2"],
      ["cookie", "c3=a b"],
      ["Connection", "keep-alive"],
      ["Transfer-Encoding", "chunked"],
    ].flat(),
  );
  expect(event.headers["x-a"]).toBe("With WeiRd CapS,2");
  expect(event.cookies).toEqual(["c1=v1", "c2=v2", "c3=a b"]);
  for (const name of ["connection", "transfer-encoding", "cookie"])
    expect(event.headers).not.toHaveProperty(name);
});

test("what a client says about its own address, protocol or trace is believed of a trusted proxy only", () => {
  const claims = [
    ["X-Forwarded-For", "6.6.6.6, 7.7.7.7"],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-Port", "443"],
    ["x-amzn-tls-version", "TLSv1.3"],
  ].flat();
  const untrusted = eventOf("/", claims);
  expect(untrusted.headers["x-forwarded-for"]).toBe("10.1.2.3");
  expect(untrusted.headers["x-forwarded-proto"]).toBe("http");
  expect(untrusted.headers).not.toHaveProperty("x-amzn-tls-version");
  expect(untrusted.requestContext.http.sourceIp).toBe("10.1.2.3");
  const trusted = eventOf("/", claims, { trustForwarded: true });
  expect(trusted.headers["x-forwarded-for"]).toBe("6.6.6.6, 7.7.7.7");
  expect(trusted.headers["x-forwarded-proto"]).toBe("https");
  expect(trusted.headers["x-forwarded-port"]).toBe("443");
  expect(trusted.requestContext.http.sourceIp).toBe("7.7.7.7");
});

test.each([
  ["text/plain", true],
  ["TEXT/HTML; charset=utf-8", true],
  ["application/json", true],
  ["application/xml", true],
  ["application/javascript", true],
  ["application/problem+json", true],
  ["image/svg+xml", true],
  ["application/x-www-form-urlencoded", false],
  ["multipart/form-data; boundary=x", false],
  ["application/octet-stream", false],
  [undefined, false],
])("a body of type %s is text: %s", (type, isText) => {
  const body = Buffer.from('{"ä":1}');
  const event = eventOf("/", type === undefined ? [] : ["Content-Type", type], { body });
  expect(event.isBase64Encoded).toBe(!isText);
  expect(event.body).toBe(body.toString(isText ? "utf8" : "base64"));
});

test("a text body that is not UTF-8 travels as base64, undamaged", () => {
  const body = Buffer.from([0x66, 0xe9, 0xff]);
  const event = eventOf("/", ["Content-Type", "text/plain; charset=latin1"], { body });
  expect(event.isBase64Encoded).toBe(true);
  expect(Buffer.from(event.body, "base64")).toEqual(body);
});

test("an empty body is no body", () => {
  expect(eventOf("/", [], { body: Buffer.alloc(0) })).not.toHaveProperty("body");
});
