import type { ReadableStreamLike, WritableStreamLike } from "node:stream";
import { nextTick } from "../../ticks.ts";
import { maxInputBytes, type ZlibAnswer, type ZlibHandle, zlibError } from "../../web/lazy/zlib-handle.ts";
import { asBuffer } from "./as-buffer.ts";
import { nodeError } from "./errors.ts";
import { zlibConstants as constants } from "./zlib-constants.ts";

export type Done = (error?: Error | null) => void;

/** A Transform over a stream of zlib's that the host holds; its fields are those by which packages know Node's. */
export interface ZlibStream extends ReadableStreamLike, WritableStreamLike {
  _handle: ZlibHandle | null;
  _chunkSize: number;
  _defaultFlushFlag: number;
  _finishFlushFlag: number;
  _defaultFullFlushFlag: number;
  _highestFlushFlag: number;
  _info: boolean | undefined;
  _maxOutputLength: number;
  _rejectGarbageAfterEnd: boolean;
  bytesWritten: number;
  readonly readableFlowing: boolean | null;
  readonly readableHighWaterMark: number;
  readonly readableLength: number;
  _read(size: number): void;
  flush(kind?: unknown, callback?: unknown): void;
  close(callback?: Done): void;
}

/** One chunk on its way through the host: piece by piece, and no faster than somebody reads. */
export class ZlibWriting {
  readonly #stream: ZlibStream;
  readonly #handle: ZlibHandle | null;
  readonly #chunk: Uint8Array;
  readonly #flush: number;
  readonly #done: Done;
  /** What of the chunk zlib has taken, and what it was given. */
  #taken = 0;
  #given = 0;

  constructor(self: ZlibStream, chunk: Uint8Array, flush: number, done: Done) {
    this.#stream = self;
    this.#handle = self._handle;
    this.#chunk = chunk;
    this.#flush = flush;
    this.#done = done;
  }

  start(): void {
    if (this.#handle === null) nextTick(this.#done);
    else this.#writePiece();
  }

  #writePiece(): void {
    const from = this.#given;
    this.#given = Math.min(from + maxInputBytes, this.#chunk.length);
    const isLast = this.#given === this.#chunk.length;
    this.#write(isLast ? this.#flush : constants.Z_NO_FLUSH, this.#chunk.subarray(from, this.#given));
  }

  #write(flush: number, piece: Uint8Array | undefined): void {
    this.#handle!.write(flush, piece, wantedBytes(this.#stream)).then(
      (answer) => this.#answered(answer),
      (error: unknown) => {
        // Closing it is what ends a write that is under way.
        if (this.#stream.destroyed) this.#done();
        else this.#stream.destroy(zlibError(error));
      },
    );
  }

  #answered({ output, inputLeft, hasMore }: ZlibAnswer): void {
    const self = this.#stream;
    const taken = this.#given - inputLeft;
    if (!self.destroyed) self.bytesWritten += taken - this.#taken;
    this.#taken = taken;
    const isWanted = pushAll(self, output);
    if (self.destroyed) this.#done();
    else if (hasMore) this.#goOn(isWanted);
    // zlib has found the end of its data, and what follows is not its own.
    else if (inputLeft > 0) this.#endEarly();
    else if (this.#given < this.#chunk.length) this.#writePiece();
    else this.#done();
  }

  #endEarly(): void {
    if (!this.#stream._rejectGarbageAfterEnd) {
      this.#stream.push(null);
      this.#done();
      return;
    }
    const error = trailingJunk();
    this.#stream.destroy(error);
    this.#done(error);
  }

  /** Not before somebody reads, when nobody wants more at the moment. */
  #goOn(isWanted: boolean): void {
    if (isWanted) this.#write(this.#flush, undefined);
    else this.#writeWhenRead();
  }

  #writeWhenRead(): void {
    const self = this.#stream;
    const read = self._read;
    self._read = (size: number) => {
      self._read = read;
      this.#write(this.#flush, undefined);
      self._read(size);
    };
  }
}

/** No more than there is room for, when nobody takes it at once. */
function wantedBytes(self: ZlibStream): number | undefined {
  if (self.readableFlowing === true) return undefined;
  return Math.max(self._chunkSize, self.readableHighWaterMark - self.readableLength);
}

/** In chunks of the size that was asked for. False when nobody wants more at the moment. */
function pushAll(self: ZlibStream, output: Uint8Array): boolean {
  let isWanted = true;
  for (let at = 0; at < output.length && !self.destroyed; at += self._chunkSize) {
    isWanted = self.push(asBuffer(output.subarray(at, at + self._chunkSize)));
  }
  return isWanted;
}

export function trailingJunk(): Error {
  return nodeError(
    TypeError,
    "ERR_TRAILING_JUNK_AFTER_STREAM_END",
    "Trailing junk found after the end of the compressed stream",
  );
}
