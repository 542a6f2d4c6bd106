import buffer, { type Buffer } from "node:buffer";

/** A Buffer over bytes that the host answered with, not copied. Their ArrayBuffer may be larger than they are. */
export function asBuffer(bytes: unknown): Buffer {
  const { buffer: memory, byteOffset, byteLength } = bytes as Uint8Array;
  return buffer.Buffer.from(memory, byteOffset, byteLength);
}
