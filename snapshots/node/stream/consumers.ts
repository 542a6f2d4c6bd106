import buffer, { type Buffer } from "node:buffer";
import { web } from "../internal/web.ts";

type Chunks = AsyncIterable<string | Uint8Array>;

async function collect(stream: Chunks): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of stream) parts.push(buffer.Buffer.from(chunk));
  return buffer.Buffer.concat(parts);
}

const text = async (stream: Chunks) => new web.TextDecoder().decode(await collect(stream));

export default {
  buffer: collect,
  bytes: async (stream: Chunks) => new Uint8Array(await collect(stream)),
  text,
  json: async (stream: Chunks) => JSON.parse(await text(stream)) as unknown,
  async arrayBuffer(stream: Chunks) {
    return new Uint8Array(await collect(stream)).buffer;
  },
  async blob(stream: Chunks) {
    return new (web.Blob as new (parts: unknown[]) => unknown)([await collect(stream)]);
  },
};
