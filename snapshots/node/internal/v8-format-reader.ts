import { Tag } from "./v8-format.ts";
import { web } from "./web.ts";

const { fromCharCode } = String;

export function malformed(): Error {
  return new Error("Unable to deserialize cloned data.");
}

/** What the format is made of, from bytes that may be anything. @throws {Error} They end too early, or are no such thing. */
export class FormatReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position = 0;

  constructor(source: ArrayBufferView) {
    const { buffer, byteOffset, byteLength } = source;
    this.#bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.position;
  }

  byte(): number {
    if (this.left < 1) throw malformed();
    return this.#bytes[this.position++]!;
  }

  /** The next tag, which stays. */
  peekTag(): number | undefined {
    while (this.#bytes[this.position] === Tag.padding) this.position++;
    return this.#bytes[this.position];
  }

  tag(): number {
    this.peekTag();
    return this.byte();
  }

  varint(): number {
    return Number(this.varint64() & 0xffff_ffffn);
  }

  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value & 0xffff_ffff_ffff_ffffn;
    }
  }

  zigzag(): number {
    const value = this.varint();
    return (value >>> 1) ^ -(value & 1);
  }

  double(): number {
    if (this.left < 8) throw malformed();
    this.position += 8;
    return this.#view.getFloat64(this.position - 8, true);
  }

  digits(): bigint {
    const field = this.varint();
    const bytes = this.raw((field >>> 1) & 0x3fff_ffff);
    let hex = "";
    for (const byte of bytes) hex = byte.toString(16).padStart(2, "0") + hex;
    const value = BigInt(`0x0${hex}`);
    return (field & 1) === 1 ? -value : value;
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw malformed();
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }

  /** What stands behind the tag of a string, or undefined when it is the tag of something else. */
  stringOf(tag: number): string | undefined {
    if (tag === Tag.oneByteString) return text(this.raw(this.varint()));
    if (tag === Tag.utf8String) return new web.TextDecoder().decode(this.raw(this.varint()));
    if (tag !== Tag.twoByteString) return undefined;
    const length = this.varint();
    if (length % 2 !== 0) throw malformed();
    const bytes = this.raw(length);
    const units = new Uint16Array(length / 2);
    for (let index = 0; index < units.length; index++) {
      units[index] = bytes[index * 2]! | (bytes[index * 2 + 1]! << 8);
    }
    return text(units);
  }

  string(): string {
    const value = this.stringOf(this.tag());
    if (value === undefined) throw malformed();
    return value;
  }
}

/** As many as one call may have arguments. */
const unitsAtOnce = 8192;

function text(units: Uint8Array | Uint16Array): string {
  let made = "";
  for (let at = 0; at < units.length; at += unitsAtOnce) {
    made += Reflect.apply(
      fromCharCode,
      undefined,
      units.subarray(at, at + unitsAtOnce) as unknown as number[],
    );
  }
  return made;
}
