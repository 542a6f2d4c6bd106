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
] as const;
export type ZlibFormat = (typeof zlibFormats)[number];

/**
 * What a function may choose; the ranges are zlib's, and large windows of brotli are left out. Checked by hand: a host
 * loads no package that it could do without.
 */
const ranges = {
  level: [-1, 9],
  windowBits: [8, 15],
  memLevel: [1, 9],
  strategy: [0, 4],
  quality: [0, 11],
  windowSize: [10, 24],
} as const;
type OptionName = keyof typeof ranges;

/** @throws {OperationError} When the text is no JSON of that shape. */
export function zlibOptions(format: ZlibFormat, json: string): object {
  const { quality, windowSize, ...options } = checked(parse(json));
  if (!format.startsWith("brotli")) return options;
  const params: Record<number, number> = {};
  if (format === "brotliCompress") {
    params[constants.BROTLI_PARAM_QUALITY] = quality ?? constants.BROTLI_DEFAULT_QUALITY;
    if (windowSize !== undefined) params[constants.BROTLI_PARAM_LGWIN] = windowSize;
  }
  return { params };
}

function checked(given: unknown): Partial<Record<OptionName, number>> {
  const options: Partial<Record<OptionName, number>> = {};
  if (typeof given !== "object" || given === null) throw outOfRange();
  for (const [name, [min, max]] of Object.entries(ranges) as [OptionName, readonly [number, number]][]) {
    const value = (given as Record<string, unknown>)[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max)
      throw outOfRange();
    options[name] = value;
  }
  return options;
}

function outOfRange(): OperationError {
  return new OperationError("ERR_OUT_OF_RANGE", "The zlib options are out of range");
}

function parse(json: string): unknown {
  if (json === "") return {};
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
