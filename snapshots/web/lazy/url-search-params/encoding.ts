import { utf8Decode, utf8Encode } from "../../utf8.ts";

export type Pair = [string, string];

const simple = /^[\w*.-]*$/;

/** Parses application/x-www-form-urlencoded text. */
export function parseQuery(query: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    pairs.push(
      equals === -1
        ? [unescapePart(part), ""]
        : [unescapePart(part.slice(0, equals)), unescapePart(part.slice(equals + 1))],
    );
  }
  return pairs;
}

export function escapePart(part: string): string {
  if (simple.test(part)) return part;
  return encodeURIComponent(part)
    .replace(/%20/g, "+")
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescapePart(part: string): string {
  const spaced = part.includes("+") ? part.replaceAll("+", " ") : part;
  if (!spaced.includes("%")) return spaced;
  try {
    // Faithful wherever it does not throw, but for a byte order mark, which it keeps as the standard does.
    return decodeURIComponent(spaced);
  } catch {
    return utf8Decode(percentDecode(utf8Encode(spaced)), false) ?? "";
  }
}

function percentDecode(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const high = bytes[index] === 0x25 ? hexValue(bytes[index + 1]) : -1;
    const low = high === -1 ? -1 : hexValue(bytes[index + 2]);
    if (low === -1) result[length++] = bytes[index]!;
    else {
      result[length++] = high * 16 + low;
      index += 2;
    }
  }
  return result.slice(0, length);
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
