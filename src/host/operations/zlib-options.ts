import { constants } from "node:zlib";
import { OperationError } from "../../model/values.ts";

export const zlibFormats = [
  "gzip",
  "gunzip",
  "deflate",
  "inflate",
  "deflateRaw",
  "inflateRaw",
  "unzip",
  "brotliCompress",
  "brotliDecompress",
  "zstdCompress",
  "zstdDecompress",
] as const;
export type ZlibFormat = (typeof zlibFormats)[number];

/** Options of one stream, checked, and the memory that zlib takes for it. */
export interface ZlibOptions {
  readonly options: object;
  readonly memoryBytes: number;
  /** What grows with the input, by how much and to how much. */
  readonly growth?: { readonly perInputByte: number; readonly bytes: number };
}

type Ranges = Readonly<Record<string, readonly [min: number, max: number]>>;
type Numbers = Record<string, number>;

/** What a function may choose; the ranges are zlib's. Checked by hand: a host loads no package that it could do without. */
const zlibRanges: Ranges = { level: [-1, 9], windowBits: [0, 15], memLevel: [1, 9], strategy: [0, 4] };
const {
  BROTLI_PARAM_LARGE_WINDOW,
  BROTLI_PARAM_LGWIN,
  BROTLI_PARAM_QUALITY,
  BROTLI_DECODER_PARAM_LARGE_WINDOW,
  ZSTD_c_chainLog,
  ZSTD_c_compressionLevel,
  ZSTD_c_hashLog,
  ZSTD_c_ldmHashLog,
  ZSTD_c_nbWorkers,
  ZSTD_c_windowLog,
  ZSTD_d_windowLogMax,
} = constants;

/**
 * Windows are what zlib's memory goes into. Brotli's large ones (a gigabyte) are left out; zstd's are what every
 * decoder has to know (RFC 8878), unless a function asks for more.
 */
const zstdWindowLog = 23;
const maxZstdLog = 27;
const zstdTables = [ZSTD_c_windowLog, ZSTD_c_hashLog, ZSTD_c_chainLog, ZSTD_c_ldmHashLog];
/** What levels up to the first number choose by themselves, at most: windowLog, hashLog, chainLog. */
const zstdLogs: readonly (readonly number[])[] = [
  [4, 21, 18, 18],
  [9, 22, 22, 22],
  [Number.POSITIVE_INFINITY, 23, 23, 24],
];
const mib = 1024 * 1024;

/** @throws {OperationError} When the text is no JSON of that shape, or says what no function may choose. */
export function zlibOptions(format: ZlibFormat, json: string, dictionary?: Uint8Array): ZlibOptions {
  const given = parse(json);
  const common = { ...flag(given, "rejectGarbageAfterEnd"), ...(dictionary && { dictionary }) };
  const dictionaryBytes = dictionary?.byteLength ?? 0;
  const made = format.startsWith("zstd")
    ? zstd(format === "zstdCompress", given)
    : format.startsWith("brotli")
      ? brotli(format === "brotliCompress", given)
      : deflate(format, given);
  return {
    ...made,
    options: { ...common, ...made.options },
    memoryBytes: made.memoryBytes + 4 * dictionaryBytes,
  };
}

function deflate(format: ZlibFormat, given: Record<string, unknown>): ZlibOptions {
  const options = numbers(given, zlibRanges);
  const window = 2 ** (options.windowBits || 15);
  const isCompressor = /^(gzip|deflate)/.test(format);
  // As zconf.h has it: deflate keeps its window four times, and its hash tables; inflate keeps it once.
  const memoryBytes = isCompressor ? 4 * window + 2 ** ((options.memLevel ?? 8) + 9) : window + 8192;
  return { options, memoryBytes };
}

function brotli(isCompressor: boolean, given: Record<string, unknown>): ZlibOptions {
  const params = parameters(given);
  const largeWindow = isCompressor ? BROTLI_PARAM_LARGE_WINDOW : BROTLI_DECODER_PARAM_LARGE_WINDOW;
  if ((params[largeWindow] ?? 0) !== 0) {
    throw outOfRange("brotli's large window is not to be had: it may take a gigabyte");
  }
  if (!isCompressor) return { options: { params }, memoryBytes: 16 * mib };
  const window = 2 ** Math.min(params[BROTLI_PARAM_LGWIN] ?? 22, 24);
  const quality = params[BROTLI_PARAM_QUALITY] ?? 11;
  // Qualities 10 and 11 keep a search tree with two links for each byte of the window; it grows with the input.
  const perByte = quality < 10 ? 3 : 10;
  return {
    options: { params },
    memoryBytes: 3 * mib,
    growth: { perInputByte: perByte, bytes: perByte * window },
  };
}

function zstd(isCompressor: boolean, given: Record<string, unknown>): ZlibOptions {
  const params = parameters(given);
  const bounded = isCompressor ? zstdTables : [ZSTD_d_windowLogMax];
  if (bounded.some((name) => (params[name] ?? 0) > maxZstdLog)) {
    throw outOfRange(`zstd's windows and tables have at most 2 ** ${maxZstdLog} entries`);
  }
  if (!isCompressor) {
    const log = params[ZSTD_d_windowLogMax] || zstdWindowLog;
    return { options: { params: { ...params, [ZSTD_d_windowLogMax]: log } }, memoryBytes: 2 ** log + mib };
  }
  // Threads of its own would outlive every limit.
  delete params[ZSTD_c_nbWorkers];
  // The highest levels choose windows that decoders refuse unless they are told to.
  if ((params[ZSTD_c_compressionLevel] ?? 0) > 19) params[ZSTD_c_windowLog] ||= zstdWindowLog;
  const level = params[ZSTD_c_compressionLevel] ?? 3;
  const [window, hash, chain] = zstdLogs.find(([highest]) => level <= highest!)!.slice(1) as number[];
  const log = (name: number, usual: number): number => params[name] || usual;
  const entries =
    2 ** log(ZSTD_c_hashLog, hash!) +
    2 ** log(ZSTD_c_chainLog, chain!) +
    2 ** (params[ZSTD_c_ldmHashLog] ?? 0);
  const pledged = numbers(given, { pledgedSrcSize: [0, Number.MAX_SAFE_INTEGER] });
  return {
    options: { params, ...pledged },
    memoryBytes: 2 ** log(ZSTD_c_windowLog, window!) + 4 * entries + mib,
  };
}

function numbers(given: Record<string, unknown>, ranges: Ranges): Numbers {
  const options: Numbers = {};
  for (const [name, [min, max]] of Object.entries(ranges)) {
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      throw outOfRange(`${name} is an integer from ${min} to ${max}`);
    }
    options[name] = value;
  }
  return options;
}

/** Which of them there are, and what they may be, is Node's to check. */
function parameters(given: Record<string, unknown>): Numbers {
  const params: Numbers = {};
  if (given.params === undefined) return params;
  if (typeof given.params !== "object" || given.params === null) throw outOfRange("params is an object");
  for (const [name, value] of Object.entries(given.params)) {
    if (!/^\d{1,4}$/.test(name) || typeof value !== "number" || !Number.isInteger(value)) {
      throw outOfRange("params are integers by the numbers of their names");
    }
    params[Number(name)] = value;
  }
  return params;
}

function flag(given: Record<string, unknown>, name: string): Record<string, boolean> {
  return given[name] === true ? { [name]: true } : {};
}

function outOfRange(rule: string): OperationError {
  return new OperationError("ERR_OUT_OF_RANGE", `Cannot use these options of zlib: ${rule}`);
}

function parse(json: string): Record<string, unknown> {
  if (json === "") return {};
  try {
    const given: unknown = JSON.parse(json);
    if (typeof given === "object" && given !== null) return given as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw outOfRange("they are to be a JSON object");
}
