import buffer, { type Buffer } from "node:buffer";
import { concatBytes, wholeBuffer } from "../../web/bytes.ts";
import { asBuffer } from "./as-buffer.ts";
import { ask, writeDown } from "./crypto-wire.ts";
import { invalidArgType, nodeError } from "./errors.ts";

/**
 * What a hash or a signature was fed and the host has not seen: little of it crosses in one go when the digest is
 * asked for, and more goes to a state that the host holds. What was not ended when the heap was frozen is replayed
 * as long as it is little.
 */
const maxPendingBytes = 64 * 1024;
/** In UTF-8 a character of UTF-16 takes up to three bytes. */
const maxPendingCharacters = maxPendingBytes / 4;

const { apply } = Reflect;
const { set } = Uint8Array.prototype;
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const getterOf = (name: PropertyKey) => Object.getOwnPropertyDescriptor(typedArray, name)!.get!;
const lengthOf = getterOf("length") as () => number;
const kindOf = getterOf(Symbol.toStringTag) as () => string | undefined;

function isUint8Array(value: unknown): value is Uint8Array {
  return apply(kindOf, value, []) === "Uint8Array";
}

let lastHandle = 0;
export function nextHandle(): number {
  return ++lastHandle;
}

/** Makes the host's state. The arguments are the constructor's. */
export type Open = (handle: number) => void;

export class Feed {
  readonly #open: Open;
  /** Text that is yet to be UTF-8, or bytes, never both. */
  #text = "";
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #lent: Lent | undefined;
  /** 0: the host knows nothing of it. */
  #handle = 0;

  constructor(open: Open) {
    this.#open = open;
  }

  /** Whether all of it is in the host. */
  get isOpen(): boolean {
    return this.#handle !== 0;
  }

  add(data: unknown, encoding: unknown): void {
    // Most digests are of one chunk, which is little: of bytes there is no need for a view.
    if (this.#bytes === 0 && this.#text === "" && this.#handle === 0 && isUint8Array(data)) {
      this.#lent = lend(data);
      if (this.#lent !== undefined) {
        this.#bytes = this.#lent.length;
        return;
      }
    }
    const chunk = inputOf(data, encoding);
    if (typeof chunk === "string") this.#addText(chunk);
    else this.#addBytes(chunk);
  }

  #addText(text: string): void {
    if (this.#bytes > 0 || this.#endsInHalf()) {
      this.#addBytes(buffer.Buffer.from(text, "utf8"));
      return;
    }
    if (this.#text.length + text.length > maxPendingCharacters) {
      this.flush();
      ask("crypto.update", this.#handle, text, "utf8");
    } else this.#text += text;
  }

  /** Two halves of a character that come one after the other are two characters that are none. */
  #endsInHalf(): boolean {
    const last = this.#text.charCodeAt(this.#text.length - 1);
    return last >= 0xd800 && last < 0xdc00;
  }

  #addBytes(bytes: Uint8Array): void {
    this.#toBytes();
    if (this.#bytes + bytes.length > maxPendingBytes) {
      this.flush();
      ask("crypto.update", this.#handle, wholeBuffer(bytes));
      return;
    }
    if (this.#bytes === 0) this.#lent = lend(bytes);
    // A copy: the caller may go on to change its buffer.
    if (this.#lent === undefined || this.#bytes > 0) this.#chunks.push(bytes.slice());
    this.#bytes += bytes.length;
  }

  #toBytes(): void {
    if (this.#text === "") return;
    const bytes = buffer.Buffer.from(this.#text, "utf8");
    this.#text = "";
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  /** Everything, when the host knows nothing of it: text, or a buffer of which `length` bytes count. */
  take(): { data: string | Uint8Array; length: number } {
    const lent = this.#lent;
    if (this.#bytes === 0) return { data: this.#text, length: 0 };
    if (lent !== undefined && this.#chunks.length === 0) {
      giveBack(lent);
      this.#lent = undefined;
      return { data: lent.bytes, length: this.#bytes };
    }
    const data = this.#pending();
    return { data, length: data.length };
  }

  #pending(): Uint8Array {
    const lent = this.#lent;
    if (lent !== undefined) {
      this.#chunks.unshift(lent.bytes.slice(0, lent.length));
      giveBack(lent);
      this.#lent = undefined;
    }
    return this.#chunks.length === 1 ? wholeBuffer(this.#chunks[0]!) : concatBytes(this.#chunks);
  }

  /** Sends what is pending to the host's state. @returns Its handle. */
  flush(): number {
    if (this.#handle === 0) {
      const handle = nextHandle();
      this.#open(handle);
      this.#handle = handle;
    }
    if (this.#text !== "") ask("crypto.update", this.#handle, this.#text, "utf8");
    if (this.#bytes > 0) ask("crypto.update", this.#handle, this.#pending());
    this.#text = "";
    this.#chunks = [];
    this.#bytes = 0;
    return this.#handle;
  }

  /** One that was fed the same. `options` are those of the copy. */
  copy(options: unknown): Feed {
    const copy = new Feed(this.#open);
    if (this.#handle !== 0) {
      this.flush();
      copy.#handle = nextHandle();
      ask("crypto.copy", this.#handle, copy.#handle, ...writeDown([options]));
      return copy;
    }
    copy.#text = this.#text;
    if (this.#bytes > 0) {
      const bytes = this.#pending();
      this.#chunks = [bytes];
      copy.#chunks = [bytes];
      copy.#bytes = this.#bytes;
    }
    return copy;
  }
}

/** Memory that is lent to the one chunk that most digests have: making some for each takes longer than to fill it. */
interface Lent {
  bytes: Uint8Array;
  length: number;
}
const lentSizes = [128, 1024, 4096] as const;
const free: (Uint8Array | undefined)[] = [];

function lend(bytes: Uint8Array): Lent | undefined {
  const length = apply(lengthOf, bytes, []);
  const size = length <= lentSizes[0] ? 0 : length <= lentSizes[1] ? 1 : 2;
  if (length > lentSizes[size]) return undefined;
  const memory = free[size] ?? new Uint8Array(lentSizes[size]);
  free[size] = undefined;
  apply(set, memory, [bytes]);
  return { bytes: memory, length };
}

function giveBack({ bytes }: Lent): void {
  free[bytes.length === lentSizes[0] ? 0 : bytes.length === lentSizes[1] ? 1 : 2] = bytes;
}

const utf8 = new Set(["utf8", "utf-8"]);

/** Text that is to be UTF-8, or bytes. @throws {TypeError} as Node's update() */
export function inputOf(data: unknown, encoding: unknown): string | Uint8Array {
  if (typeof data !== "string") {
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    throw invalidArgType("data", "of type string or an instance of Buffer, TypedArray, or DataView", data);
  }
  if (encoding === undefined || encoding === null) return data;
  const name = `${encoding as string}`.toLowerCase();
  if (utf8.has(name) || !buffer.Buffer.isEncoding(name)) return data;
  if (name === "hex" && data.length % 2 !== 0) {
    throw nodeError(
      TypeError,
      "ERR_INVALID_ARG_VALUE",
      `The argument 'encoding' is invalid for data of length ${data.length}. Received 'hex'`,
    );
  }
  return buffer.Buffer.from(data, name);
}

/** A digest in the encoding that was asked for; bytes crossed as one character each, which is faster. */
export function latin1Bytes(text: string): Buffer {
  const bytes = buffer.Buffer.allocUnsafe(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** What the host answers to `finish`. */
export function finish(handle: number, encoding: unknown): Buffer | string {
  const answer = ask("crypto.finish", handle, encoding ? `${encoding as string}` : undefined);
  return typeof answer === "string" ? answer : asBuffer(answer);
}
