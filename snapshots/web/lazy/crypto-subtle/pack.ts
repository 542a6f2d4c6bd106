import { primordials } from "../../../bridge.ts";
import { wholeBuffer } from "../../bytes.ts";
import { type CryptoKey, type KeyRecord, makeKey } from "./crypto-key.ts";

/**
 * Arguments and results on their way over the wall: JSON in which bytes are `{"#bytes":[offset,length]}` of one array
 * that goes along, `{"#data":true}` the array that goes by itself, and keys `{"#key":{…}}`.
 * Mirrored in src/host/operations/web-crypto-values.ts.
 */
export interface Packed {
  readonly json: string;
  readonly parts: Uint8Array | undefined;
  /** The longest of all bytes: it is not copied together with the others. */
  readonly data: Uint8Array | undefined;
}

const { create } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { apply } = Reflect;
const { set, slice } = Uint8Array.prototype;
const { fromCharCode } = String;
const { Uint8Array: PrimordialUint8Array } = globalThis;
const { JSONParse, JSONStringify } = primordials;

type Tag = Record<string, unknown>;

function tagged(name: string, value: unknown): Tag {
  const tag = create(null) as Tag;
  tag[name] = value;
  return tag;
}

export function pack(args: readonly unknown[]): Packed {
  const found: { tag: Tag; bytes: Uint8Array }[] = [];
  let longest: { tag: Tag; bytes: Uint8Array } | undefined;

  const taggedBytes = (bytes: Uint8Array): Tag => {
    const entry = { tag: create(null) as Tag, bytes };
    if (longest === undefined || bytes.length > longest.bytes.length) longest = entry;
    found[found.length] = entry;
    return entry.tag;
  };
  const packed = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (isView(value)) return taggedBytes(value as Uint8Array);
    if (isArray(value)) {
      const list: unknown[] = [];
      for (let index = 0; index < value.length; index++) list[index] = packed(value[index]);
      return list;
    }
    const { bytes } = value as Partial<KeyRecord>;
    const object = create(null) as Record<string, unknown>;
    for (const name in value) object[name] = packed((value as Record<string, unknown>)[name]);
    return bytes === undefined ? object : tagged("#key", object);
  };

  const values = packed(args);
  let length = 0;
  for (let index = 0; index < found.length; index++) {
    const entry = found[index]!;
    if (entry === longest) entry.tag["#data"] = true;
    else {
      entry.tag["#bytes"] = [length, entry.bytes.length];
      length += entry.bytes.length;
    }
  }
  const parts = length === 0 ? undefined : new PrimordialUint8Array(length);
  let at = 0;
  for (let index = 0; index < found.length; index++) {
    const { bytes } = found[index]!;
    if (parts === undefined || found[index] === longest) continue;
    apply(set, parts, [bytes, at]);
    at += bytes.length;
  }
  return {
    json: JSONStringify(values),
    parts,
    data: longest === undefined ? undefined : wholeBuffer(longest.bytes),
  };
}

/** What the host packed: keys become CryptoKeys, bytes ArrayBuffers. */
export function unpack(packed: Uint8Array): unknown {
  const length = packed[0]! | (packed[1]! << 8) | (packed[2]! << 16) | (packed[3]! << 24);
  let json = "";
  // ASCII: names, and numbers in base64url.
  for (let at = 4; at < 4 + length; at++) json += fromCharCode(packed[at]!);
  const start = 4 + length;

  const bytesAt = (range: unknown): Uint8Array<ArrayBuffer> => {
    const [offset, size] = range as [number, number];
    return apply(slice, packed, [start + offset, start + offset + size]) as Uint8Array<ArrayBuffer>;
  };
  const unpacked = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || isArray(value)) return value;
    const object = value as Record<string, unknown>;
    if (object["#bytes"] !== undefined) return bytesAt(object["#bytes"]).buffer;
    if (object["#key"] !== undefined) return keyOf(object["#key"] as Tag, bytesAt);
    for (const name in object) object[name] = unpacked(object[name]);
    return object;
  };
  return unpacked(JSONParse(json));
}

function keyOf(key: Tag, bytesAt: (range: unknown) => Uint8Array<ArrayBuffer>): CryptoKey {
  return makeKey({
    type: key["type"] as KeyRecord["type"],
    extractable: key["extractable"] as boolean,
    algorithm: key["algorithm"] as KeyRecord["algorithm"],
    usages: key["usages"] as string[],
    bytes: bytesAt((key["bytes"] as Tag)["#bytes"]),
  });
}
