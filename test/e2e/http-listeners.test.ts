import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createListeners, createUrlHandler, type Listeners } from "../../src/http/index.ts";
import { NodeResponseSink } from "../../src/http/node-response-sink.ts";
import { stalledClientMs } from "../../src/model/payload-limits.ts";
import { type ScriptedInvoker, scriptedUrl } from "../unit/http/scripted-invoker.ts";
import { ListeningUnderTest, urlHost } from "./listening.ts";

const id = scriptedUrl.urlId;

let server: ListeningUnderTest;
let invoker: ScriptedInvoker;
let listeners: Listeners;

beforeEach(async () => {
  server = await ListeningUnderTest.start({ urlListen: "127.0.0.1:0" });
  ({ invoker, listeners } = server);
});

afterEach(() => server[Symbol.asyncDispose]());

const open = (port?: number) => server.open(port);
const exchange = (text: string, port?: number) => server.exchange(text, port);

async function untilInvoked(): Promise<void> {
  while (invoker.invocations.length === 0) await new Promise((resolve) => setImmediate(resolve));
}

const get = (target: string, host: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

test("requests are routed by Host: URLs to functions, all else to the API", async () => {
  expect(await exchange(get("/x", `${urlHost.toUpperCase()}.:1234`))).toContain("HTTP/1.1 200 OK");
  expect(invoker.last.event).toMatchObject({ rawPath: "/x" });
  expect(await exchange(get("/api", "localhost"))).toContain("the API");
  expect(await exchange(get("/api", urlHost))).toContain("null");
  expect(invoker.last.event).toMatchObject({ rawPath: "/api" });
});

test("an absolute-form target names the host, whatever the Host header says", async () => {
  expect(await exchange(get(`http://${urlHost}:9000/abs?a=1`, "localhost"))).toContain("200 OK");
  expect(invoker.last.event).toMatchObject({ rawPath: "/abs", rawQueryString: "a=1" });
  const before = invoker.invocations.length;
  expect(await exchange(get("http://localhost/api", urlHost))).not.toContain("null");
  expect(invoker.invocations.length).toBe(before);
});

test("the path form is served by the URL listener, never on the API's origin", async () => {
  const port = listeners.urlListener?.port ?? 0;
  expect(await exchange(get(`/_url/${id}/deep?q`, "localhost"), port)).toContain("200 OK");
  expect(invoker.last.event).toMatchObject({ rawPath: "/deep", rawQueryString: "q" });
  expect(await exchange(get(`/_url/${id}/deep`, "localhost"))).toContain("404 Not Found");
});

test("the URL listener serves nothing else", async () => {
  const port = listeners.urlListener?.port ?? 0;
  for (const path of ["/api", "/"])
    expect(await exchange(get(path, "localhost"), port)).toContain("403 Forbidden");
});

test("targets and methods that no URL has are refused in order", async () => {
  expect(await exchange(`OPTIONS * HTTP/1.1\r\nHost: ${urlHost}\r\nConnection: close\r\n\r\n`)).toContain(
    "400 ",
  );
  expect(await exchange(`PROPFIND / HTTP/1.1\r\nHost: ${urlHost}\r\nConnection: close\r\n\r\n`)).toContain(
    "405 ",
  );
  expect(await exchange(`GET / HTTP/1.1\r\nHost: ${urlHost}\r\nX: ${"y".repeat(40_000)}\r\n\r\n`)).toContain(
    "431 ",
  );
  expect(invoker.invocations).toHaveLength(0);
});

test("requests on one connection each get their own event", async () => {
  const answer = await exchange(
    `GET /1 HTTP/1.1\r\nHost: ${urlHost}\r\nX-A: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: ${urlHost}\r\nX-A: 2\r\n\r\n` +
      `POST /2 HTTP/1.1\r\nHost: ${urlHost}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi${get("/2", "localhost")}`,
  );
  expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  expect(answer).toContain("404 Not Found");
  expect(
    invoker.invocations.map(({ event }) => [event["rawPath"], event.headers["x-a"], event["body"]]),
  ).toEqual([
    ["/1", "1", undefined],
    ["/2", "2", undefined],
    ["/2", undefined, "hi"],
  ]);
});

test("large heads, which are not kept, make no difference", async () => {
  const large = (n: number) =>
    `GET /?n=${n} HTTP/1.1\r\nHost: ${urlHost}\r\nX-Large: ${"x".repeat(10_000)}${n}\r\n\r\n`;
  const socket = await open();
  socket.write(large(1) + large(1) + large(2));
  while (invoker.invocations.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(invoker.invocations.map(({ event }) => event["rawQueryString"])).toEqual(["n=1", "n=1", "n=2"]);
  expect(invoker.last.event.headers["x-large"]).toHaveLength(10_001);
});

test("a client that leaves while it sends its body is not invoked for", async () => {
  const socket = await open();
  socket.write(`POST / HTTP/1.1\r\nHost: ${urlHost}\r\nContent-Length: 100\r\n\r\nhalf`);
  socket.end();
  socket.resume();
  await once(socket, "close");
  expect(invoker.invocations).toHaveLength(0);
});

test("a buffered function runs on when its client leaves, and its answer goes nowhere", async () => {
  invoker.script = () => {};
  const socket = await open();
  socket.write(`GET / HTTP/1.1\r\nHost: ${urlHost}\r\n\r\n`);
  await untilInvoked();
  socket.destroy();
  await exchange(get("/api", "localhost"));
  expect(invoker.last.isAborted).toBe(false);
  invoker.last.succeed({ statusCode: 200, body: "x" });
});

test("a failure midway cuts the connection without the last chunk", async () => {
  server.target.invokeMode = "RESPONSE_STREAM";
  invoker.script = () => {};
  const pending = exchange(`GET / HTTP/1.1\r\nHost: ${urlHost}\r\n\r\n`);
  await untilInvoked();
  invoker.last.stream("text/plain", "partial");
  setImmediate(() => invoker.last.settle({ kind: "outOfMemory", memorySizeMb: 128 }));
  const answer = await pending;
  expect(answer).toContain("Transfer-Encoding: chunked");
  expect(answer).not.toContain("\r\n0\r\n\r\n");
});

test("a client that reads nothing holds a stream at a bounded number of bytes, and stops it by leaving", async () => {
  server.target.invokeMode = "RESPONSE_STREAM";
  invoker.script = () => {};
  const socket = await open();
  socket.pause();
  socket.write(`GET / HTTP/1.1\r\nHost: ${urlHost}\r\n\r\n`);
  await untilInvoked();
  // A new one each time: who sends it on may free it.
  const chunk = () => Buffer.alloc(64 * 1024, "x");
  const invocation = invoker.last.stream("text/plain", chunk());
  let sent = chunk().length;
  // The kernel's own buffers take some megabytes; then nothing is consumed any more.
  for (let idle = 0; idle < 50; ) {
    if (invocation.consumedBytes === sent) {
      invocation.observer.chunk(chunk());
      sent += chunk().length;
      idle = 0;
    } else {
      idle += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (sent > 64 * 1024 * 1024) throw new Error("Nothing holds back the function");
  }
  socket.destroy();
  await invocation.aborted.promise;
});

test("a client that takes nothing of a finished response is given a time limit; others are not", async () => {
  const limits: number[] = [];
  const server = createServer((incoming, outgoing) => {
    outgoing.setTimeout = (ms) => {
      limits.push(ms);
      return outgoing;
    };
    new NodeResponseSink(outgoing).send(200, [], incoming.url === "/large" ? Buffer.alloc(50_000_000) : "ok");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await exchange(get("/", "localhost"), port)).toContain("ok");
  expect(limits).toEqual([]);
  const socket = await open(port);
  socket.pause();
  socket.write(get("/large", "localhost"));
  while (limits.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(limits).toEqual([stalledClientMs]);
  server.close();
  server.closeAllConnections();
});

test("close() refuses new connections, lets running requests end, and then is done", async () => {
  invoker.script = () => {};
  const pending = exchange(`GET / HTTP/1.1\r\nHost: ${urlHost}\r\n\r\n`);
  await untilInvoked();
  const closed = listeners.close({ drainMs: 10_000 });
  await expect(open()).rejects.toThrow("ECONNREFUSED");
  invoker.last.succeed({ statusCode: 200, body: "finished" });
  expect(await pending).toContain("finished");
  await closed;
});

test("close() cuts what is still running after the drain time", async () => {
  invoker.script = () => {};
  const pending = exchange(`GET / HTTP/1.1\r\nHost: ${urlHost}\r\n\r\n`);
  await untilInvoked();
  await listeners.close({ drainMs: 1 });
  expect(await pending).toBe("");
});

test("an address in use, and an open one without authentication, are refused with the reason", async () => {
  const config = { host: "127.0.0.1", port: listeners.port, urlListen: undefined, auth: "none" as const };
  const urls = noUrls();
  await expect(createListeners({ config, api: new Hono(), urls })).rejects.toThrow("the port is in use");
  await expect(
    createListeners({ config: { ...config, host: "0.0.0.0", port: 0 }, api: new Hono(), urls }),
  ).rejects.toThrow("loopback only");
});

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

test.skipIf(!hasIPv6)("an IPv6 address may be written as it stands in URLs", async () => {
  const config = { host: "[::1]", port: 0, urlListen: undefined, auth: "none" as const };
  const bracketed = await createListeners({ config, api: new Hono(), urls: noUrls() });
  expect(bracketed.url).toBe(`http://[::1]:${bracketed.port}`);
  await bracketed.close();
});

function noUrls() {
  return createUrlHandler({
    directory: { findUrl: () => undefined },
    invoker,
    config: { region: "us-east-1", domains: [], trustForwarded: false, streamBytesPerSecond: 0 },
  });
}
