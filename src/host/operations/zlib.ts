import * as zlib from "node:zlib";
import { OperationError } from "../../model/values.ts";
import { bytes, defineOperation, integer, type OperationEnvironment, oneOf, string } from "../operation.ts";
import { type ZlibFormat, zlibFormats, zlibOptions } from "./zlib-options.ts";
import { ZlibStream } from "./zlib-stream.ts";

/** A whole input, or the output that it may grow to: a few bytes can unpack to gigabytes. */
const maxBytes = 64 * 1024 * 1024;
const maxChunkBytes = 16 * 1024 * 1024;
/** Streams that one environment may have open; each holds up to 256 KiB of zlib's own memory. */
const maxStreams = 64;

const synchronous = {
  gzip: zlib.gzipSync,
  gunzip: zlib.gunzipSync,
  deflate: zlib.deflateSync,
  inflate: zlib.inflateSync,
  deflateRaw: zlib.deflateRawSync,
  inflateRaw: zlib.inflateRawSync,
  unzip: zlib.unzipSync,
  brotliCompress: zlib.brotliCompressSync,
  brotliDecompress: zlib.brotliDecompressSync,
} as const satisfies Record<ZlibFormat, unknown>;

const asynchronous = {
  gzip: zlib.gzip,
  gunzip: zlib.gunzip,
  deflate: zlib.deflate,
  inflate: zlib.inflate,
  deflateRaw: zlib.deflateRaw,
  inflateRaw: zlib.inflateRaw,
  unzip: zlib.unzip,
  brotliCompress: zlib.brotliCompress,
  brotliDecompress: zlib.brotliDecompress,
} as const;

const whole = [oneOf(...zlibFormats), bytes(maxBytes), string(1024), integer(1, maxBytes)] as const;

export const runSync = defineOperation({
  name: "zlib.sync",
  kind: "sync",
  args: whole,
  replay: "pure",
  run: (_environment, format, input, options, maxOutputBytes) => {
    try {
      const run = synchronous[format] as (input: Uint8Array, options: object) => Uint8Array;
      return new Uint8Array(run(input, { ...zlibOptions(format, options), maxOutputLength: maxOutputBytes }));
    } catch (error) {
      throw zlibError(error);
    }
  },
});

export const runAsync = defineOperation({
  name: "zlib.async",
  kind: "async",
  args: whole,
  replay: "pure",
  run: (_environment, format, input, options, maxOutputBytes) => {
    const run = asynchronous[format] as (
      input: Uint8Array,
      options: object,
      callback: (error: Error | null, output: Uint8Array) => void,
    ) => void;
    return new Promise<Uint8Array>((resolve, reject) => {
      run(input, { ...zlibOptions(format, options), maxOutputLength: maxOutputBytes }, (error, output) =>
        error ? reject(zlibError(error)) : resolve(new Uint8Array(output)),
      );
    });
  },
});

/** The open streams of one environment, closed with it. */
class Streams {
  readonly #byHandle = new Map<number, ZlibStream>();

  open(handle: number, format: ZlibFormat, options: object): void {
    if (this.#byHandle.has(handle))
      throw new OperationError("EINVAL", `zlib stream ${handle} is open already`);
    if (this.#byHandle.size >= maxStreams) {
      throw new OperationError("ELIMIT", `Cannot open a zlib stream: at most ${maxStreams} may be open`);
    }
    this.#byHandle.set(handle, new ZlibStream(format, options));
  }

  get(handle: number): ZlibStream {
    const stream = this.#byHandle.get(handle);
    if (stream === undefined) throw new OperationError("EINVAL", `zlib stream ${handle} is not open`);
    return stream;
  }

  end(handle: number): void {
    this.#byHandle.get(handle)?.close();
    this.#byHandle.delete(handle);
  }

  inUse(): string | undefined {
    return this.#byHandle.size === 0 ? undefined : `${this.#byHandle.size} zlib streams are open`;
  }

  close(): void {
    for (const handle of [...this.#byHandle.keys()]) this.end(handle);
  }
}

function streamsOf(environment: OperationEnvironment): Streams {
  const present = environment.resources.get("zlib");
  if (present instanceof Streams) return present;
  const made = new Streams();
  environment.resources.set("zlib", made);
  return made;
}

const handle = integer(1, Number.MAX_SAFE_INTEGER);

export const openStream = defineOperation({
  name: "zlib.open",
  kind: "sync",
  args: [handle, oneOf(...zlibFormats), string(1024)],
  replay: "taped",
  run: (environment, id, format, options) =>
    streamsOf(environment).open(id, format, zlibOptions(format, options)),
});

/** The output that this input, and then a flush of this kind, lets out; `finish` is the end of the input. */
export const writeStream = defineOperation({
  name: "zlib.write",
  kind: "async",
  args: [handle, bytes(maxChunkBytes), oneOf("none", "sync", "full", "finish")],
  replay: "taped",
  run: async (environment, id, input, flush) => {
    const streams = streamsOf(environment);
    try {
      return await streams.get(id).write(input, flush);
    } catch (error) {
      throw zlibError(error);
    } finally {
      if (flush === "finish") streams.end(id);
    }
  },
});

export const closeStream = defineOperation({
  name: "zlib.close",
  kind: "sync",
  args: [handle],
  replay: "taped",
  run: (environment, id) => streamsOf(environment).end(id),
});

export const crc32 = defineOperation({
  name: "zlib.crc32",
  kind: "sync",
  args: [bytes(maxBytes), integer(0, 2 ** 32 - 1)],
  replay: "pure",
  run: (_environment, data, value) => zlib.crc32(data, value),
});

function zlibError(error: unknown): OperationError {
  if (error instanceof OperationError) return error;
  const { code, message } = error as Error & { code?: string };
  // Only what zlib says of the guest's own data; anything else is our bug and keeps its stack on our side.
  if (code?.startsWith("Z_") || code?.startsWith("ERR_")) return new OperationError(code, message);
  throw error;
}
