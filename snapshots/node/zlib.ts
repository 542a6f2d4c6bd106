import buffer, { type Buffer } from "node:buffer";
import { callSync } from "../bridge.ts";
import { nextTick } from "../ticks.ts";
import { viewOfBytes, wholeBuffer } from "../web/bytes.ts";
import { zlibError } from "../web/lazy/zlib-handle.ts";
import { utf8Encode } from "../web/utf8.ts";
import { asBuffer } from "./internal/as-buffer.ts";
import { assertFunction, invalidArgType, outOfRange } from "./internal/errors.ts";
import { zlibConstants as constants } from "./internal/zlib-constants.ts";
import {
  deflateSettings,
  numberInRange,
  parameterSettings,
  type ZlibOptions,
} from "./internal/zlib-options.ts";
import { kMaxLength, openHandle, tooLarge, writeSync, ZlibBase } from "./internal/zlib-stream.ts";
import type { ZlibStream } from "./internal/zlib-writing.ts";

type Construct = (this: ZlibStream, options?: ZlibOptions) => void;
interface ZlibClass {
  new (options?: ZlibOptions): ZlibStream;
  (options?: ZlibOptions): ZlibStream;
}
type DeflateFormat = "deflate" | "inflate" | "gzip" | "gunzip" | "deflateRaw" | "inflateRaw" | "unzip";
interface DeflateStream extends ZlibStream {
  _level: number;
  _strategy: number;
}

const zlibFlushes = {
  flush: constants.Z_NO_FLUSH,
  finishFlush: constants.Z_FINISH,
  fullFlush: constants.Z_FULL_FLUSH,
  highest: constants.Z_BLOCK,
};
const brotliFlushes = {
  flush: constants.BROTLI_OPERATION_PROCESS,
  finishFlush: constants.BROTLI_OPERATION_FINISH,
  fullFlush: constants.BROTLI_OPERATION_FLUSH,
  highest: constants.BROTLI_OPERATION_EMIT_METADATA,
};
const zstdFlushes = {
  flush: constants.ZSTD_e_continue,
  finishFlush: constants.ZSTD_e_end,
  fullFlush: constants.ZSTD_e_flush,
  highest: constants.ZSTD_e_end,
};

function Zlib(this: DeflateStream, options: ZlibOptions | undefined, format: DeflateFormat): void {
  const { host, level, strategy } = deflateSettings(format, options);
  ZlibBase.call(this, options, format, host, zlibFlushes);
  this._level = level;
  this._strategy = strategy;
}
inherit(Zlib, ZlibBase);

Zlib.prototype.params = function params(
  this: DeflateStream,
  level: number,
  strategy: number,
  callback?: () => void,
): void {
  numberInRange(level, "level", -1, 9, constants.Z_DEFAULT_COMPRESSION);
  numberInRange(strategy, "strategy", 0, 4, constants.Z_DEFAULT_STRATEGY);
  if (this._level === level && this._strategy === strategy) {
    if (callback) nextTick(callback);
    return;
  }
  this.flush(constants.Z_SYNC_FLUSH, () => {
    openHandle(this).params(level, strategy);
    if (this.destroyed) return;
    this._level = level;
    this._strategy = strategy;
    callback?.();
  });
};

function Brotli(
  this: ZlibStream,
  options: ZlibOptions | undefined,
  format: "brotliCompress" | "brotliDecompress",
): void {
  ZlibBase.call(this, options, format, parameterSettings(format, options), brotliFlushes);
}
inherit(Brotli, Zlib);

function Zstd(
  this: ZlibStream,
  options: ZlibOptions | undefined,
  format: "zstdCompress" | "zstdDecompress",
): void {
  ZlibBase.call(this, options, format, parameterSettings(format, options), zstdFlushes);
}
inherit(Zstd, ZlibBase);

function inherit(derived: object, base: object): void {
  Object.setPrototypeOf(
    (derived as { prototype: object }).prototype,
    (base as { prototype: object }).prototype,
  );
  Object.setPrototypeOf(derived, base);
}

/** A class that may also be called, as Node's older ones: `construct` is what it does to its `this`. */
function callable(name: string, base: object, construct: Construct): ZlibClass {
  const made = {
    [name]: function (this: unknown, options?: ZlibOptions): unknown {
      if (!(this instanceof (made as Construct & ZlibClass))) return new (made as ZlibClass)(options);
      construct.call(this as unknown as ZlibStream, options);
      return undefined;
    },
  }[name] as unknown as ZlibClass;
  inherit(made, base);
  return made;
}

const deflateClass = (name: string, format: DeflateFormat) =>
  callable(name, Zlib, function (options) {
    Zlib.call(this as DeflateStream, options, format);
  });

const classes: Readonly<Record<string, ZlibClass>> = {
  Deflate: deflateClass("Deflate", "deflate"),
  Inflate: deflateClass("Inflate", "inflate"),
  Gzip: deflateClass("Gzip", "gzip"),
  Gunzip: deflateClass("Gunzip", "gunzip"),
  DeflateRaw: callable("DeflateRaw", Zlib, function (options) {
    // zlib has no raw stream with a window of 256 bytes.
    if (options?.windowBits === 8) options.windowBits = 9;
    Zlib.call(this as DeflateStream, options, "deflateRaw");
  }),
  InflateRaw: deflateClass("InflateRaw", "inflateRaw"),
  Unzip: deflateClass("Unzip", "unzip"),
  BrotliCompress: callable("BrotliCompress", Brotli, function (options) {
    Brotli.call(this, options, "brotliCompress");
  }),
  BrotliDecompress: callable("BrotliDecompress", Brotli, function (options) {
    Brotli.call(this, options, "brotliDecompress");
  }),
  ZstdCompress: callable("ZstdCompress", Zstd, function (options) {
    Zstd.call(this, options, "zstdCompress");
  }),
  ZstdDecompress: callable("ZstdDecompress", Zstd, function (options) {
    Zstd.call(this, options, "zstdDecompress");
  }),
};

/** Less than this, by the usual options, is one call of the host's. */
const onceBytes = 64 * 1024;

function runOnce(format: string, bytes: Uint8Array): Buffer | undefined {
  try {
    const output = callSync("zlib.once", format, wholeBuffer(bytes)) as Uint8Array | undefined;
    return output && asBuffer(output);
  } catch (error) {
    throw zlibError(error);
  }
}

function runSync(Class: ZlibClass, format: string) {
  return (data: unknown, options?: ZlibOptions): unknown => {
    const bytes = typeof data === "string" ? utf8Encode(data) : viewOfBytes(data);
    if (options === undefined && bytes !== undefined && bytes.length <= onceBytes) {
      const output = runOnce(format, bytes);
      if (output !== undefined && output.length <= kMaxLength) return output;
    }
    const engine = new Class(options);
    if (bytes === undefined) {
      const expected = "of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer.";
      throw invalidArgType("buffer", expected.slice(0, -1), data);
    }
    const output = writeSync(engine, bytes, engine._finishFlushFlag);
    return engine._info ? { buffer: output, engine } : output;
  };
}

type Callback = (error: Error | null, result?: unknown) => void;

function runAsync(Class: ZlibClass) {
  return (data: unknown, given: unknown, last?: unknown): void => {
    const callback = (typeof given === "function" ? given : last) as Callback;
    const engine = new Class(typeof given === "function" ? {} : (given as ZlibOptions | undefined));
    assertFunction(callback, "callback");
    const bytes = typeof data === "string" ? data : viewOfBytes(data);
    collect(engine, callback as Callback);
    engine.end(bytes === undefined ? data : typeof bytes === "string" ? bytes : asView(bytes));
  };
}

const asView = (bytes: Uint8Array): Buffer =>
  buffer.Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);

function collect(engine: ZlibStream, callback: Callback): void {
  const chunks: Buffer[] = [];
  let length = 0;
  engine.on("data", (data: unknown) => {
    const chunk = data as Buffer;
    chunks.push(chunk);
    length += chunk.length;
    if (length <= engine._maxOutputLength) return;
    engine.close();
    engine.removeAllListeners("end");
    callback(tooLarge(engine._maxOutputLength));
  });
  engine.on("error", (error: unknown) => {
    engine.removeAllListeners("end");
    callback(error as Error);
  });
  engine.on("end", () => {
    const output = chunks.length === 1 ? chunks[0]! : buffer.Buffer.concat(chunks, length);
    engine.close();
    callback(null, engine._info ? { buffer: output, engine } : output);
  });
}

/** What crosses to the host at once. */
const crcBytes = 8 * 1024 * 1024;

function crc32(data: unknown, value: number = 0): number {
  if (typeof data !== "string" && !ArrayBuffer.isView(data)) {
    throw invalidArgType("data", "of type string or an instance of Buffer, TypedArray, or DataView", data);
  }
  if (typeof value !== "number") throw invalidArgType("value", "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange("value", "an integer", value);
  if (value < 0 || value > 0xffffffff) throw outOfRange("value", ">= 0 && <= 4294967295", value);
  const bytes = typeof data === "string" ? utf8Encode(data) : viewOfBytes(data)!;
  let crc = value;
  for (let at = 0; at < bytes.length; at += crcBytes) {
    crc = callSync("zlib.crc32", wholeBuffer(bytes.subarray(at, at + crcBytes)), crc) as number;
  }
  return crc + 0;
}

const results =
  "Z_OK Z_STREAM_END Z_NEED_DICT Z_ERRNO Z_STREAM_ERROR Z_DATA_ERROR Z_MEM_ERROR Z_BUF_ERROR Z_VERSION_ERROR";
const codes: Record<string, string | number> = {};
for (const name of results.split(" ")) {
  const value = constants[name as keyof typeof constants];
  codes[name] = value;
  codes[String(value)] = name;
}

const exported: Record<string, unknown> = { crc32 };
for (const [name, Class] of Object.entries(classes)) {
  const convenience = name[0]!.toLowerCase() + name.slice(1);
  const create = { [`create${name}`]: (options?: ZlibOptions) => new Class(options) };
  exported[name] = Class;
  exported[convenience] = runAsync(Class);
  exported[`${convenience}Sync`] = runSync(Class, convenience);
  Object.defineProperty(exported, `create${name}`, {
    value: create[`create${name}`],
    enumerable: true,
    configurable: true,
  });
}
const fixed = Object.create(null) as Record<string, number>;
for (const name in constants) {
  const value = constants[name as keyof typeof constants];
  Object.defineProperty(fixed, name, { value, enumerable: true });
  if (!name.startsWith("BROTLI")) Object.defineProperty(exported, name, { value });
}
Object.defineProperties(exported, {
  constants: { value: fixed, enumerable: true },
  codes: { value: Object.freeze(codes), enumerable: true },
});

export default exported;
