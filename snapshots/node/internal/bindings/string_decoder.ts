import { utf8Decode } from "../../../web/utf8.ts";
import { encodingNumbers } from "../encodings.ts";
import { asciiSlice, base64Slice, base64urlSlice, hexSlice, latin1Slice, ucs2Slice } from "./buffer.ts";

/*
 * A decoder's state is a few bytes, laid out as Node lays them out, since the library shows some of them:
 * up to four bytes of a character whose end is still to come, how many are missing, how many are there, the encoding.
 */
export const kIncompleteCharactersStart = 0;
export const kIncompleteCharactersEnd = 4;
export const kMissingBytes = 4;
export const kBufferedBytes = 5;
export const kEncodingField = 6;
export const kNumFields = 7;
export const kSize = 7;

export { encodings } from "./encodings.ts";

type Bytes = Uint8Array;

const slices: readonly (((bytes: Bytes) => string) | undefined)[] = [
  (bytes) => asciiSlice(bytes),
  (bytes) => utf8Decode(bytes, false) as string,
  (bytes) => base64Slice(bytes),
  (bytes) => ucs2Slice(bytes),
  (bytes) => latin1Slice(bytes),
  (bytes) => hexSlice(bytes),
  undefined,
  (bytes) => base64urlSlice(bytes),
];

function text(state: Bytes, bytes: Bytes): string {
  return slices[state[kEncodingField]!]?.(bytes) ?? "";
}

const buffered = (state: Bytes) => state.subarray(0, state[kBufferedBytes]);

/** The characters that are whole by now; the rest is kept in the state. */
export function decode(state: Bytes, chunk: ArrayBufferView): string {
  let data: Bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const encoding = state[kEncodingField]!;
  const { utf8, utf16le, base64, base64url } = encodingNumbers;
  if (encoding !== utf8 && encoding !== utf16le && encoding !== base64 && encoding !== base64url) {
    return text(state, data);
  }
  let before = "";
  if (state[kMissingBytes]! > 0) {
    [before, data] = complete(state, data);
    if (data.length === 0) return before;
  }
  const kept = incompleteBytes(state, data);
  if (kept > 0) state.set(data.subarray(data.length - kept));
  return before + text(state, data.subarray(0, data.length - kept));
}

/** Takes from the chunk what the kept character lacks. */
function complete(state: Bytes, chunk: Bytes): [string, Bytes] {
  const { utf8, utf16le } = encodingNumbers;
  let data = chunk;
  const take = (count: number) => {
    state.set(data.subarray(0, count), state[kBufferedBytes]);
    state[kBufferedBytes]! += count;
    data = data.subarray(count);
  };
  if (state[kEncodingField] === utf8) {
    const missing = Math.min(state[kMissingBytes]!, data.length);
    for (let index = 0; index < missing; index++) {
      if ((data[index]! & 0xc0) === 0x80) continue;
      // It will never be whole: what is there is decoded as broken, and this byte begins another one.
      state[kMissingBytes] = 0;
      take(index);
      break;
    }
  }
  const found = Math.min(state[kMissingBytes]!, data.length);
  take(found);
  state[kMissingBytes]! -= found;
  if (state[kMissingBytes]! > 0) return ["", data];
  if (state[kEncodingField] === utf16le && state[kBufferedBytes] === 2 && (state[1]! & 0xfc) === 0xd8) {
    // Half of a pair: it waits for the other.
    state[kMissingBytes] = 2;
    return data.length === 0 ? ["", data] : complete(state, data);
  }
  const whole = text(state, buffered(state));
  state[kBufferedBytes] = 0;
  return [whole, data];
}

/** How many of the last bytes begin a character that goes on in the next chunk; the state is told. */
function incompleteBytes(state: Bytes, data: Bytes): number {
  const { utf8, utf16le } = encodingNumbers;
  const { length } = data;
  const keep = (count: number, missing: number) => {
    state[kBufferedBytes] = count;
    state[kMissingBytes] = missing;
    return count;
  };
  if (length === 0) return keep(0, 0);
  if (state[kEncodingField] === utf8) {
    for (let count = 1; count <= 4 && count <= length; count++) {
      const byte = data[length - count]!;
      if (byte < 0x80) break;
      if ((byte & 0xc0) === 0x80) continue;
      const size = (byte & 0xe0) === 0xc0 ? 2 : (byte & 0xf0) === 0xe0 ? 3 : (byte & 0xf8) === 0xf0 ? 4 : 0;
      return count < size ? keep(count, size - count) : keep(0, 0);
    }
    return keep(0, 0);
  }
  if (state[kEncodingField] === utf16le) {
    if (length % 2 === 1) return keep(1, 1);
    return (data[length - 1]! & 0xfc) === 0xd8 ? keep(2, 2) : keep(0, 0);
  }
  const rest = length % 3;
  return keep(rest, rest === 0 ? 0 : 3 - rest);
}

/** What is left, as far as it can be told. */
export function flush(state: Bytes): string {
  // A lone byte of UTF-16 says nothing.
  if (state[kEncodingField] === encodingNumbers.utf16le && state[kBufferedBytes]! % 2 === 1) {
    state[kBufferedBytes]!--;
  }
  const rest = text(state, buffered(state));
  state[kMissingBytes] = 0;
  state[kBufferedBytes] = 0;
  return rest;
}
