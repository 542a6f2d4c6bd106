import type { Value } from "../values.ts";

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
  /** Bytes of an unfinished frame, joined once it is whole: joining at each chunk would be quadratic. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  #wantedBytes = 0;
  #frame: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  constructor(maxFrameBytes: number, onFrame: (kind: number, id: number, frame: FrameReader) => void) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#onFrame = onFrame;
  }

  /** @throws {FrameError} The peer must not be listened to any longer. */
  push(chunk: Buffer): void {
    if (this.#partsBytes > 0) {
      this.#parts.push(chunk);
      this.#partsBytes += chunk.byteLength;
      if (this.#partsBytes < this.#wantedBytes) return;
      chunk = Buffer.concat(this.#parts, this.#partsBytes);
      this.#parts = [];
      this.#partsBytes = 0;
    }
    let at = 0;
    while (chunk.byteLength - at >= 4) {
      const length = chunk.readUInt32LE(at);
      if (length < 5 || length > this.#maxFrameBytes) {
        throw new FrameError(
          `Cannot read a frame of ${length} bytes: from 5 to ${this.#maxFrameBytes} are allowed`,
        );
      }
      if (chunk.byteLength - at - 4 < length) {
        this.#keep(chunk.subarray(at), length + 4);
        return;
      }
      this.#frame = chunk;
      this.#at = at + 4;
      this.#end = at + 4 + length;
      at = this.#end;
      const kind = this.u8();
      this.#onFrame(kind, this.u32(), this);
    }
    if (at < chunk.byteLength) this.#keep(chunk.subarray(at), 4);
  }

  #keep(rest: Buffer, wantedBytes: number): void {
    // Copied when small, so that a few bytes don't hold on to a whole read buffer.
    this.#parts = [rest.byteLength < 4096 ? Buffer.from(rest) : rest];
    this.#partsBytes = rest.byteLength;
    this.#wantedBytes = wantedBytes;
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
    const bytes = this.#frame.subarray(this.#at, this.#at + length);
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
