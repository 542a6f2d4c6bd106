import type { Value } from "../values.ts";

const initialBytes = 64 * 1024;
/** Longer byte strings travel as buffers of their own instead of being copied into the batch. */
const ownBufferBytes = 32 * 1024;

/**
 * Encodes frames into batches. One batch is one write to the pipe: a system call costs more than the frame.
 *
 *     frame: length u32 (of what follows) · kind u8 · id u32 · fields
 *
 * All numbers are little-endian, strings are UTF-8 behind a u32 length.
 */
export class FrameWriter {
  readonly #write: (buffers: Buffer[]) => void;
  #batch: Buffer = Buffer.allocUnsafeSlow(initialBytes);
  #used = 0;
  #flushed = 0;
  #frameStart = 0;
  #ready: Buffer[] = [];
  #foreignBytes = 0;

  /** @param write Receives a batch; it owns the buffers from then on. */
  constructor(write: (buffers: Buffer[]) => void) {
    this.#write = write;
  }

  begin(kind: number, id: number): this {
    this.#reserve(9);
    this.#frameStart = this.#used;
    this.#foreignBytes = 0;
    this.#batch[this.#used + 4] = kind;
    this.#used += 5;
    return this.u32(id);
  }

  end(): void {
    // A foreign buffer may have closed the batch part that holds our header: then it was patched there.
    const length = this.#used - this.#frameStart - 4 + this.#foreignBytes;
    if (this.#foreignBytes === 0) this.#batch.writeUInt32LE(length, this.#frameStart);
    else this.#header.writeUInt32LE(length + this.#headerPart, 0);
  }

  // Set while a frame contains a foreign buffer: where its length field lies, and the bytes before the split.
  #header: Buffer = this.#batch;
  #headerPart = 0;

  u8(value: number): this {
    this.#reserve(1);
    this.#batch[this.#used++] = value;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    const batch = this.#batch;
    batch[this.#used++] = value;
    batch[this.#used++] = value >>> 8;
    batch[this.#used++] = value >>> 16;
    batch[this.#used++] = value >>> 24;
    return this;
  }

  f64(value: number): this {
    this.#reserve(8);
    this.#batch.writeDoubleLE(value, this.#used);
    this.#used += 8;
    return this;
  }

  string(text: string): this {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    this.#reserve(4 + text.length * 3);
    const written = this.#batch.write(text, this.#used + 4, "utf8");
    this.u32(written);
    this.#used += written;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.u32(bytes.byteLength);
    if (bytes.byteLength < ownBufferBytes) {
      this.#reserve(bytes.byteLength);
      this.#batch.set(bytes, this.#used);
      this.#used += bytes.byteLength;
      return this;
    }
    this.#splitAround(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return this;
  }

  /** A string or bytes, whichever it is; read with `FrameReader.bytes`. */
  payload(value: string | Uint8Array): this {
    return typeof value === "string" ? this.string(value) : this.bytes(value);
  }

  value(value: Value): this {
    if (value === undefined) return this.u8(0);
    if (value === null) return this.u8(1);
    if (value === false) return this.u8(2);
    if (value === true) return this.u8(3);
    if (typeof value === "number") return this.u8(4).f64(value);
    if (typeof value === "string") return this.u8(5).string(value);
    return this.u8(6).bytes(value);
  }

  values(values: readonly Value[]): this {
    this.u8(values.length);
    for (const value of values) this.value(value);
    return this;
  }

  get pendingBytes(): number {
    let bytes = this.#used - this.#flushed;
    for (const buffer of this.#ready) bytes += buffer.byteLength;
    return bytes;
  }

  /** Hands the batch to the pipe. Only between frames. */
  flush(): void {
    this.#closePart();
    if (this.#ready.length === 0) return;
    const ready = this.#ready;
    this.#ready = [];
    this.#write(ready);
  }

  #splitAround(foreign: Buffer): void {
    if (this.#foreignBytes === 0) {
      this.#header = this.#batch.subarray(this.#frameStart, this.#frameStart + 4);
      this.#headerPart = this.#used - this.#frameStart;
    } else {
      this.#headerPart += this.#used - this.#frameStart;
    }
    this.#closePart();
    this.#ready.push(foreign);
    this.#foreignBytes += foreign.byteLength;
    // From here `end` counts the bytes after the split; #headerPart carries those before it.
    this.#frameStart = this.#used;
  }

  #closePart(): void {
    if (this.#used > this.#flushed) this.#ready.push(this.#batch.subarray(this.#flushed, this.#used));
    this.#flushed = this.#used;
    // The written part belongs to the pipe now. What is left of the buffer serves the next frames.
    if (this.#batch.byteLength - this.#used < 4096) this.#renew(initialBytes);
  }

  #renew(bytes: number): void {
    this.#batch = Buffer.allocUnsafeSlow(bytes);
    this.#used = 0;
    this.#flushed = 0;
    this.#frameStart = 0;
  }

  #reserve(bytes: number): void {
    if (this.#batch.byteLength - this.#used >= bytes) return;
    const unfinished = this.#batch.subarray(this.#frameStart, this.#used);
    const complete = this.#batch.subarray(this.#flushed, this.#frameStart);
    if (complete.byteLength > 0) this.#ready.push(complete);
    this.#renew(Math.max(initialBytes, unfinished.byteLength + bytes));
    this.#batch.set(unfinished, 0);
    this.#used = unfinished.byteLength;
  }
}
