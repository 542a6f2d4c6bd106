const { fromCharCode } = String;
const { apply } = Reflect;
const Words = Uint32Array;
// As many arguments as V8 takes without growing its stack.
const CHUNK = 4096;
/** Longer text is not made of short pieces, which take several times its memory until V8 joins them. */
const SHORT = 2048;
/** A view costs as much as looking at so many bytes. */
const WORTH_A_VIEW = 128;

/** One character for each byte. */
export function latin1Decode(bytes: Uint8Array): string {
  if (bytes.length <= SHORT) return decodeShort(bytes, 0xff)!;
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) {
    text += apply(fromCharCode, undefined, bytes.subarray(i, i + CHUNK));
  }
  return text;
}

/** Undefined for bytes that are not ASCII, and for many. */
export function asciiDecode(bytes: Uint8Array): string | undefined {
  return bytes.length <= SHORT ? decodeShort(bytes, 0x7f) : undefined;
}

/**
 * Arguments that are written down cost half of those that V8 has to read out of an array of bytes.
 * @returns undefined when a byte is above `highest`, which is one less than a power of two.
 */
function decodeShort(bytes: Uint8Array, highest: number): string | undefined {
  const { length } = bytes;
  let text = "";
  let i = 0;
  for (; i + 32 <= length; i += 32) {
    // biome-ignore format: one a line would hide that they are all alike
    const seen =
      bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]! |
      bytes[i + 4]! | bytes[i + 5]! | bytes[i + 6]! | bytes[i + 7]! |
      bytes[i + 8]! | bytes[i + 9]! | bytes[i + 10]! | bytes[i + 11]! |
      bytes[i + 12]! | bytes[i + 13]! | bytes[i + 14]! | bytes[i + 15]! |
      bytes[i + 16]! | bytes[i + 17]! | bytes[i + 18]! | bytes[i + 19]! |
      bytes[i + 20]! | bytes[i + 21]! | bytes[i + 22]! | bytes[i + 23]! |
      bytes[i + 24]! | bytes[i + 25]! | bytes[i + 26]! | bytes[i + 27]! |
      bytes[i + 28]! | bytes[i + 29]! | bytes[i + 30]! | bytes[i + 31]!;
    if (seen > highest) return undefined;
    // biome-ignore format: as above
    text += fromCharCode(
      bytes[i]!, bytes[i + 1]!, bytes[i + 2]!, bytes[i + 3]!,
      bytes[i + 4]!, bytes[i + 5]!, bytes[i + 6]!, bytes[i + 7]!,
      bytes[i + 8]!, bytes[i + 9]!, bytes[i + 10]!, bytes[i + 11]!,
      bytes[i + 12]!, bytes[i + 13]!, bytes[i + 14]!, bytes[i + 15]!,
      bytes[i + 16]!, bytes[i + 17]!, bytes[i + 18]!, bytes[i + 19]!,
      bytes[i + 20]!, bytes[i + 21]!, bytes[i + 22]!, bytes[i + 23]!,
      bytes[i + 24]!, bytes[i + 25]!, bytes[i + 26]!, bytes[i + 27]!,
      bytes[i + 28]!, bytes[i + 29]!, bytes[i + 30]!, bytes[i + 31]!,
    );
  }
  for (; i + 4 <= length; i += 4) {
    if ((bytes[i]! | bytes[i + 1]! | bytes[i + 2]! | bytes[i + 3]!) > highest) return undefined;
    text += fromCharCode(bytes[i]!, bytes[i + 1]!, bytes[i + 2]!, bytes[i + 3]!);
  }
  for (; i < length; i++) {
    if (bytes[i]! > highest) return undefined;
    text += fromCharCode(bytes[i]!);
  }
  return text;
}

/** Whether no byte has its highest bit set. */
export function isAsciiOnly(bytes: Uint8Array): boolean {
  const { length } = bytes;
  let index = 0;
  if (length >= WORTH_A_VIEW && bytes.byteOffset % 4 === 0) {
    const words = new Words(bytes.buffer, bytes.byteOffset, length >>> 2);
    let seen = 0;
    for (; index < words.length; index++) seen |= words[index]!;
    if ((seen & 0x80808080) !== 0) return false;
    index *= 4;
  }
  while (index < length && bytes[index]! < 0x80) index++;
  return index === length;
}
