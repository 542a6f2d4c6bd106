/**
 * Node's deep equality. Strict: prototypes, types and symbol keys count, `Object.is` for primitives. Loose: `==`.
 * Cycles are followed pair by pair.
 */
export function isDeepEqual(one: unknown, other: unknown, strict: boolean): boolean {
  return new Comparison(strict).equal(one, other);
}

const typeTag = (value: unknown): string => Object.prototype.toString.call(value);

class Comparison {
  readonly #strict: boolean;
  readonly #open: [object, object][] = [];

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  equal(one: unknown, other: unknown): boolean {
    if (Object.is(one, other)) return true;
    if (!isObject(one) || !isObject(other)) {
      if (this.#strict || isObject(one) || isObject(other)) {
        // Loosely, 0 is -0; an object never equals a primitive.
        return !this.#strict && !isObject(one) && !isObject(other) && looselyEqual(one, other);
      }
      return looselyEqual(one, other);
    }
    if (this.#strict && Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
    if (typeTag(one) !== typeTag(other) || Array.isArray(one) !== Array.isArray(other)) return false;
    if (this.#open.some(([left, right]) => left === one && right === other)) return true;
    this.#open.push([one, other]);
    try {
      return this.#contents(one, other);
    } finally {
      this.#open.pop();
    }
  }

  #contents(one: object, other: object): boolean {
    if (typeof one === "function" || typeof other === "function") return false;
    if (one instanceof Date && other instanceof Date) {
      if (!Object.is(one.getTime(), other.getTime())) return false;
    } else if (one instanceof RegExp && other instanceof RegExp) {
      if (String(one) !== String(other) || one.lastIndex !== other.lastIndex) return false;
    } else if (one instanceof Error && other instanceof Error) {
      if (one.name !== other.name || one.message !== other.message) return false;
      if (!this.equal(one.cause, other.cause)) return false;
      const errors = (error: Error) => (error as AggregateError).errors as unknown;
      if (!this.equal(errors(one), errors(other))) return false;
    } else if (ArrayBuffer.isView(one) || one instanceof ArrayBuffer) {
      if (!sameBytes(one as ArrayBufferView, other as ArrayBufferView)) return false;
      if (!(one instanceof ArrayBuffer) && !(one instanceof DataView)) return this.#keys(one, other, isIndex);
    } else if (one instanceof Set && other instanceof Set) {
      if (!this.#sets(one, other)) return false;
    } else if (one instanceof Map && other instanceof Map) {
      if (!this.#maps(one, other)) return false;
    } else if (isBoxed(one) || isBoxed(other)) {
      if (!isBoxed(one) || !isBoxed(other) || !Object.is(one.valueOf(), other.valueOf())) return false;
    } else if (isOpaque(one) || isOpaque(other)) return false;
    return this.#keys(one, other, () => false);
  }

  #keys(one: object, other: object, skip: (key: string) => boolean): boolean {
    if (Array.isArray(one) && one.length !== (other as unknown[]).length) return false;
    const left = Object.keys(one).filter((key) => !skip(key));
    const right = Object.keys(other).filter((key) => !skip(key));
    if (left.length !== right.length) return false;
    for (const key of left) if (!Object.prototype.propertyIsEnumerable.call(other, key)) return false;
    const symbols = this.#strict ? enumerableSymbols(one) : [];
    if (this.#strict) {
      if (symbols.length !== enumerableSymbols(other).length) return false;
      for (const key of symbols) if (!Object.prototype.propertyIsEnumerable.call(other, key)) return false;
    }
    const read = (object: object, key: string | symbol) => (object as Record<string | symbol, unknown>)[key];
    for (const key of [...left, ...symbols]) if (!this.equal(read(one, key), read(other, key))) return false;
    return true;
  }

  #sets(one: Set<unknown>, other: Set<unknown>): boolean {
    if (one.size !== other.size) return false;
    const unmatched = new Set([...other].filter((value) => !one.has(value)));
    for (const value of one) {
      if (other.has(value)) continue;
      if (this.#strict && !isObject(value)) return false;
      const match = [...unmatched].find((candidate) => this.equal(value, candidate));
      if (match === undefined && !unmatched.has(undefined)) return false;
      unmatched.delete(match);
    }
    return true;
  }

  #maps(one: Map<unknown, unknown>, other: Map<unknown, unknown>): boolean {
    if (one.size !== other.size) return false;
    const unmatched = new Map([...other].filter(([key]) => !one.has(key)));
    for (const [key, value] of one) {
      if (other.has(key)) {
        if (!this.equal(value, other.get(key))) return false;
        continue;
      }
      if (this.#strict && !isObject(key)) return false;
      const match = [...unmatched].find(
        ([candidate, held]) => this.equal(key, candidate) && this.equal(value, held),
      );
      if (match === undefined) return false;
      unmatched.delete(match[0]);
    }
    return true;
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function looselyEqual(one: unknown, other: unknown): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: that is what loose equality means
  return one == other || (Number.isNaN(one) && Number.isNaN(other));
}

function enumerableSymbols(object: object): symbol[] {
  return Object.getOwnPropertySymbols(object).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(object, key),
  );
}

const isIndex = (key: string): boolean => /^(0|[1-9]\d*)$/.test(key);

function isBoxed(value: object): value is { valueOf(): unknown } {
  return (
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean ||
    value instanceof BigInt ||
    value instanceof Symbol
  );
}

/** Nothing can be seen inside them, so that only the same one is equal. */
function isOpaque(value: object): boolean {
  return value instanceof WeakMap || value instanceof WeakSet || value instanceof Promise;
}

function sameBytes(one: ArrayBufferView | ArrayBuffer, other: ArrayBufferView | ArrayBuffer): boolean {
  const left = bytesOf(one);
  const right = bytesOf(other);
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function bytesOf(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}
