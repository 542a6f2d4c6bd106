import { once } from "node:events";
import { createServer, get, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { NodeResponseSink } from "../../../src/http/node-response-sink.ts";

const chunkBytes = 64 * 1024;

/** Streams two chunks to a client; answers them as they are afterwards, and what the client received. */
async function stream(
  prepare: (outgoing: ServerResponse) => void,
): Promise<{ chunks: Buffer[]; received: Buffer }> {
  const chunks = [Buffer.alloc(chunkBytes, "a"), Buffer.alloc(chunkBytes, "b")];
  const server = createServer((_incoming, outgoing) => {
    prepare(outgoing);
    const sink = new NodeResponseSink(outgoing);
    sink.head(200, []);
    for (const chunk of chunks) sink.write(chunk);
    sink.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const [response] = await once(get({ host: "127.0.0.1", port, agent: false }), "response");
  const received = Buffer.concat(await response.toArray());
  server.close();
  await once(server, "close");
  return { chunks, received };
}

const whole = Buffer.concat([Buffer.alloc(chunkBytes, "a"), Buffer.alloc(chunkBytes, "b")]);

test("chunks arrive whole, and their memory is given back when they left", async () => {
  const { chunks, received } = await stream(() => {});
  expect(received.equals(whole)).toBe(true);
  expect(chunks.map((chunk) => chunk.byteLength)).toEqual([0, 0]);
});

test("what a middleware's own write saw stays as it was", async () => {
  const { chunks, received } = await stream((outgoing) => {
    outgoing.write = ServerResponse.prototype.write.bind(outgoing) as typeof outgoing.write;
  });
  expect(received.equals(whole)).toBe(true);
  expect(Buffer.concat(chunks).equals(whole)).toBe(true);
});
