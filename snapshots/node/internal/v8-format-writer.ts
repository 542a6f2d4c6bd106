import { Tag } from "./v8-format.ts";

const notLatin1 = /[^\0-\xff]/;

/** What the format is made of, into bytes that grow. Doubles are written as the machine has them, which is little-endian wherever Brisk runs. */
export class FormatWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** Seven bits a byte, the lowest first. @param value A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  #uint64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigUint64(this.length, value, true);
    this.length += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** With its tag. */
  number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.byte(Tag.int32);
      this.varint(((value << 1) ^ (value >> 31)) >>> 0);
    } else {
      this.byte(Tag.double);
      this.double(value);
    }
  }

  /** The sign and the number of bytes, and then as many. */
  digits(value: bigint): void {
    const digits: bigint[] = [];
    for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 64n) digits.push(rest);
    this.varint(digits.length * 16 + (value < 0n ? 1 : 0));
    // The lowest 64 bits of each are written.
    for (const digit of digits) this.#uint64(digit);
  }

  /** With its tag. Characters of two bytes begin at an even place. */
  string(text: string): void {
    if (!notLatin1.test(text)) {
      this.byte(Tag.oneByteString);
      this.varint(text.length);
      this.#latin1(text);
      return;
    }
    const bytes = text.length * 2;
    let lengthBytes = 1;
    for (let rest = bytes; rest >= 0x80; rest = Math.floor(rest / 0x80)) lengthBytes++;
    if (((this.length + 1 + lengthBytes) & 1) !== 0) this.byte(Tag.padding);
    this.byte(Tag.twoByteString);
    this.varint(bytes);
    this.#utf16(text);
  }

  #latin1(text: string): void {
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) this.#bytes[this.length++] = text.charCodeAt(index);
  }

  #utf16(text: string): void {
    this.#reserve(text.length * 2);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      this.#bytes[this.length++] = code & 0xff;
      this.#bytes[this.length++] = code >> 8;
    }
  }

  /** All of them; it has none afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.length);
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
    this.length = 0;
    return bytes;
  }

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2, 256));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
