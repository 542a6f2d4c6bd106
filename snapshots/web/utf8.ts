import { callSync } from "../bridge.ts";
import { asciiDecode } from "./latin1.ts";

// Measured: crossing to the host costs 5 to 8 µs and then little a byte; here a byte costs some 3 ns.
const ENCODE_HERE_CHARS = 2048;
const DECODE_HERE_BYTES = 2048;
/** What crosses at once: bounded by the host operations' arguments. */
const CROSSING_UNITS = 4 * 1024 * 1024;

const { fromCharCode } = String;
const { apply } = Reflect;
const isWellFormed = String.prototype.isWellFormed;

export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > ENCODE_HERE_CHARS) return encodeByHost(text);
  const { length } = text;
  const ascii = new Uint8Array(length);
  let index = 0;
  for (; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) break;
    ascii[index] = code;
  }
  if (index === length) return ascii;
  const target = new Uint8Array(length * 3);
  const { written } = utf8EncodeInto(text, target);
  // A copy, so that a short string does not keep a buffer of thrice its size.
  return target.slice(0, written);
}

function encodeByHost(text: string): Uint8Array<ArrayBuffer> {
  if (text.length <= CROSSING_UNITS) return callSync("text.encodeUtf8", text) as Uint8Array<ArrayBuffer>;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + CROSSING_UNITS, text.length);
    // A pair of surrogates stays together.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    const part = callSync("text.encodeUtf8", text.slice(start, end)) as Uint8Array;
    parts.push(part);
    length += part.length;
    start = end;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Writes as many whole characters as fit. Lone surrogates become U+FFFD. */
export function utf8EncodeInto(text: string, target: Uint8Array): { read: number; written: number } {
  const { length } = text;
  const room = target.length;
  let written = 0;
  let read = 0;
  while (read < length) {
    let code = text.charCodeAt(read);
    if (code < 0x80) {
      if (written >= room) break;
      target[written++] = code;
      read++;
      continue;
    }
    let units = 1;
    if ((code & 0xf800) === 0xd800) {
      const next = read + 1 < length ? text.charCodeAt(read + 1) : 0;
      if (code < 0xdc00 && (next & 0xfc00) === 0xdc00) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (next & 0x3ff);
        units = 2;
      } else {
        code = 0xfffd;
      }
    }
    if (code < 0x800) {
      if (written + 2 > room) break;
      target[written++] = 0xc0 | (code >> 6);
    } else if (code < 0x10000) {
      if (written + 3 > room) break;
      target[written++] = 0xe0 | (code >> 12);
      target[written++] = 0x80 | ((code >> 6) & 0x3f);
    } else {
      if (written + 4 > room) break;
      target[written++] = 0xf0 | (code >> 18);
      target[written++] = 0x80 | ((code >> 12) & 0x3f);
      target[written++] = 0x80 | ((code >> 6) & 0x3f);
    }
    target[written++] = 0x80 | (code & 0x3f);
    read += units;
  }
  return { read, written };
}

/** Decodes whole input; a broken sequence becomes U+FFFD as the Encoding Standard says, or undefined when `fatal`. */
export function utf8Decode(bytes: Uint8Array, fatal: boolean): string | undefined {
  const { length } = bytes;
  if (length <= DECODE_HERE_BYTES) return decodeHere(bytes, fatal);
  let text = "";
  for (let start = 0; start < length; ) {
    let end = Math.min(start + CROSSING_UNITS, length);
    if (end < length) end -= incompleteTail(bytes.subarray(start, end));
    const part = callSync("text.decodeUtf8", bytes.slice(start, end), fatal);
    if (typeof part !== "string") return undefined;
    text += part;
    start = end;
  }
  return text;
}

/** How many of the last bytes begin a character whose end is still to come. */
export function incompleteTail(bytes: Uint8Array): number {
  const { length } = bytes;
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = sequenceLength(byte);
    if (needed <= back) return 0;
    const second = back >= 2 ? bytes[length - back + 1]! : undefined;
    // A second byte that cannot follow makes the sequence broken already.
    return second === undefined || isSecondByte(byte, second) ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}

function isSecondByte(lead: number, byte: number): boolean {
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return byte >= low && byte <= high;
}

function decodeHere(bytes: Uint8Array, fatal: boolean): string | undefined {
  const ascii = asciiDecode(bytes);
  if (ascii !== undefined) return ascii;
  const { length } = bytes;
  const units: number[] = [];
  for (let index = 0; index < length; ) {
    const lead = bytes[index]!;
    if (lead < 0x80) {
      units.push(lead);
      index++;
      continue;
    }
    const needed = sequenceLength(lead);
    let taken = 1;
    let code = needed === 2 ? lead & 0x1f : needed === 3 ? lead & 0x0f : lead & 0x07;
    while (taken < needed && index + taken < length) {
      const byte = bytes[index + taken]!;
      if (taken === 1 ? !isSecondByte(lead, byte) : (byte & 0xc0) !== 0x80) break;
      code = (code << 6) | (byte & 0x3f);
      taken++;
    }
    if (needed === 1 || taken < needed) {
      if (fatal) return undefined;
      units.push(0xfffd);
    } else if (code < 0x10000) {
      units.push(code);
    } else {
      units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
    }
    index += taken;
  }
  return apply(fromCharCode, undefined, units);
}

export function toWellFormed(text: string): string {
  return apply(isWellFormed, text, []) ? text : text.toWellFormed();
}
