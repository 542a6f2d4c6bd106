import { expect, test } from "vitest";
import { FrameReader, FrameWriter } from "../../../../src/model/wire/index.ts";

const chunkBytes = 64 * 1024;

/** Frames of one long field each, as the pipe hands them over: cut at its own size, not at theirs. */
function chunksOf(frames: number): Buffer[] {
  const parts: Buffer[] = [];
  const writer = new FrameWriter((buffers) => parts.push(...buffers));
  for (let id = 0; id < frames; id++) writer.begin(1, id).bytes(Buffer.alloc(chunkBytes, id)).end();
  writer.flush();
  const all = Buffer.concat(parts);
  const chunks: Buffer[] = [];
  for (let at = 0; at < all.length; at += chunkBytes) {
    const part = all.subarray(at, at + chunkBytes);
    const chunk = Buffer.allocUnsafeSlow(part.length);
    part.copy(chunk);
    chunks.push(chunk);
  }
  return chunks;
}

test("a chunk is the caller's again when all that was read of it are copies, which stay whole", () => {
  const read: Buffer[] = [];
  const reader = new FrameReader(2 * chunkBytes, (_kind, _id, frame) => read.push(frame.ownBytes()));
  for (const chunk of chunksOf(8)) {
    expect(reader.push(chunk)).toBe(true);
    chunk.fill(0xff);
  }
  expect(read).toEqual(Array.from({ length: 8 }, (_, id) => Buffer.alloc(chunkBytes, id)));
  for (const bytes of read) expect(bytes.buffer.byteLength).toBe(chunkBytes);
});

test("a chunk of which a view was read stays its readers'", () => {
  const writer = new FrameWriter((buffers) => {
    expect(reader.push(Buffer.concat(buffers))).toBe(false);
  });
  const read: string[] = [];
  const reader = new FrameReader(chunkBytes, (_kind, _id, frame) => read.push(frame.bytes().toString()));
  writer.begin(1, 1).bytes(Buffer.from("kept")).end();
  writer.flush();
  expect(read).toEqual(["kept"]);
});

test("a view of a frame that came in pieces outlives the pieces", () => {
  const read: Buffer[] = [];
  const reader = new FrameReader(2 * chunkBytes, (_kind, _id, frame) => read.push(frame.bytes()));
  for (const chunk of chunksOf(3)) if (reader.push(chunk)) chunk.fill(0xff);
  expect(read).toEqual([0, 1, 2].map((id) => Buffer.alloc(chunkBytes, id)));
});
