import { OperationError } from "../../model/values.ts";

/**
 * Arguments and results of WebCrypto on their way over the wall: JSON in which bytes are `{"#bytes":[offset,length]}`
 * of one array that goes along, `{"#data":true}` the array that goes by itself because it may be long, and keys
 * `{"#key":{…}}`. Mirrored in snapshots/web/lazy/crypto-subtle/pack.ts.
 */
const maxDepth = 8;

/** What the guest sent. It may send anything: what is no such thing is refused. */
export class Unpacking {
  readonly #parts: Uint8Array;
  readonly #data: Uint8Array;
  readonly #toKey: (key: unknown) => unknown;

  constructor(parts: Uint8Array, data: Uint8Array, toKey: (key: unknown) => unknown) {
    this.#parts = parts;
    this.#data = data;
    this.#toKey = toKey;
  }

  value(json: string): unknown {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      throw refused("is no JSON");
    }
    return this.#value(value, 0);
  }

  #value(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (depth > maxDepth) throw refused(`is nested deeper than ${maxDepth} levels`);
    if (Array.isArray(value)) return value.map((item) => this.#value(item, depth + 1));
    const tagged = value as { "#bytes"?: unknown; "#data"?: unknown; "#key"?: unknown };
    if (tagged["#data"] === true) return this.#data;
    if (tagged["#bytes"] !== undefined) return this.#bytes(tagged["#bytes"]);
    if (tagged["#key"] !== undefined) return this.#toKey(this.#value(tagged["#key"], depth + 1));
    // Without a prototype: what the guest named is a member, and nothing else is.
    const object = Object.create(null) as Record<string, unknown>;
    for (const [name, member] of Object.entries(value)) {
      // Absent, where JSON has no word for it.
      if (member !== null) object[name] = this.#value(member, depth + 1);
    }
    return object;
  }

  #bytes(range: unknown): Uint8Array {
    const [offset, length] = Array.isArray(range) ? (range as unknown[]) : [];
    if (!isIndex(offset) || !isIndex(length) || offset + length > this.#parts.byteLength) {
      throw refused(`names bytes that are not among the ${this.#parts.byteLength} that came with it`);
    }
    return this.#parts.subarray(offset, offset + length);
  }
}

/** Collects a result: its JSON, and the bytes that the JSON names. */
export class Packing {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  bytes(bytes: Uint8Array): { "#bytes": [offset: number, length: number] } {
    this.#parts.push(bytes);
    this.#length += bytes.byteLength;
    return { "#bytes": [this.#length - bytes.byteLength, bytes.byteLength] };
  }

  /** Four bytes of the JSON's length, the JSON, the bytes that it names. */
  finish(value: unknown): Uint8Array {
    const json = Buffer.from(JSON.stringify(value));
    const packed = new Uint8Array(4 + json.byteLength + this.#length);
    new DataView(packed.buffer).setUint32(0, json.byteLength, true);
    packed.set(json, 4);
    let at = 4 + json.byteLength;
    for (const part of this.#parts) {
      packed.set(part, at);
      at += part.byteLength;
    }
    return packed;
  }
}

function isIndex(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function refused(what: string): OperationError {
  return new OperationError("ERR_INVALID_ARG_VALUE", `Cannot call WebCrypto: what the guest packed ${what}`);
}
