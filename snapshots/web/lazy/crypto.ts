import { callSync } from "../../bridge.ts";
import { copyOfBytes } from "../bytes.ts";
import { DOMException } from "./dom-exception.ts";

const QUOTA_BYTES = 65_536;
const integerArrays = new Set([
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "BigInt64Array",
  "BigUint64Array",
]);
const { apply } = Reflect;
const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

const digests: Readonly<Record<string, string>> = {
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

/** Randomness is always the host's: a pool in the heap would be the same in every environment restored from it. */
export class Crypto {
  readonly #subtle = new SubtleCrypto();

  get subtle(): SubtleCrypto {
    return this.#subtle;
  }

  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (!integerArrays.has(apply(tagOf, array, []) as string)) {
      throw new DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
    }
    const { byteLength } = array;
    if (byteLength > QUOTA_BYTES) {
      throw new DOMException(
        `The requested length (${byteLength}) exceeds the quota of ${QUOTA_BYTES} bytes`,
        "QuotaExceededError",
      );
    }
    if (byteLength > 0) {
      new Uint8Array(array.buffer, array.byteOffset, byteLength).set(
        callSync("crypto.random", byteLength) as Uint8Array,
      );
    }
    return array;
  }

  randomUUID(): string {
    return callSync("crypto.randomUuid") as string;
  }

  get [Symbol.toStringTag](): string {
    return "Crypto";
  }
}

export class SubtleCrypto {
  async digest(algorithm: string | { name: string }, data: unknown): Promise<ArrayBuffer> {
    const named = typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
    const name = `${named}`.toUpperCase();
    const digest = Object.hasOwn(digests, name) ? digests[name] : undefined;
    if (digest === undefined)
      throw new DOMException(`Unrecognized algorithm name: ${name}`, "NotSupportedError");
    const bytes = copyOfBytes(data);
    if (bytes === undefined)
      throw new TypeError("The data of a digest must be an ArrayBuffer or a view of one");
    const result = callSync("crypto.digest", digest, bytes) as Uint8Array;
    return result.buffer.slice(result.byteOffset, result.byteOffset + result.byteLength) as ArrayBuffer;
  }

  get [Symbol.toStringTag](): string {
    return "SubtleCrypto";
  }
}

export const crypto = new Crypto();
