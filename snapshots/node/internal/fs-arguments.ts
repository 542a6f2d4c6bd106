import buffer from "node:buffer";
import type { Buffer } from "./buffer-type.ts";
import { assertFunction, invalidArgType, nodeError, outOfRange } from "./errors.ts";
import { fileConstants } from "./file-constants.ts";
import { web } from "./web.ts";

/** How Node checks what fs functions are given. Everything here throws its errors. */
export type Path = string;
export interface EncodingOptions {
  readonly encoding?: string | null;
}

export function invalidArgValue(name: string, value: unknown, reason = "is invalid"): Error {
  const kind = name.includes(".") ? "property" : "argument";
  return nodeError(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The ${kind} '${name}' ${reason}. Received ${shown(value)}`,
  );
}

function shown(value: unknown): string {
  if (typeof value !== "string") return typeof value === "object" ? JSON.stringify(value) : String(value);
  return `'${value.replaceAll("\\", "\\\\").replaceAll("\0", "\\x00").replaceAll("\n", "\\n")}'`;
}

/** A path's text as the guest gave it, whichever of three kinds it is. Names are UTF-8. */
export function pathOf(value: unknown, name = "path"): Path {
  const path = textOfPath(value, name);
  if (path.includes("\0")) {
    throw invalidArgValue(name, path, "must be a string, Uint8Array, or URL without null bytes");
  }
  return path;
}

function textOfPath(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array)
    return buffer.Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  if (typeof value === "object" && value !== null && "href" in value && "protocol" in value)
    return pathOfUrl(value as FileUrl);
  throw invalidArgType(name, "of type string or an instance of Buffer or URL", value);
}

interface FileUrl {
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly pathname: string;
}

function pathOfUrl({ href, protocol, hostname, pathname }: FileUrl): string {
  if (protocol !== "file:")
    throw nodeError(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  if (hostname !== "") {
    throw nodeError(
      TypeError,
      "ERR_INVALID_FILE_URL_HOST",
      'File URL host must be "localhost" or empty on linux',
    );
  }
  if (/%2f/i.test(pathname)) {
    const message = "File URL path must not include encoded / characters";
    throw Object.assign(nodeError(TypeError, "ERR_INVALID_FILE_URL_PATH", message), { input: href });
  }
  return decodeURIComponent(pathname);
}

export function isDescriptor(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 2 ** 31 - 1;
}

export function descriptorOf(value: unknown): number {
  return integerOf(value, "fd", 0, 2 ** 31 - 1);
}

/** @param min Inclusive, as is `max`. */
export function integerOf(
  value: unknown,
  name: string,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, withUnderscores(value));
  return value;
}

/** As Node prints large numbers in these messages. */
function withUnderscores(value: number): string {
  if (Math.abs(value) <= 2 ** 32) return String(value);
  return String(value).replace(/\B(?=(\d{3})+$)/g, "_");
}

export function booleanOf(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw invalidArgType(name, "of type boolean", value);
  return value;
}

/** A number, or octal digits. */
export function modeOf(value: unknown, name: string, fallback?: number): number {
  const given = value ?? fallback;
  if (typeof given === "string") {
    if (!/^[0-7]+$/.test(given))
      throw invalidArgValue(name, given, "must be a 32-bit unsigned integer or an octal string");
    return Number.parseInt(given, 8);
  }
  return integerOf(given, name, 0, 2 ** 32 - 1);
}

const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY } = fileConstants;
const flagsByName: Readonly<Record<string, number>> = {
  r: 0,
  rs: O_SYNC,
  sr: O_SYNC,
  "r+": O_RDWR,
  "rs+": O_RDWR | O_SYNC,
  "sr+": O_RDWR | O_SYNC,
  w: O_TRUNC | O_CREAT | O_WRONLY,
  wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  "w+": O_TRUNC | O_CREAT | O_RDWR,
  "wx+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  "xw+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  a: O_APPEND | O_CREAT | O_WRONLY,
  ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  as: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  sa: O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  "a+": O_APPEND | O_CREAT | O_RDWR,
  "ax+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "xa+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  "as+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  "sa+": O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

export function flagsOf(value: unknown, name = "flags"): number {
  if (typeof value === "number") return integerOf(value, name, -(2 ** 31), 2 ** 31 - 1) & 0x7fffffff;
  if (value === undefined || value === null) return 0;
  const known = typeof value === "string" && Object.hasOwn(flagsByName, value);
  if (!known) throw invalidArgValue(name, value);
  return flagsByName[value]!;
}

/** Options or an encoding; a callback in their place counts as none. */
export function optionsOf<T extends object>(value: unknown, defaults: T): T & EncodingOptions {
  if (value === undefined || value === null || typeof value === "function") return defaults;
  if (typeof value !== "string" && typeof value !== "object")
    throw invalidArgType("options", "of type string or an instance of Object", value);
  const given = (typeof value === "string" ? { ...defaults, encoding: value } : value) as EncodingOptions;
  const { encoding } = given;
  if (encoding && encoding !== "buffer" && !buffer.Buffer.isEncoding(encoding))
    throw invalidArgValue("encoding", encoding, "is invalid encoding");
  const { signal } = given as { signal?: unknown };
  if (signal !== undefined && !(typeof signal === "object" && signal !== null && "aborted" in signal))
    throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  return (typeof value === "string" ? given : { ...defaults, ...definedOf(given) }) as T & EncodingOptions;
}

/** Not copied as a whole: options may be inherited. */
function definedOf(given: object): object {
  const found: Record<string, unknown> = {};
  for (const key in given) {
    const value = (given as Record<string, unknown>)[key];
    if (value !== undefined) found[key] = value;
  }
  return found;
}

/** A name or content in the encoding that was asked for. */
export function encoded(bytes: Buffer, encoding: string | null | undefined): string | Buffer {
  return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
}

/** @param text A name. */
export function encodedName(text: string, encoding: string | null | undefined): string | Buffer {
  if (!encoding || encoding === "utf8" || encoding === "utf-8") return text;
  return encoded(buffer.Buffer.from(text), encoding);
}

/** No date is later. */
const latestMs = 8.64e15;

/** Seconds, text of them, or a Date: as epoch ms. */
export function timeOf(value: unknown): number {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  // A time before all others is now.
  if (typeof seconds === "number" && Number.isFinite(seconds)) {
    return seconds < 0 ? Date.now() : Math.min(seconds * 1000, latestMs);
  }
  if (value instanceof Date) return value.getTime() || 0;
  throw invalidArgType("time", "an instance of Date or an Time in seconds", value);
}

export function bufferOf(value: unknown, name = "buffer"): Uint8Array {
  if (!ArrayBuffer.isView(value))
    throw invalidArgType(name, "an instance of Buffer, TypedArray, or DataView", value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

export function buffersOf(value: unknown): Uint8Array[] {
  if (!Array.isArray(value)) throw invalidArgType("buffers", "an ArrayBufferView[]", value);
  for (const one of value)
    if (!ArrayBuffer.isView(one)) throw invalidArgType("buffers", "an ArrayBufferView[]", value);
  return value.map((one) => bufferOf(one));
}

/** What is written: bytes as they are, text in its encoding. */
export function contentOf(value: unknown, encoding: unknown, name = "data"): Uint8Array {
  if (typeof value === "string") {
    // By the host for long text: the package takes seconds for megabytes.
    const isUtf8 = !encoding || encoding === "utf8" || encoding === "utf-8";
    return isUtf8 ? new web.TextEncoder().encode(value) : buffer.Buffer.from(value, encoding);
  }
  if (!ArrayBuffer.isView(value)) {
    throw invalidArgType(name, "of type string or an instance of Buffer, TypedArray, or DataView", value);
  }
  return bufferOf(value);
}

/** null and -1: where the last one ended, which the host has as -1. @param length Of what is read there. */
export function positionOf(value: unknown, length: number): number {
  const name = "position";
  if (value === undefined || value === null) return -1;
  if (typeof value === "bigint") {
    const max = 2n ** 63n - 1n - BigInt(length);
    if (value < -1n || value > max) throw outOfRange(name, `>= -1 && <= ${max}`, `${value}n`);
    // No file reaches as far.
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }
  if (typeof value !== "number") throw invalidArgType(name, "of type integer or bigint", value);
  return integerOf(value, name, -1);
}

export function assertCallback(value: unknown): asserts value is (...args: unknown[]) => void {
  assertFunction(value, "cb");
}
