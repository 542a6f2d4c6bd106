import { loadLazy } from "../lazy.ts";
import type { SubtleCrypto } from "./crypto-subtle.ts";
import { DOMException, QuotaExceededError } from "./dom-exception.ts";
import { fillRandom, randomUuid } from "./random.ts";

const quotaBytes = 65_536;
const { apply } = Reflect;
const { create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { TypeError: PrimordialTypeError, Uint8Array: PrimordialUint8Array } = globalThis;
const view = getPrototypeOf(Uint8Array.prototype) as object;
const tagOf = getOwnPropertyDescriptor(view, Symbol.toStringTag)!.get!;
const lengthOf = getOwnPropertyDescriptor(view, "byteLength")!.get!;
const offsetOf = getOwnPropertyDescriptor(view, "byteOffset")!.get!;
const bufferOf = getOwnPropertyDescriptor(view, "buffer")!.get!;

/** As Node's errors about arguments: a TypeError with a code. */
export function codedTypeError(code: string, message: string): TypeError & { code: string } {
  const error = new PrimordialTypeError(message) as TypeError & { code: string };
  defineProperty(error, "code", { value: code, writable: true, enumerable: true, configurable: true });
  return error;
}

export function invalidThis(name: string): TypeError {
  return codedTypeError("ERR_INVALID_THIS", `Value of "this" must be of type ${name}`);
}

export function illegalConstructor(): TypeError {
  return codedTypeError("ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
}

export function requireArguments(prefix: string, present: number, required: number): void {
  if (present >= required) return;
  const count = `${required} argument${required === 1 ? "" : "s"}`;
  throw codedTypeError("ERR_MISSING_ARGS", `${prefix}: ${count} required, but only ${present} present.`);
}

/** Makes of a class what WebIDL makes of an interface: its members are enumerable, and it has a name. */
export function asInterface({
  prototype,
  name: interfaceName,
}: {
  readonly prototype: object;
  readonly name: string;
}): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name !== "constructor") defineProperty(prototype, name, { enumerable: true });
  }
  defineProperty(prototype, Symbol.toStringTag, { value: interfaceName, configurable: true });
}

export class Crypto {
  constructor() {
    throw illegalConstructor();
  }

  get subtle(): SubtleCrypto {
    if (this !== crypto) throw invalidThis("Crypto");
    return loadLazy("crypto-subtle").subtle;
  }

  getRandomValues<T extends ArrayBufferView>(array: T): T {
    if (this !== crypto) throw invalidThis("Crypto");
    requireArguments("Failed to execute 'getRandomValues' on 'Crypto'", arguments.length, 1);
    switch (apply(tagOf, array, [])) {
      case "Int8Array":
      case "Uint8Array":
      case "Uint8ClampedArray":
      case "Int16Array":
      case "Uint16Array":
      case "Int32Array":
      case "Uint32Array":
      case "BigInt64Array":
      case "BigUint64Array":
        break;
      default:
        throw new DOMException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
    }
    const length = apply(lengthOf, array, []) as number;
    if (length > quotaBytes) throw new QuotaExceededError("The requested length exceeds 65,536 bytes");
    if (length > 0)
      fillRandom(new PrimordialUint8Array(apply(bufferOf, array, []), apply(offsetOf, array, []), length));
    return array;
  }

  randomUUID(): string {
    if (this !== crypto) throw invalidThis("Crypto");
    return randomUuid();
  }
}

asInterface(Crypto);

export const crypto = create(Crypto.prototype) as Crypto;
