import type { Buffer } from "node:buffer";
import { callAsync, callSync } from "../bridge.ts";
import { asBuffer } from "./internal/as-buffer.ts";
import { assertFunction, unavailable } from "./internal/errors.ts";
import { toBytes } from "./internal/hash.ts";
import { zlibConstants } from "./internal/zlib-constants.ts";
import { systemErrorsOfZlib } from "./internal/zlib-errors.ts";
import { createZlibStream, type Format, hostOptions, type ZlibOptions } from "./internal/zlib-stream.ts";

type Callback = (error: Error | null, result?: Buffer) => void;

/** What the host unpacks at most, whatever a function asks for. */
const maxOutputBytes = 64 * 1024 * 1024;

function outputLimit(options: ZlibOptions): number {
  return Math.max(1, Math.min(options.maxOutputLength ?? maxOutputBytes, maxOutputBytes));
}

const input = (data: unknown) =>
  data instanceof ArrayBuffer ? new Uint8Array(data) : toBytes(data, "buffer");

function runSync(format: Format) {
  return (data: unknown, options: ZlibOptions = {}): Buffer => {
    try {
      return asBuffer(callSync("zlib.sync", format, input(data), hostOptions(options), outputLimit(options)));
    } catch (error) {
      throw systemErrorsOfZlib(error);
    }
  };
}

function runAsync(format: Format) {
  return (data: unknown, ...rest: unknown[]): void => {
    const callback = rest.pop() as Callback;
    assertFunction(callback, "callback");
    const options = (rest[0] ?? {}) as ZlibOptions;
    callAsync("zlib.async", format, input(data), hostOptions(options), outputLimit(options)).then(
      (bytes) => callback(null, asBuffer(bytes)),
      (error: unknown) => callback(systemErrorsOfZlib(error)),
    );
  };
}

const formats: Readonly<Record<string, Format>> = {
  Gzip: "gzip",
  Gunzip: "gunzip",
  Deflate: "deflate",
  Inflate: "inflate",
  DeflateRaw: "deflateRaw",
  InflateRaw: "inflateRaw",
  Unzip: "unzip",
  BrotliCompress: "brotliCompress",
  BrotliDecompress: "brotliDecompress",
};

const exported: Record<string, unknown> = {
  constants: zlibConstants,
  ...zlibConstants,
  codes: Object.fromEntries(
    Object.entries(zlibConstants)
      .filter(([name]) => /^Z_(OK|STREAM_END|NEED_DICT|ERRNO|\w+_ERROR)$/.test(name))
      .flatMap(([name, value]) => [
        [name, value],
        [String(value), name],
      ]),
  ),
  crc32(data: unknown, value = 0): number {
    return callSync("zlib.crc32", toBytes(data, "data"), value) as number;
  },
};
for (const [name, format] of Object.entries(formats)) {
  exported[format] = runAsync(format);
  exported[`${format}Sync`] = runSync(format);
  exported[`create${name}`] = (options?: ZlibOptions) => createZlibStream(format, options);
  exported[name] = function stream(options?: ZlibOptions) {
    return createZlibStream(format, options);
  };
}
for (const name of [
  "zstdCompress",
  "zstdDecompress",
  "zstdCompressSync",
  "zstdDecompressSync",
  "createZstdCompress",
  "createZstdDecompress",
]) {
  exported[name] = () => {
    throw unavailable(`zlib.${name}`, "use brotli or gzip");
  };
}

export default exported;
