import buffer, { type Buffer } from "node:buffer";
import stream from "node:stream";
import { nextTick } from "../../ticks.ts";
import {
  maxInputBytes,
  type ZlibAnswer,
  type ZlibFormat,
  ZlibHandle,
  type ZlibSettings,
  zlibError,
} from "../../web/lazy/zlib-handle.ts";
import { asBuffer } from "./as-buffer.ts";
import { invalidArgType, nodeError, outOfRange } from "./errors.ts";
import { zlibConstants as constants } from "./zlib-constants.ts";
import { isGivenNumber, numberInRange, type ZlibOptions } from "./zlib-options.ts";
import { type Done, trailingJunk, type ZlibStream, ZlibWriting } from "./zlib-writing.ts";

/** What a family of formats calls its flushes. */
export interface Flushes {
  readonly flush: number;
  readonly finishFlush: number;
  readonly fullFlush: number;
  readonly highest: number;
}

// Read when this module is loaded, as Node does: what sets it lower before that limits what is unpacked.
export const { kMaxLength } = buffer as unknown as { kMaxLength: number };
const flushMark = Symbol("flush");
const TransformClass = stream.Transform as unknown as (this: object, options: object) => void;

/** The constructor of all of them: called with their `this`, as classes of before there were classes. */
export function ZlibBase(
  this: ZlibStream,
  given: ZlibOptions | undefined,
  format: ZlibFormat,
  settings: ZlibSettings,
  flushes: Flushes,
): void {
  let options: ZlibOptions = given ?? {};
  let chunkSize: number = constants.Z_DEFAULT_CHUNK;
  if (isGivenNumber(options.chunkSize, "options.chunkSize")) {
    chunkSize = options.chunkSize;
    if (chunkSize < constants.Z_MIN_CHUNK)
      throw outOfRange("options.chunkSize", `>= ${constants.Z_MIN_CHUNK}`, chunkSize);
  }
  const flush = numberInRange(options.flush, "options.flush", 0, flushes.highest, flushes.flush);
  const finish = numberInRange(
    options.finishFlush,
    "options.finishFlush",
    0,
    flushes.highest,
    flushes.finishFlush,
  );
  const limit = numberInRange(options.maxOutputLength, "options.maxOutputLength", 1, kMaxLength, kMaxLength);
  const { rejectGarbageAfterEnd } = options;
  if (rejectGarbageAfterEnd !== undefined && typeof rejectGarbageAfterEnd !== "boolean") {
    throw invalidArgType("options.rejectGarbageAfterEnd", "of type boolean", rejectGarbageAfterEnd);
  }
  if (options.encoding || options.objectMode || options.writableObjectMode) {
    options = { ...options, encoding: null, objectMode: false, writableObjectMode: false };
  }
  TransformClass.call(this, { autoDestroy: true, ...options });
  this.bytesWritten = 0;
  this._handle = new ZlibHandle(format, settings, chunkSize);
  this._chunkSize = chunkSize;
  this._defaultFlushFlag = flush;
  this._finishFlushFlag = finish;
  this._defaultFullFlushFlag = flushes.fullFlush;
  this._highestFlushFlag = flushes.highest;
  this._info = options.info;
  this._maxOutputLength = limit;
  this._rejectGarbageAfterEnd = rejectGarbageAfterEnd === true;
}
Object.setPrototypeOf(ZlibBase.prototype, stream.Transform.prototype as object);
Object.setPrototypeOf(ZlibBase, stream.Transform);

/** From the weakest to the strongest: what a last chunk is flushed with when two are asked for. */
const byStrength = [
  constants.Z_NO_FLUSH,
  constants.Z_BLOCK,
  constants.Z_PARTIAL_FLUSH,
  constants.Z_SYNC_FLUSH,
  constants.Z_FULL_FLUSH,
  constants.Z_FINISH,
];
const stronger = (a: number, b: number) => (byStrength.indexOf(a) > byStrength.indexOf(b) ? a : b);

const methods = {
  reset(this: ZlibStream): void {
    openHandle(this).reset();
  },
  _flush(this: ZlibStream, done: Done): void {
    (this as unknown as typeof methods)._transform.call(this, buffer.Buffer.alloc(0), "", done);
  },
  // What ends it is _flush, when everything that was written has been transformed.
  _final(done: Done): void {
    done();
  },
  flush(this: ZlibStream, given?: unknown, then?: unknown): void {
    const isDefault = typeof given === "function" || (given === undefined && !then);
    const callback = (isDefault ? given : then) as (() => void) | undefined;
    const usual = this._defaultFullFlushFlag;
    const kind = isDefault ? usual : numberInRange(given, "kind", 0, this._highestFlushFlag, usual);
    if (this.writableFinished) {
      if (callback) nextTick(callback);
    } else if (this.writableEnded) {
      if (callback) this.once("end", callback);
    } else {
      // It waits its turn among the chunks, as one that has no bytes.
      const marked = Object.assign(buffer.Buffer.from(new ArrayBuffer(0)), { [flushMark]: kind });
      this.write(marked, "", callback);
    }
  },
  close(this: ZlibStream, callback?: Done): void {
    if (callback) stream.finished(this, {}, callback);
    this.destroy();
  },
  _destroy(this: ZlibStream, error: Error | null, done: Done): void {
    closeHandle(this);
    done(error);
  },
  _transform(this: ZlibStream, chunk: Uint8Array, _encoding: string, done: Done): void {
    let flush = (chunk as { [flushMark]?: number })[flushMark] ?? this._defaultFlushFlag;
    const isLast = this.writableEnded && this.writableLength === chunk.byteLength;
    if (isLast) flush = stronger(flush, this._finishFlushFlag);
    new ZlibWriting(this, chunk, flush, done).start();
  },
  /** For packages that reach below the stream. */
  _processChunk(this: ZlibStream, chunk: Uint8Array, flush: number, done?: Done): Buffer | undefined {
    if (typeof done !== "function") return writeSync(this, chunk, flush);
    new ZlibWriting(this, chunk, flush, done).start();
    return undefined;
  },
};
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(ZlibBase.prototype, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
Object.defineProperty(ZlibBase.prototype, "_closed", {
  get(this: ZlibStream) {
    return !this._handle;
  },
  enumerable: true,
  configurable: true,
});

export function openHandle(self: ZlibStream): ZlibHandle {
  if (self._handle) return self._handle;
  throw nodeError(Error, "ERR_INTERNAL_ASSERTION", "zlib binding closed");
}

function closeHandle(self: ZlibStream): void {
  self._handle?.close();
  self._handle = null;
}

/** The whole of a chunk at once, after which the stream is closed. */
export function writeSync(self: ZlibStream, chunk: Uint8Array, flush: number): Buffer {
  const handle = openHandle(self);
  let failure: unknown;
  self.on("error", (error: unknown) => {
    failure = error;
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  let inputLeft = 0;
  let at = 0;
  do {
    const end = Math.min(at + maxInputBytes, chunk.byteLength);
    const kind = end === chunk.byteLength ? flush : constants.Z_NO_FLUSH;
    let piece: Uint8Array | undefined = bytesOf(chunk).subarray(at, end);
    let answer: ZlibAnswer;
    do {
      answer = writeOnce(self, handle, kind, piece);
      if (failure) throw failure;
      piece = undefined;
      if (answer.output.length > 0) parts.push(answer.output);
      length += answer.output.length;
      if (length > self._maxOutputLength) {
        closeHandle(self);
        throw tooLarge(self._maxOutputLength);
      }
    } while (answer.hasMore);
    inputLeft = answer.inputLeft;
    at = end;
  } while (at < chunk.byteLength && inputLeft === 0);
  if (inputLeft > 0 && self._rejectGarbageAfterEnd) {
    closeHandle(self);
    throw trailingJunk();
  }
  self.bytesWritten = at - inputLeft;
  closeHandle(self);
  return parts.length === 1 ? asBuffer(parts[0]!) : buffer.Buffer.concat(parts, length);
}

function writeOnce(
  self: ZlibStream,
  handle: ZlibHandle,
  flush: number,
  piece: Uint8Array | undefined,
): ZlibAnswer {
  try {
    return handle.writeSync(flush, piece);
  } catch (error) {
    const failure = zlibError(error);
    self.destroy(failure);
    throw failure;
  }
}

function bytesOf(chunk: Uint8Array): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

export function tooLarge(limit: number): Error {
  return nodeError(RangeError, "ERR_BUFFER_TOO_LARGE", `Cannot create a Buffer larger than ${limit} bytes`);
}
