import { createHash, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";

const kilobyte = new Uint8Array(1024).fill(97);
const text = "a text of some length, with ümlauts, as a handler turns it into bytes";
const chunks = makeChunks(160, 64 * 1024);

/** What a handler calls for each request. Each has a number that is new, so that nothing is answered from before. */
const calls = {
  "new URL": (i) => new URL(`https://example.com:8443/orders/${i}?page=2#top`).searchParams.get("page"),
  Headers: (i) => new Headers({ "content-type": "application/json", "x-id": String(i) }).get("x-id"),
  "Buffer.from": (i) => Buffer.from(text + i).length,
  TextDecoder: () => new TextDecoder().decode(kilobyte).length,
  "crypto.randomUUID": () => randomUUID().length,
  "Buffer.from, 1 KB of bytes": () => Buffer.from(kilobyte).length,
  "gzipSync, 1 KB": () => gzipSync(kilobyte).length,
  "createHash, 1 KB": () => createHash("sha256").update(kilobyte).digest("hex").length,
};

/** 10 MB each. */
const flows = {
  "TransformStream, 10 MB": () => through(new TransformStream()),
  "CompressionStream, 10 MB": () => through(new CompressionStream("gzip")),
  "gzipSync, 10 MB": () => gzipSync(Buffer.concat(chunks)).length,
  "sha256, 10 MB": () => {
    const hash = createHash("sha256");
    for (const chunk of chunks) hash.update(chunk);
    return hash.digest("hex").length;
  },
};

/** @param event With a name and a count, as the query of a URL or by itself. @returns How long it took, ms for one. */
export async function handler(event) {
  const { name, count } = event.queryStringParameters ?? event;
  let result;
  const startMs = performance.now();
  if (calls[name] !== undefined) for (let i = 0; i < count; i++) result = calls[name](i);
  else for (let i = 0; i < count; i++) result = await flows[name]();
  const ms = (performance.now() - startMs) / count;
  if (!result) throw new Error(`${name} gave ${result}`);
  return { ms };
}

async function through(transform) {
  let index = 0;
  const source = new ReadableStream({
    pull(controller) {
      if (index === chunks.length) controller.close();
      else controller.enqueue(chunks[index++]);
    },
  });
  let bytes = 0;
  for await (const chunk of source.pipeThrough(transform)) bytes += chunk.byteLength;
  return bytes;
}

/** Compressible as logs are: some of it repeats. */
function makeChunks(number, bytes) {
  let seed = 1;
  return Array.from({ length: number }, () => {
    const chunk = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at++) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      chunk[at] = at % 4 === 0 ? seed >>> 16 : 97 + (at % 23);
    }
    return chunk;
  });
}
