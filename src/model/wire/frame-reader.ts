import { freeBytes } from "../free-bytes.ts";
import type { Value } from "../values.ts";

const nothing: Buffer = Buffer.alloc(0);

/** A peer sent something that is no frame of ours: it is broken or was taken over. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * Cuts a byte stream into frames and reads their fields. It trusts nothing: every length is checked against the
 * frame's end, and a frame against `maxFrameBytes`.
 */
export class FrameReader {
  readonly #maxFrameBytes: number;
  readonly #onFrame: (kind: number, id: number, frame: FrameReader) => void;
  /**
   * An unfinished frame, put together in a buffer of its own: what a chunk holds of the frames around it stays out,
   * so that a chunk is done with once it was pushed.
   */
  #unfinished: Buffer = nothing;
  #unfinishedBytes = 0;
  #lengthBytes = 0;
  #length = 0;
  #frame: Buffer = nothing;
  #at = 0;
  #end = 0;
  #isLent = false;

  constructor(maxFrameBytes: number, onFrame: (kind: number, id: number, frame: FrameReader) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFrame = onFrame;
  }

  /**
   * @returns Whether the chunk's memory is the caller's again: nothing that was read is a view of it.
   * @throws {FrameError} The peer must not be listened to any longer.
   */
  push(chunk: Buffer): boolean {
    let isLent = false;
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#lengthBytes === 0 && chunk.byteLength - at >= 4) {
        this.#length = this.#checked(chunk.readUInt32LE(at));
        this.#lengthBytes = 4;
        at += 4;
      }
      for (; this.#lengthBytes < 4 && at < chunk.byteLength; at++) {
        this.#length += chunk[at]! * 2 ** (8 * this.#lengthBytes++);
        if (this.#lengthBytes === 4) this.#checked(this.#length);
      }
      if (this.#lengthBytes < 4) break;
      const left = this.#length - this.#unfinishedBytes;
      const here = Math.min(left, chunk.byteLength - at);
      if (here === this.#length) {
        this.#deliver(chunk, at);
        if (this.#isLent) isLent = true;
      } else {
        // Its whole length at once: more would be copied at each chunk, and a page that is not written to costs nothing.
        if (this.#unfinishedBytes === 0) this.#unfinished = Buffer.allocUnsafeSlow(this.#length);
        chunk.copy(this.#unfinished, this.#unfinishedBytes, at, at + here);
        this.#unfinishedBytes += here;
        if (here === left) this.#deliverUnfinished();
      }
      at += here;
    }
    return !isLent;
  }

  #checked(length: number): number {
    if (length >= 5 && length <= this.#maxFrameBytes) return length;
    throw new FrameError(
      `Cannot read a frame of ${length} bytes: from 5 to ${this.#maxFrameBytes} are allowed`,
    );
  }

  #deliverUnfinished(): void {
    const whole = this.#unfinished;
    this.#unfinished = nothing;
    this.#unfinishedBytes = 0;
    this.#deliver(whole, 0);
    if (!this.#isLent) freeBytes(whole);
  }

  #deliver(buffer: Buffer, at: number): void {
    this.#frame = buffer;
    this.#at = at;
    this.#end = at + this.#length;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#isLent = false;
    const kind = this.u8();
    this.#onFrame(kind, this.u32(), this);
    this.#frame = nothing;
  }

  u8(): number {
    this.#need(1);
    return this.#frame[this.#at++]!;
  }

  u32(): number {
    this.#need(4);
    const frame = this.#frame;
    const at = this.#at;
    this.#at += 4;
    return (frame[at]! | (frame[at + 1]! << 8) | (frame[at + 2]! << 16) | (frame[at + 3]! << 24)) >>> 0;
  }

  f64(): number {
    this.#need(8);
    const value = this.#frame.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  string(): string {
    const length = this.u32();
    this.#need(length);
    const text = this.#frame.toString("utf8", this.#at, this.#at + length);
    this.#at += length;
    return text;
  }

  /** A view of the frame: copy it to keep it beyond a few turns of the event loop. */
  bytes(): Buffer {
    const length = this.u32();
    this.#need(length);
    this.#isLent = true;
    const bytes = this.#frame.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** As `bytes`, but a copy that owns its whole buffer, so that who has done with it may free it. */
  ownBytes(): Buffer {
    const length = this.u32();
    this.#need(length);
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#frame.copy(bytes, 0, this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** As `bytes`, or nothing where the frame ends before them. */
  bytesOrNothing(): Buffer {
    return this.#at === this.#end ? this.#frame.subarray(0, 0) : this.bytes();
  }

  value(): Value {
    switch (this.u8()) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return false;
      case 3:
        return true;
      case 4:
        return this.f64();
      case 5:
        return this.string();
      case 6:
        return this.bytes();
      default:
        throw new FrameError("Cannot read a value of an unknown type");
    }
  }

  values(): Value[] {
    const length = this.u8();
    const values: Value[] = [];
    for (let index = 0; index < length; index++) values.push(this.value());
    return values;
  }

  #need(bytes: number): void {
    if (this.#end - this.#at < bytes) {
      throw new FrameError(`Cannot read ${bytes} bytes of a frame that has ${this.#end - this.#at} left`);
    }
  }
}
