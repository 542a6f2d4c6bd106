import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { asked, guest, outcome } from "./guest.ts";

const formats = ["gzip", "deflate", "deflate-raw", "brotli"] as const;
const text = "to be compressed, ".repeat(5000);

async function collect(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function through(pair: { writable: WritableStream; readable: ReadableStream }, ...chunks: unknown[]) {
  const writer = pair.writable.getWriter();
  const written = (async () => {
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  })();
  const [read, sent] = await Promise.allSettled([collect(pair.readable), written]);
  if (read.status === "rejected") throw read.reason;
  if (sent.status === "rejected") throw sent.reason;
  return read.value;
}

test.each(formats)("%s goes both ways between the guest and Node", async (format) => {
  const there = await through(new guest.CompressionStream(format), Buffer.from(text), "and text");
  expect((await through(new DecompressionStream(format), there)).toString()).toBe(`${text}and text`);
  const back = await through(new CompressionStream(format), Buffer.from(text));
  const bytewise = [...back].map((byte) => new Uint8Array([byte]));
  expect((await through(new guest.DecompressionStream(format), ...bytewise)).toString()).toBe(text);
});

const packed = deflateSync("abc");
const refusals: [string, (realm: typeof globalThis) => unknown][] = [
  ["an unknown format", (realm) => new realm.CompressionStream("zip" as never)],
  ["no format", (realm) => new (realm.DecompressionStream as unknown as new () => object)()],
  [
    "data that is cut off",
    (realm) => through(new realm.DecompressionStream("deflate"), packed.subarray(0, 8)),
  ],
  ["no data at all", (realm) => through(new realm.DecompressionStream("gzip"))],
  ["data that is broken", (realm) => through(new realm.DecompressionStream("gzip"), Buffer.from("not gzip"))],
  [
    "bytes behind the end",
    (realm) => through(new realm.DecompressionStream("deflate"), Buffer.concat([packed, packed])),
  ],
  [
    "a chunk behind the end",
    (realm) => through(new realm.DecompressionStream("deflate"), packed, new Uint8Array(1)),
  ],
  [
    "a second member",
    (realm) => through(new realm.DecompressionStream("gzip"), Buffer.concat([gzipSync("a"), gzipSync("b")])),
  ],
  ...[undefined, null, 3, {}, [65], new SharedArrayBuffer(1), new Uint8Array(new SharedArrayBuffer(1))].map(
    (chunk, index): [string, (realm: typeof globalThis) => unknown] => [
      `a chunk that is no bytes (${index})`,
      (realm) => through(new realm.CompressionStream("gzip"), chunk),
    ],
  ),
];
test.each(refusals)("%s is refused as by Node", async (_, run) => {
  const refused = await outcome(() => run(guest));
  expect(refused).toEqual(await outcome(() => run(globalThis)));
  expect(refused).toEqual({ error: "TypeError" });
});

test("what a chunk unpacks to is asked for as it is read, and no more once the reader has gone", async () => {
  const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  const stream = new guest.DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  const written = writer.write(bomb);
  asked.length = 0;
  const reader = stream.readable.getReader();
  let bytes = 0;
  for (let reads = 0; reads < 4; reads++) bytes += (await reader.read()).value?.length ?? 0;
  expect(bytes).toBeLessThanOrEqual(4 * 512 * 1024);
  expect(asked.length).toBeLessThanOrEqual(6);
  await reader.cancel("enough");
  await written.catch(() => {});
  await expect(writer.closed).rejects.toBe("enough");
});

test("an aborted one fails for its reader too, and holds nothing in the host", async () => {
  // More than the host allows to be open at once.
  for (let round = 0; round < 200; round++) {
    const stream = new guest.CompressionStream("gzip");
    const writer = stream.writable.getWriter();
    await writer.write(new Uint8Array(8));
    const read = stream.readable.getReader().read();
    await writer.abort("gone");
    await read.then(
      // The head of a gzip file may have come before.
      () => {},
      (reason) => expect(reason).toBe("gone"),
    );
  }
  const packedNow = await through(new guest.CompressionStream("gzip"), Buffer.from(text));
  expect(gunzipSync(packedNow).toString()).toBe(text);
});

test("more at once than the host has room for wait for each other", async () => {
  const all = Array.from({ length: 300 }, async (_, index) => {
    const made = await through(new guest.CompressionStream("gzip"), Buffer.from(`${index} ${text}`));
    return (await through(new guest.DecompressionStream("gzip"), made)).toString().split(" ")[0];
  });
  expect(await Promise.all(all)).toEqual(all.map((_, index) => String(index)));
});
