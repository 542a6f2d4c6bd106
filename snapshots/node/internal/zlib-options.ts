import { callSync, hostError } from "../../bridge.ts";
import { copyOfBytes } from "../../web/bytes.ts";
import type { ZlibFormat, ZlibSettings } from "../../web/lazy/zlib-handle.ts";
import { invalidArgType, nodeError, outOfRange } from "./errors.ts";
import { zlibConstants as constants } from "./zlib-constants.ts";

/** As Node's streams take them; what else is in there is for the stream itself. */
export interface ZlibOptions {
  chunkSize?: number;
  flush?: number;
  finishFlush?: number;
  maxOutputLength?: number;
  rejectGarbageAfterEnd?: boolean;
  info?: boolean;
  level?: number;
  windowBits?: number;
  memLevel?: number;
  strategy?: number;
  dictionary?: unknown;
  params?: Record<string, unknown>;
  pledgedSrcSize?: number;
  [streamOption: string]: unknown;
}

/** False for one that was not given, as undefined or NaN. @throws {TypeError | RangeError} For what is no finite number. */
export function isGivenNumber(value: unknown, name: string): value is number {
  if (value === undefined) return false;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return true;
    if (Number.isNaN(value)) return false;
    throw outOfRange(name, "a finite number", value);
  }
  throw invalidArgType(name, "of type number", value);
}

export function numberInRange(
  value: unknown,
  name: string,
  min: number,
  max: number,
  otherwise: number,
): number {
  if (!isGivenNumber(value, name)) return otherwise;
  if (value < min || value > max) throw outOfRange(name, `>= ${min} and <= ${max}`, value);
  return value;
}

export interface DeflateSettings {
  readonly host: ZlibSettings;
  readonly level: number;
  readonly strategy: number;
}

/** The options of zlib proper. */
export function deflateSettings(format: ZlibFormat, given: ZlibOptions | undefined): DeflateSettings {
  const options: ZlibOptions = given ?? {};
  const isHeaded = format === "inflate" || format === "gunzip" || format === "unzip";
  // When unpacking, 0 means the window that the data's own head names.
  const usesHeadsWindow =
    isHeaded && (options.windowBits === undefined || options.windowBits === null || options.windowBits === 0);
  const smallest = format === "gzip" ? 9 : constants.Z_MIN_WINDOWBITS;
  const windowBits = usesHeadsWindow
    ? 0
    : numberInRange(options.windowBits, "options.windowBits", smallest, 15, constants.Z_DEFAULT_WINDOWBITS);
  const level = numberInRange(options.level, "options.level", -1, 9, constants.Z_DEFAULT_COMPRESSION);
  const memLevel = numberInRange(options.memLevel, "options.memLevel", 1, 9, constants.Z_DEFAULT_MEMLEVEL);
  const strategy = numberInRange(options.strategy, "options.strategy", 0, 4, constants.Z_DEFAULT_STRATEGY);
  const values = { windowBits, level, memLevel, strategy, ...garbageRule(options) };
  const host = { options: JSON.stringify(values), dictionary: dictionaryOf(options) };
  // A raw stream's dictionary is tried at once, since nothing in its data tells a wrong one.
  return { host, level, strategy };
}

/** The options of brotli and of zstd, which are numbers by the numbers of their names. */
export function parameterSettings(
  format: "brotliCompress" | "brotliDecompress" | "zstdCompress" | "zstdDecompress",
  given: ZlibOptions | undefined,
): ZlibSettings {
  const options: ZlibOptions = given ?? {};
  const params: Record<number, number> = {};
  const isZstd = format.startsWith("zstd");
  const highest = isZstd ? (format === "zstdCompress" ? 402 : 100) : 8;
  for (const name of Object.keys(options.params ?? {})) {
    const key = Number(name);
    if (Number.isNaN(key) || key < 0 || key > highest || params[key] !== undefined) {
      const code = isZstd ? "ERR_ZSTD_INVALID_PARAM" : "ERR_BROTLI_INVALID_PARAM";
      throw nodeError(RangeError, code, `${name} is not a valid ${isZstd ? "zstd" : "Brotli"} parameter`);
    }
    const value = options.params![name];
    if (typeof value !== "number" && typeof value !== "boolean") {
      throw invalidArgType("options.params[key]", "of type number", value);
    }
    params[key] = Number(value) | 0;
  }
  const { pledgedSrcSize } = options;
  const values = {
    params,
    ...(pledgedSrcSize === undefined ? {} : { pledgedSrcSize }),
    ...garbageRule(options),
  };
  const settings = { options: JSON.stringify(values), dictionary: dictionaryOf(options) };
  // Whether they go together only zstd and brotli know; the stream itself is opened when it is first written to.
  if (options.params !== undefined || settings.dictionary !== undefined) check(format, settings);
  return settings;
}

function check(format: ZlibFormat, settings: ZlibSettings): void {
  try {
    callSync("zlib.check", format, settings.options, settings.dictionary);
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    throw code.startsWith("ERR_")
      ? nodeError(code === "ERR_OUT_OF_RANGE" ? RangeError : Error, code, message)
      : hostError(code, message);
  }
}

function garbageRule({ rejectGarbageAfterEnd }: ZlibOptions): { rejectGarbageAfterEnd?: boolean } {
  return rejectGarbageAfterEnd === true ? { rejectGarbageAfterEnd } : {};
}

function dictionaryOf({ dictionary }: ZlibOptions): Uint8Array | undefined {
  if (dictionary === undefined) return undefined;
  const bytes = copyOfBytes(dictionary);
  if (bytes !== undefined) return bytes;
  throw invalidArgType(
    "options.dictionary",
    "an instance of Buffer, TypedArray, DataView, or ArrayBuffer",
    dictionary,
  );
}
