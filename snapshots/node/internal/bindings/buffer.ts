import { untransferable } from "../../../web/cloning.ts";
import { isAsciiOnly, latin1Decode } from "../../../web/latin1.ts";
import { utf8Decode, utf8Encode, utf8EncodeInto } from "../../../web/utf8.ts";
import { indexOfBytes, startOfSearch } from "../byte-search.ts";
import { base64Bytes, hexBytes } from "../byte-text.ts";
import { encodingNumbers } from "../encodings.ts";

/** What Node's Buffer has native code for. Arguments come checked by the library, which calls these. */
type Bytes = Uint8Array;

export const kMaxLength = 2 ** 53 - 1;
export const kStringMaxLength = 2 ** 29 - 24;

// Looked up when used, and by their place: while a heap is being frozen this module may load, and V8 has none of them.
const onArrays = Uint8Array.prototype as unknown as {
  toBase64(options?: { alphabet?: string; omitPadding?: boolean }): string;
  toHex(): string;
};
const { fromCharCode } = String;
const { subarray } = Object.getPrototypeOf(Uint8Array.prototype) as Bytes;
const view = (bytes: Bytes, start: number, end: number): Bytes =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start));

function rangeOf(bytes: Bytes, start: unknown, end: unknown): Bytes {
  const { byteLength } = bytes;
  const from = indexArgument(start, 0);
  const to = Math.min(indexArgument(end, byteLength), byteLength);
  if (from > byteLength && from > to) throw outOfBounds();
  return view(bytes, Math.min(from, byteLength), Math.max(to, Math.min(from, byteLength)));
}

function indexArgument(value: unknown, missing: number): number {
  if (value === undefined) return missing;
  const index = Math.trunc(Number(value)) || 0;
  if (index < 0) throw outOfBounds();
  return index;
}

function outOfBounds(): Error {
  return Object.assign(new RangeError("Index out of range"), { code: "ERR_OUT_OF_RANGE" });
}

export function byteLengthUtf8(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    // A pair is four bytes for its two units.
    if ((code & 0xfc00) === 0xd800 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) index++;
  }
  return bytes;
}

export const utf8Slice = (bytes: Bytes, start?: number, end?: number): string =>
  utf8Decode(rangeOf(bytes, start, end), false) as string;
export const latin1Slice = (bytes: Bytes, start?: number, end?: number): string =>
  latin1Decode(rangeOf(bytes, start, end));
export const base64Slice = (bytes: Bytes, start?: number, end?: number): string =>
  onArrays.toBase64.call(rangeOf(bytes, start, end));
export const base64urlSlice = (bytes: Bytes, start?: number, end?: number): string =>
  onArrays.toBase64.call(rangeOf(bytes, start, end), { alphabet: "base64url", omitPadding: true });
export const hexSlice = (bytes: Bytes, start?: number, end?: number): string =>
  onArrays.toHex.call(rangeOf(bytes, start, end));

export function asciiSlice(bytes: Bytes, start?: number, end?: number): string {
  const range = rangeOf(bytes, start, end);
  if (isAsciiOnly(range)) return latin1Decode(range);
  return latin1Decode(range.map((byte) => byte & 0x7f));
}

const unitsAtOnce = 4096;

export function ucs2Slice(bytes: Bytes, start?: number, end?: number): string {
  const range = rangeOf(bytes, start, end);
  let text = "";
  const units: number[] = [];
  for (let index = 0; index + 1 < range.length; index += 2) {
    units.push(range[index]! | (range[index + 1]! << 8));
    if (units.length < unitsAtOnce) continue;
    text += fromCharCode(...units);
    units.length = 0;
  }
  return text + fromCharCode(...units);
}

/** Where a write goes, and how much of it fits. */
function roomOf(bytes: Bytes, text: unknown, offset: unknown, length: unknown): Bytes {
  if (typeof text !== "string") {
    throw Object.assign(new TypeError("argument must be a string"), { code: "ERR_INVALID_ARG_TYPE" });
  }
  const at = indexArgument(offset, 0);
  if (at > bytes.length) {
    throw Object.assign(new RangeError('"offset" is outside of buffer bounds'), {
      code: "ERR_BUFFER_OUT_OF_BOUNDS",
    });
  }
  const room = Math.min(indexArgument(length, bytes.length - at), bytes.length - at);
  return view(bytes, at, at + room);
}

function writeBytes(source: Bytes, target: Bytes): number {
  const part = source.length > target.length ? source.subarray(0, target.length) : source;
  target.set(part);
  return part.length;
}

/** Longer text is encoded by the host. */
const encodeHereCharacters = 2048;

export function utf8WriteStatic(bytes: Bytes, text: string, offset?: number, length?: number): number {
  const room = roomOf(bytes, text, offset, length);
  if (text.length <= encodeHereCharacters) return utf8EncodeInto(text, room).written;
  const encoded = utf8Encode(text.length > room.length ? text.slice(0, room.length) : text);
  if (encoded.length <= room.length) return writeBytes(encoded, room);
  let end = room.length;
  // No part of a character is written.
  while (end > 0 && (encoded[end]! & 0xc0) === 0x80) end--;
  return writeBytes(encoded.subarray(0, end), room);
}

export function latin1WriteStatic(bytes: Bytes, text: string, offset?: number, length?: number): number {
  const room = roomOf(bytes, text, offset, length);
  const count = Math.min(text.length, room.length);
  for (let index = 0; index < count; index++) room[index] = text.charCodeAt(index);
  return count;
}
export const asciiWriteStatic = latin1WriteStatic;

export function ucs2Write(bytes: Bytes, text: string, offset?: number, length?: number): number {
  const room = roomOf(bytes, text, offset, length);
  const count = Math.min(text.length, room.length >> 1);
  for (let index = 0; index < count; index++) {
    const code = text.charCodeAt(index);
    room[2 * index] = code;
    room[2 * index + 1] = code >> 8;
  }
  return 2 * count;
}

export const base64Write = (bytes: Bytes, text: string, offset?: number, length?: number): number => {
  const room = roomOf(bytes, text, offset, length);
  return writeBytes(base64Bytes(text), room);
};
export const base64urlWrite = base64Write;
export const hexWrite = (bytes: Bytes, text: string, offset?: number, length?: number): number => {
  const room = roomOf(bytes, text, offset, length);
  return writeBytes(hexBytes(text), room);
};

/** The bytes of a text in one of the encodings that have a number. */
function encoded(text: string, encoding: unknown): Bytes {
  switch (encoding) {
    case "ucs2":
    case "ucs-2":
    case "utf16le":
    case "utf-16le": {
      const bytes = new Uint8Array(text.length * 2);
      ucs2Write(bytes, text);
      return bytes;
    }
    case "latin1":
    case "binary":
    case "ascii": {
      const bytes = new Uint8Array(text.length);
      latin1WriteStatic(bytes, text);
      return bytes;
    }
    case "base64":
    case "base64url":
      return base64Bytes(text);
    case "hex":
      return hexBytes(text);
    default:
      return utf8Encode(text);
  }
}

/** Repeats a text, bytes or the lowest byte of a number. -1: nothing to repeat; -2: not within the buffer. */
export function fill(
  bytes: Bytes,
  value: unknown,
  start: number,
  end: number,
  encoding?: string,
): number | undefined {
  if (start > end || end > bytes.length) return -2;
  if (start === end) return undefined;
  let pattern: Bytes;
  if (typeof value === "string") pattern = encoded(value, encoding?.toLowerCase());
  else if (ArrayBuffer.isView(value)) {
    pattern = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } else {
    bytes.fill((value as number) & 255, start, end);
    return undefined;
  }
  if (pattern.length === 0) return -1;
  const target = view(bytes, start, end);
  writeBytes(pattern, target);
  // Doubled until it is full.
  for (let done = pattern.length; done < target.length; done *= 2) target.copyWithin(done, 0, done);
  return undefined;
}

export function copy(
  source: Bytes,
  target: Bytes,
  targetStart: number,
  sourceStart: number,
  count: number,
): number {
  const from = new Uint8Array(source.buffer, source.byteOffset + sourceStart, count);
  const to = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  to.set(from, targetStart);
  return count;
}

export function compare(one: ArrayBufferView, other: ArrayBufferView): number {
  const left = new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
  const right = new Uint8Array(other.buffer, other.byteOffset, other.byteLength);
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const difference = left[index]! - right[index]!;
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return Math.sign(left.length - right.length);
}

export function compareOffset(
  source: Bytes,
  target: Bytes,
  targetStart: number,
  sourceStart: number,
  targetEnd: number,
  sourceEnd: number,
): number {
  for (const [name, start, bytes] of [
    ["sourceStart", sourceStart, source],
    ["targetStart", targetStart, target],
  ] as const) {
    if (start <= bytes.length) continue;
    throw Object.assign(new RangeError(`The value of "${name}" is out of range.`), {
      code: "ERR_OUT_OF_RANGE",
    });
  }
  return compare(
    subarray.call(
      new Uint8Array(source.buffer, source.byteOffset, source.byteLength),
      sourceStart,
      sourceEnd,
    ),
    subarray.call(
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength),
      targetStart,
      targetEnd,
    ),
  );
}

export function indexOfNumber(
  bytes: Bytes,
  value: number,
  offset: number,
  forward: boolean,
  end: number,
): number {
  const length = Math.max(0, Math.min(end ?? bytes.length, bytes.length));
  const start = startOfSearch(length, offset, 1, forward);
  if (start < 0 || length === 0) return -1;
  const range = view(bytes, 0, length);
  return forward ? range.indexOf(value & 255, start) : range.lastIndexOf(value & 255, start);
}

export function indexOfBuffer(
  bytes: Bytes,
  value: Bytes,
  offset: number,
  encoding: number,
  forward: boolean,
  end: number,
): number {
  return indexOfBytes(bytes, value, offset, forward, end, encoding === encodingNumbers.utf16le ? 2 : 1);
}

export function indexOfString(
  bytes: Bytes,
  text: string,
  offset: number,
  encoding: number,
  forward: boolean,
  end: number,
): number {
  const name =
    encoding === encodingNumbers.utf16le ? "ucs2" : encoding === encodingNumbers.latin1 ? "latin1" : "utf8";
  return indexOfBuffer(bytes, encoded(text, name), offset, encoding, forward, end);
}

function swap(width: number) {
  return (bytes: Bytes): Bytes => {
    for (let start = 0; start + width <= bytes.length; start += width) {
      view(bytes, start, start + width).reverse();
    }
    return bytes;
  };
}
export const swap16 = swap(2);
export const swap32 = swap(4);
export const swap64 = swap(8);

const bytesOf = (value: ArrayBufferView | ArrayBuffer): Bytes => {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value.detached) {
    throw Object.assign(new Error("Cannot validate on a detached buffer"), { code: "ERR_INVALID_STATE" });
  }
  return new Uint8Array(value);
};

export const isUtf8 = (value: ArrayBufferView | ArrayBuffer): boolean =>
  utf8Decode(bytesOf(value), true) !== undefined;

export const isAscii = (value: ArrayBufferView | ArrayBuffer): boolean => isAsciiOnly(bytesOf(value));

/** Nothing in an isolate is uninitialized. */
export const createUnsafeArrayBuffer = (size: number): ArrayBuffer => new ArrayBuffer(size);
export const arrayBufferAlignedOffset = (): number => 0;
/** A transfer of what is marked is refused by the mark alone. */
const { defineProperty } = Object;

/** Many Buffers share such memory: who moves it away takes it from all. */
export function setDetachKey(memory: ArrayBuffer): void {
  untransferable.add(memory);
  const value = () => {
    throw new TypeError("Cannot perform ArrayBuffer.prototype.transfer on memory that Buffers share");
  };
  for (const name of ["transfer", "transferToFixedLength"]) defineProperty(memory, name, { value });
}
export const setBufferPrototype = (): void => {};

const web = globalThis as unknown as { atob(text: string): string; btoa(text: string): string };

/** -2 for a text that is no base64, as the library wants to hear it. */
export const atob = (text: string): string | number => {
  try {
    return web.atob(text);
  } catch {
    return -2;
  }
};
export const btoa = (text: string): string | number => {
  try {
    return web.btoa(text);
  } catch {
    return -1;
  }
};
