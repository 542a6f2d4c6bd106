import { constants } from "node:zlib";
import { z } from "zod";
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

/** What a function may choose; the ranges are zlib's, and large windows of brotli are left out. */
const schema = z.object({
  level: z.int().min(-1).max(9).optional(),
  windowBits: z.int().min(8).max(15).optional(),
  memLevel: z.int().min(1).max(9).optional(),
  strategy: z.int().min(0).max(4).optional(),
  quality: z.int().min(0).max(11).optional(),
  windowSize: z.int().min(10).max(24).optional(),
});

/** @throws {OperationError} When the text is no JSON of that shape. */
export function zlibOptions(format: ZlibFormat, json: string): object {
  const parsed = schema.safeParse(parse(json));
  if (!parsed.success) throw new OperationError("ERR_OUT_OF_RANGE", "The zlib options are out of range");
  const { quality, windowSize, ...options } = parsed.data;
  if (!format.startsWith("brotli")) return options;
  const params: Record<number, number> = {};
  if (format === "brotliCompress") {
    params[constants.BROTLI_PARAM_QUALITY] = quality ?? constants.BROTLI_DEFAULT_QUALITY;
    if (windowSize !== undefined) params[constants.BROTLI_PARAM_LGWIN] = windowSize;
  }
  return { params };
}

function parse(json: string): unknown {
  if (json === "") return {};
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
