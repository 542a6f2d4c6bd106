/** Base64 and hex of Uint8Array, as the language defines them. */
interface Options {
  alphabet?: "base64" | "base64url";
  omitPadding?: boolean;
  lastChunkHandling?: "loose" | "strict" | "stop-before-partial";
}

interface Progress {
  readonly read: number;
  readonly bytes: number[];
  /** What was wrong with the text after `read`; the bytes before it are written nevertheless. */
  readonly error?: SyntaxError;
}

const common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const alphabets = { base64: `${common}+/`, base64url: `${common}-_` };

function alphabetOf(options: Options | undefined): string {
  const name = options?.alphabet ?? "base64";
  if (name !== "base64" && name !== "base64url") throw new TypeError("Invalid alphabet");
  return alphabets[name];
}

function decodeBase64(text: string, options: Options | undefined, room: number): Progress {
  if (typeof text !== "string") throw new TypeError("Input not a string");
  const alphabet = alphabetOf(options);
  const handling = options?.lastChunkHandling ?? "loose";
  if (handling !== "loose" && handling !== "strict" && handling !== "stop-before-partial") {
    throw new TypeError("Invalid lastChunkHandling");
  }
  const bytes: number[] = [];
  let read = 0;
  let chunk: number[] = [];
  const fail = (message: string): Progress => ({ read, bytes, error: new SyntaxError(message) });
  if (room === 0) return { read, bytes };
  let index = 0;
  const skipSpace = () => {
    while (index < text.length && "\t\n\f\r ".includes(text[index]!)) index++;
  };
  for (;;) {
    skipSpace();
    if (index === text.length) {
      if (chunk.length === 0) return { read: text.length, bytes };
      if (handling === "stop-before-partial") return { read, bytes };
      if (handling === "strict" || chunk.length === 1) return fail("Missing padding at the end");
      bytes.push(...bytesOf(chunk));
      return { read: text.length, bytes };
    }
    const character = text[index++]!;
    if (character === "=") {
      if (chunk.length < 2) return fail("Unexpected padding");
      skipSpace();
      if (chunk.length === 2) {
        if (index === text.length) {
          return handling === "stop-before-partial" ? { read, bytes } : fail("Missing padding at the end");
        }
        if (text[index] !== "=") return fail("Missing padding at the end");
        index++;
        skipSpace();
      }
      if (index < text.length) return fail("Unexpected character after the padding");
      const unused = chunk.length === 2 ? chunk[1]! & 15 : chunk[2]! & 3;
      if (handling === "strict" && unused !== 0) return fail("Unused bits at the end are not zero");
      bytes.push(...bytesOf(chunk));
      return { read: text.length, bytes };
    }
    const value = alphabet.indexOf(character);
    if (value < 0) return fail("Found a character that cannot be part of a valid base64 string.");
    const left = room - bytes.length;
    // A chunk that does not fit any more is not begun.
    if ((left === 1 && chunk.length === 2) || (left === 2 && chunk.length === 3)) return { read, bytes };
    chunk.push(value);
    if (chunk.length < 4) continue;
    bytes.push(...bytesOf(chunk));
    chunk = [];
    read = index;
    if (bytes.length === room) return { read, bytes };
  }
}

/** Two to four values of six bits. */
function bytesOf(chunk: readonly number[]): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = chunk;
  return [(a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d].slice(0, chunk.length - 1);
}

function decodeHex(text: string, room: number): Progress {
  if (typeof text !== "string") throw new TypeError("Input not a string");
  const bytes: number[] = [];
  if (text.length % 2 !== 0) {
    return {
      read: 0,
      bytes,
      error: new SyntaxError("Input string must contain hex characters in even length"),
    };
  }
  let read = 0;
  for (; read < text.length && bytes.length < room; read += 2) {
    const pair = text.slice(read, read + 2);
    if (!/^[0-9a-fA-F]{2}$/.test(pair)) {
      return { read, bytes, error: new SyntaxError("Input string must contain hex characters") };
    }
    bytes.push(Number.parseInt(pair, 16));
  }
  return { read, bytes };
}

function whole({ bytes, error }: Progress): Uint8Array {
  if (error !== undefined) throw error;
  return new Uint8Array(bytes);
}

function into(target: Uint8Array, { read, bytes, error }: Progress): { read: number; written: number } {
  target.set(bytes);
  if (error !== undefined) throw error;
  return { read, written: bytes.length };
}

const statics = {
  fromBase64: (text: string, options?: Options) => whole(decodeBase64(text, options, Infinity)),
  fromHex: (text: string) => whole(decodeHex(text, Infinity)),
};

const members = {
  toBase64(this: Uint8Array, options?: Options): string {
    const alphabet = alphabetOf(options);
    let text = "";
    for (let index = 0; index < this.length; index += 3) {
      const a = this[index]!;
      const b = this[index + 1] ?? 0;
      const c = this[index + 2] ?? 0;
      text += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | (b >> 4)]!;
      text += alphabet[((b & 15) << 2) | (c >> 6)]! + alphabet[c & 63]!;
    }
    const padding = (3 - (this.length % 3)) % 3;
    if (padding === 0) return text;
    const body = text.slice(0, -padding);
    return options?.omitPadding ? body : body + "=".repeat(padding);
  },
  toHex(this: Uint8Array): string {
    let text = "";
    for (const byte of this) text += byte.toString(16).padStart(2, "0");
    return text;
  },
  setFromBase64(this: Uint8Array, text: string, options?: Options) {
    return into(this, decodeBase64(text, options, this.length));
  },
  setFromHex(this: Uint8Array, text: string) {
    return into(this, decodeHex(text, this.length));
  },
};

export const base64Members = [
  ...Object.entries(statics).map(([key, value]) => ({
    holder: Uint8Array as object,
    key,
    value: value as unknown,
  })),
  ...Object.entries(members).map(([key, value]) => ({
    holder: Uint8Array.prototype as object,
    key,
    value: value as unknown,
  })),
];
