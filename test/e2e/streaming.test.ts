import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "./server.ts";

const chunkBytes = 64 * 1024;
/** 100 MB: far more than the kernel and every window between take. */
const chunks = 1600;

/** Says in its log when its write() was held back, and when it is done. */
const source = `
  const { once } = require("node:events");
  const chunk = Buffer.alloc(${chunkBytes}, "a");
  exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    for (let written = 1; written <= ${chunks}; written++) {
      if (stream.write(chunk)) continue;
      const held = setTimeout(() => console.log("held after " + written + " chunks"), 300);
      await once(stream, "drain");
      clearTimeout(held);
    }
    stream.end();
    console.log("done after ${chunks} chunks");
  });
`;
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function open(path: string, host: string): Promise<IncomingMessage> {
  const outgoing = request({ host: "127.0.0.1", port: server.port, path, headers: { host }, agent: false });
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

/** Starts a stream of which nothing is read, and waits until its guest says how far it came. */
async function openHeld(name: string): Promise<{ response: IncomingMessage; chunksWritten: number }> {
  const fn = await server.deploy({
    name,
    files: { "index.js": source },
    url: "stream",
    timeoutSeconds: 60,
    environment: { BRISK_CPU_TIME_MS: "60000" },
  });
  const log = await open(`/_brisk/logs/${name}?follow=1`, "127.0.0.1");
  const response = await open("/", new URL(fn.url ?? "").host);
  let text = "";
  for await (const part of log) {
    text += part;
    const found = /(?:held|done) after (\d+) chunks/.exec(text);
    if (found !== null) return { response, chunksWritten: Number(found[1]) };
  }
  throw new Error(`the log ended without a word of the guest: ${text}`);
}

test("a client that reads nothing holds the guest in its write(); once it reads, all of it comes", async () => {
  const { response, chunksWritten } = await openHeld("held");
  expect(chunksWritten * chunkBytes).toBeLessThan(32 * 1024 * 1024);
  let bytes = 0;
  let isWhole = true;
  const expected = Buffer.alloc(1024 * 1024, "a");
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    isWhole &&= part.equals(expected.subarray(0, part.length));
  }
  expect([bytes, isWhole]).toEqual([chunks * chunkBytes, true]);
});

test("a client that leaves ends a guest that is held in its write()", async () => {
  const { response } = await openHeld("left");
  const log = await open("/_brisk/logs/left?follow=1", "127.0.0.1");
  response.destroy();
  let text = "";
  for await (const part of log) {
    text += part;
    if (text.includes("REPORT RequestId")) break;
  }
  expect(text).not.toContain("done after");
});

test.each([
  [
    "pipeline() of node:stream",
    `const { Readable } = require("node:stream"); const { pipeline } = require("node:stream/promises");
     exports.handler = awslambda.streamifyResponse((event, stream) => pipeline(Readable.from(["a", "b", "c"]), stream));`,
  ],
  [
    "a web stream through Writable.toWeb()",
    `const { Writable } = require("node:stream");
     exports.handler = awslambda.streamifyResponse(async (event, stream) => {
       const source = new ReadableStream({ start(c) { for (const part of ["a", "b", "c"]) c.enqueue(Buffer.from(part)); c.close(); } });
       await source.pipeTo(Writable.toWeb(stream));
     });`,
  ],
  [
    "a web stream through Readable.fromWeb(), with status and headers",
    `const { Readable } = require("node:stream"); const { pipeline } = require("node:stream/promises");
     exports.handler = awslambda.streamifyResponse(async (event, stream) => {
       const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { "x-from": "prelude" } });
       await pipeline(Readable.fromWeb(new Response("abc").body), out);
     });`,
  ],
])("a handler may stream by %s", async (what, code) => {
  const name = `pipes-${what.length}`;
  const fn = await server.deploy({ name, files: { "index.js": code }, url: "stream" });
  const response = await server.request(fn);
  expect([response.status, response.text, response.aborted]).toEqual([200, "abc", false]);
});
