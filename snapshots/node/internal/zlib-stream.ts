import stream, { type ReadableStreamLike, type WritableStreamLike } from "node:stream";
import { callAsync, callSync } from "../../bridge.ts";
import { asBuffer } from "./as-buffer.ts";
import { zlibConstants } from "./zlib-constants.ts";
import { systemErrorsOfZlib } from "./zlib-errors.ts";

export type Format =
  | "gzip"
  | "gunzip"
  | "deflate"
  | "inflate"
  | "deflateRaw"
  | "inflateRaw"
  | "unzip"
  | "brotliCompress"
  | "brotliDecompress";

export interface ZlibOptions {
  level?: number;
  windowBits?: number;
  memLevel?: number;
  strategy?: number;
  flush?: number;
  maxOutputLength?: number;
  params?: Record<number, number>;
}

/** Options as the host takes them; ones that it does not know change no output. */
export function hostOptions({ level, windowBits, memLevel, strategy, params = {} }: ZlibOptions): string {
  const options = {
    level,
    windowBits: windowBits || undefined,
    memLevel,
    strategy,
    quality: params[zlibConstants.BROTLI_PARAM_QUALITY],
    windowSize: params[zlibConstants.BROTLI_PARAM_LGWIN],
  };
  return JSON.stringify(options);
}

type Duplex = ReadableStreamLike & WritableStreamLike;
type Done = (error?: Error | null, chunk?: unknown) => void;

/** A compressed chunk of this size cannot unpack to more than the host gives at once. */
const pieceBytes = 48 * 1024;
let nextHandle = 1;

/** A Transform over a stream that the host holds; opened by the first chunk, closed by the end or `destroy`. */
export function createZlibStream(format: Format, options: ZlibOptions = {}): Duplex {
  const handle = nextHandle++;
  const isBrotli = format.startsWith("brotli");
  let isOpen = false;
  let bytesWritten = 0;

  async function write(bytes: Uint8Array, flush: string): Promise<Uint8Array> {
    if (!isOpen) {
      callSync("zlib.open", handle, format, hostOptions(options));
      isOpen = true;
    }
    const output = (await callAsync("zlib.write", handle, bytes, flush)) as Uint8Array;
    if (flush === "finish") isOpen = false;
    return output;
  }

  function push(target: Duplex, output: Uint8Array): void {
    if (output.length > 0) target.push(asBuffer(output));
  }

  async function writeAll(target: Duplex, chunk: Uint8Array): Promise<void> {
    bytesWritten += chunk.length;
    const flush = !isBrotli && options.flush === zlibConstants.Z_SYNC_FLUSH ? "sync" : "none";
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      push(target, await write(chunk.subarray(at, at + pieceBytes), flush));
    }
  }

  const settle = (work: Promise<unknown>, done: Done) =>
    work.then(
      () => done(),
      (error: unknown) => done(systemErrorsOfZlib(error)),
    );
  let lastWork: Promise<unknown> = Promise.resolve();
  const queue = (work: () => Promise<unknown>) => {
    lastWork = lastWork.then(work);
    return lastWork;
  };

  const transform = new stream.Transform({
    transform(this: Duplex, chunk: Uint8Array, _encoding: string, done: Done) {
      settle(
        queue(() => writeAll(this, chunk)),
        done,
      );
    },
    flush(this: Duplex, done: Done) {
      settle(
        queue(async () => push(this, await write(new Uint8Array(0), "finish"))),
        done,
      );
    },
    destroy(error: Error | null, done: Done) {
      if (isOpen) callSync("zlib.close", handle);
      isOpen = false;
      done(error);
    },
  });

  return Object.defineProperties(
    Object.assign(transform, {
      /** Lets out what zlib still holds back, as an event stream's server does after each event. */
      flush(kind?: unknown, callback?: unknown) {
        const done = (typeof kind === "function" ? kind : callback) as (() => void) | undefined;
        const full = kind === zlibConstants.Z_FULL_FLUSH ? "full" : "sync";
        const work = queue(async () => {
          if (isOpen) push(transform, await write(new Uint8Array(0), full));
        });
        work.then(
          () => done?.(),
          (error: unknown) => transform.destroy(systemErrorsOfZlib(error)),
        );
      },
      close(callback?: () => void) {
        if (callback) transform.once("close", callback);
        transform.destroy();
      },
    }),
    { bytesWritten: { enumerable: true, get: () => bytesWritten } },
  );
}
