import bufferPackage from "buffer/index.js";
import type { Buffer, BufferConstructor } from "./internal/buffer-type.ts";
import { invalidArgType, nodeError } from "./internal/errors.ts";
import { web } from "./internal/web.ts";

export type { Buffer, BufferConstructor };

/*
 * The npm package "buffer", with what it lacks of Node's: base64url, and V8's own conversions for base64 and hex,
 * which are many times faster than JavaScript ones and skip what Node skips.
 */
const BufferClass = bufferPackage.Buffer as BufferConstructor & {
  from(...args: unknown[]): Buffer;
  new (...args: unknown[]): Buffer;
};

// Looked up when used, and by their place: while a heap is being frozen this module may load, and V8 has none of them.
const onArrays = Uint8Array.prototype as unknown as {
  toBase64(options?: { alphabet?: string; omitPadding?: boolean }): string;
  toHex(): string;
};
const onClass = Uint8Array as unknown as {
  fromBase64(text: string): Uint8Array;
  fromHex(text: string): Uint8Array;
};
const original = {
  from: BufferClass.from,
  isEncoding: BufferClass.isEncoding,
  byteLength: BufferClass.byteLength,
  toString: BufferClass.prototype.toString as (this: Uint8Array, ...args: unknown[]) => string,
  write: BufferClass.prototype.write as (this: Uint8Array, ...args: unknown[]) => number,
};

const isBase64 = (encoding: unknown): boolean => {
  if (typeof encoding !== "string" || (encoding[0] !== "b" && encoding[0] !== "B")) return false;
  const name = encoding.toLowerCase();
  return name === "base64" || name === "base64url";
};

/** As Node reads it: either alphabet, white space and foreign characters skipped, all after a `=` ignored. */
function base64Bytes(text: string): Uint8Array {
  const end = text.indexOf("=");
  const body = end < 0 ? text : text.slice(0, end);
  let clean = /[^A-Za-z0-9+/]/.test(body)
    ? body
        .replaceAll("-", "+")
        .replaceAll("_", "/")
        .replace(/[^A-Za-z0-9+/]/g, "")
    : body;
  if (clean.length % 4 === 1) clean = clean.slice(0, -1);
  return onClass.fromBase64(clean);
}

/** Up to the first pair of characters that is no byte. */
function hexBytes(text: string): Uint8Array {
  const [valid = ""] = /^(?:[0-9A-Fa-f]{2})*/.exec(text) ?? [];
  return onClass.fromHex(valid);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Object.setPrototypeOf(bytes, BufferClass.prototype) as Buffer;
}

function range(buffer: Uint8Array, start: unknown, end: unknown): Uint8Array {
  const length = buffer.byteLength;
  const from = Math.min(Math.max(Math.trunc(Number(start ?? 0)) || 0, 0), length);
  const to = Math.min(Math.max(end === undefined ? length : Math.trunc(Number(end)) || 0, from), length);
  return new Uint8Array(buffer.buffer, buffer.byteOffset + from, to - from);
}

Object.assign(BufferClass, {
  poolSize: 8192,
  from(value: unknown, encodingOrOffset?: unknown, length?: number): Buffer {
    if (typeof value === "string" && isBase64(encodingOrOffset)) return asBuffer(base64Bytes(value));
    if (typeof value === "string" && encodingOrOffset === "hex") return asBuffer(hexBytes(value));
    if (value === null || (typeof value !== "object" && typeof value !== "string")) {
      throw invalidArgType(
        "first argument",
        "of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object.",
        value,
      );
    }
    if (value instanceof ArrayBuffer && encodingOrOffset === undefined) {
      return asBuffer(new Uint8Array(value));
    }
    return original.from.call(BufferClass, value, encodingOrOffset, length);
  },
  isEncoding(encoding: unknown): boolean {
    return isBase64(encoding) || (typeof encoding === "string" && original.isEncoding(encoding));
  },
  byteLength(value: unknown, encoding?: string): number {
    if (typeof value === "string" && isBase64(encoding)) {
      // What Node answers: computed from the length alone.
      const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
      return Math.floor(((value.length - padding) * 3) / 4);
    }
    return original.byteLength(value, encoding);
  },
  copyBytesFrom(view: Uint8Array, offset = 0, length?: number): Buffer {
    if (!ArrayBuffer.isView(view)) throw invalidArgType("view", "an instance of TypedArray", view);
    const part = view.subarray(offset, length === undefined ? undefined : offset + length);
    return BufferClass.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  },
  of: (...items: number[]) => BufferClass.from(items),
});

Object.assign(BufferClass.prototype, {
  toString(this: Uint8Array, encoding?: string, start?: number, end?: number): string {
    if (isBase64(encoding)) {
      const isUrl = (encoding as string).length > 6;
      return onArrays.toBase64.call(
        range(this, start, end),
        isUrl ? { alphabet: "base64url", omitPadding: true } : undefined,
      );
    }
    if (encoding === "hex") return onArrays.toHex.call(range(this, start, end));
    return arguments.length === 0
      ? original.toString.call(this)
      : original.toString.call(this, encoding, start, end);
  },
  write(this: Buffer, text: string, offset?: unknown, length?: unknown, encoding?: unknown): number {
    const name = [offset, length, encoding].find((argument) => typeof argument === "string");
    if (!isBase64(name)) return original.write.apply(this, arguments as unknown as unknown[]);
    const at = typeof offset === "number" ? offset : 0;
    const room = Math.min(typeof length === "number" ? length : this.length, this.length - at);
    const bytes = base64Bytes(text);
    const part = bytes.subarray(0, Math.max(0, room));
    this.set(part, at);
    return part.length;
  },
});

/** `Buffer(…)` without `new` works, and `instanceof` holds for Uint8Array. */
for (const name of ["toString", "write"] as const) {
  Object.defineProperty(BufferClass.prototype, name, { enumerable: false });
}

function toBytes(input: unknown): Uint8Array {
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw invalidArgType("input", "an instance of ArrayBuffer, Buffer, or TypedArray", input);
}

function isUtf8(input: unknown): boolean {
  try {
    new web.TextDecoder("utf-8", { fatal: true }).decode(toBytes(input));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_INVALID_ARG_TYPE") throw error;
    return false;
  }
}

function transcode(source: Uint8Array, from: string, to: string): Buffer {
  if (!BufferClass.isEncoding(from) || !BufferClass.isEncoding(to)) {
    throw nodeError(
      Error,
      "U_ILLEGAL_ARGUMENT_ERROR",
      "Unable to transcode Buffer [U_ILLEGAL_ARGUMENT_ERROR]",
    );
  }
  return BufferClass.from(BufferClass.from(source).toString(from), to);
}

const kMaxLength = 2 ** 32;
const kStringMaxLength = 2 ** 29 - 24;

const exported = {
  Buffer: BufferClass,
  SlowBuffer: bufferPackage.SlowBuffer,
  INSPECT_MAX_BYTES: 50,
  kMaxLength,
  kStringMaxLength,
  constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength },
  isUtf8,
  isAscii: (input: unknown) => toBytes(input).every((byte) => byte < 128),
  transcode,
  btoa: (text: string) => web.btoa(text),
  atob: (text: string) => web.atob(text),
  resolveObjectURL: () => undefined,
};
// Read when used: the classes are the base's own, and not every function touches them.
Object.defineProperties(exported, {
  Blob: { enumerable: true, configurable: true, get: () => web.Blob },
  File: { enumerable: true, configurable: true, get: () => web.File },
});

export default exported;
