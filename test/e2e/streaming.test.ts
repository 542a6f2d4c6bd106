import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "./server.ts";

const megabyte = 1024 * 1024;

/** Streams as long as its client reads, and says how far it came and how often it had to wait. */
const source = `
  const chunk = Buffer.alloc(64 * 1024, "a");
  let drained = 0;
  exports.handler = awslambda.streamifyResponse(async (event, stream) => {
    if (event.rawPath === "/drained") { stream.end(String(drained)); return; }
    drained = 0;
    for (let left = Number(event.queryStringParameters.chunks); left > 0; left--) {
      if (stream.write(chunk)) continue;
      await new Promise((resolve) => stream.once("drain", resolve));
      drained++;
    }
    stream.end();
  });
`;
let server: TestServer;
let host: string;
let fn: Awaited<ReturnType<TestServer["deploy"]>>;

beforeAll(async () => {
  server = await startServer();
  fn = await server.deploy({ name: "stream", files: { "index.js": source }, url: "stream" });
  host = new URL(fn.url ?? "").host;
});
afterAll(() => server.close());

async function open(chunks: number): Promise<IncomingMessage> {
  const outgoing = request({
    host: "127.0.0.1",
    port: server.port,
    path: `/?chunks=${chunks}`,
    headers: { host },
    agent: false,
  });
  outgoing.end();
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

test("32 MB arrive whole, and the guest's write() waited for the client", async () => {
  const response = await open(512);
  let bytes = 0;
  let isWhole = true;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    isWhole &&= part.every((byte) => byte === 97);
  }
  expect([bytes, isWhole]).toEqual([32 * megabyte, true]);
  const { text } = await server.request(fn, "/drained");
  expect(Number(text)).toBeGreaterThan(0);
});

test("a client that reads a chunk now and then holds few bytes in this process, and ends it by leaving", async () => {
  // 100 MB: far more than the kernel and every window between would take.
  const response = await open(1600);
  const before = process.memoryUsage().arrayBuffers;
  let bytes = 0;
  let most = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    await new Promise((resolve) => setImmediate(resolve));
    if (bytes > 4 * megabyte) break;
  }
  response.destroy();
  expect(most).toBeLessThan(16 * megabyte);
  // Its environment was stopped with it: the next request starts a new one, whose count is new.
  const { text } = await server.request(fn, "/drained");
  expect(text).toBe("0");
});
