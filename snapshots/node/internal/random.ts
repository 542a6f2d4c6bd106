import buffer, { type Buffer } from "node:buffer";
import { fillRandom, randomUuid } from "../../web/lazy/random.ts";
import { assertFunction, invalidArgType, nodeError, outOfRange } from "./errors.ts";

type Callback<T> = (error: Error | null, value?: T) => void;

const maxSize = 2 ** 31 - 1;
/** The largest number that six bytes hold. */
const maxRange = 2 ** 48 - 1;

function inTick(callback: (...args: never[]) => void, ...args: unknown[]): void {
  (globalThis as unknown as { process: { nextTick(...args: unknown[]): void } }).process.nextTick(
    callback,
    ...args,
  );
}

function assertNumber(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number") throw invalidArgType(name, "of type number", value);
}

/** Both in elements, the answers in bytes. */
function offsetOf(offset: unknown, elementBytes: number, length: number): number {
  assertNumber(offset, "offset");
  const bytes = offset * elementBytes;
  const max = Math.min(length, maxSize);
  if (!(bytes >= 0 && bytes <= max)) throw outOfRange("offset", `>= 0 && <= ${max}`, bytes);
  return bytes >>> 0;
}

function sizeOf(size: unknown, elementBytes: number, offset: number, length: number): number {
  assertNumber(size, "size");
  const bytes = size * elementBytes;
  if (!(bytes >= 0 && bytes <= maxSize)) throw outOfRange("size", `>= 0 && <= ${maxSize}`, bytes);
  if (bytes + offset > length) throw outOfRange("size + offset", `<= ${length}`, bytes + offset);
  return bytes >>> 0;
}

type Target = ArrayBufferView | ArrayBuffer;

function assertTarget(target: unknown): asserts target is Target {
  if (ArrayBuffer.isView(target) || target instanceof ArrayBuffer) return;
  throw invalidArgType("buf", "an instance of ArrayBuffer or ArrayBufferView", target);
}

function elementBytesOf(target: Target): number {
  return (target as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT || 1;
}

function fill(target: Target, offset: number, size: number): void {
  const [buffer, start] = ArrayBuffer.isView(target) ? [target.buffer, target.byteOffset] : [target, 0];
  fillRandom(new Uint8Array(buffer, start + offset, size));
}

export function randomFillSync<T extends Target>(target: T, offset: number = 0, size?: number): T {
  assertTarget(target);
  const elementBytes = elementBytesOf(target);
  const from = offsetOf(offset, elementBytes, target.byteLength);
  fill(
    target,
    from,
    size === undefined ? target.byteLength - from : sizeOf(size, elementBytes, from, target.byteLength),
  );
  return target;
}

export function randomFill<T extends Target>(
  target: T,
  offset: unknown,
  size?: unknown,
  callback?: unknown,
): void {
  assertTarget(target);
  const elementBytes = elementBytesOf(target);
  const elements = (target as { length?: number }).length;
  let done = callback;
  let from = offset;
  let count = size;
  if (typeof offset === "function") {
    [done, from, count] = [offset, 0, elements];
  } else if (typeof size === "function") {
    [done, count] = [size, (elements ?? target.byteLength) - (offset as number)];
  }
  assertFunction(done, "callback");
  const first = offsetOf(from, elementBytes, target.byteLength);
  const bytes =
    count === undefined ? target.byteLength - first : sizeOf(count, elementBytes, first, target.byteLength);
  if (bytes > 0) {
    fill(target, first, bytes);
    inTick(done, null, target);
  } else (done as Callback<T>)(null, target);
}

export function randomBytes(size: number, callback?: Callback<Buffer>): Buffer | undefined {
  const length = sizeOf(size, 1, 0, Number.POSITIVE_INFINITY);
  if (callback !== undefined) assertFunction(callback, "callback");
  // Not of the pool: who gets random bytes gets all of their buffer.
  const memory = new Uint8Array(length);
  const bytes = buffer.Buffer.from(memory.buffer, 0, length);
  fill(memory, 0, length);
  if (callback === undefined) return bytes;
  inTick(callback, null, bytes);
  return undefined;
}

/** Uniform in [min, max): values that would favour the lower ones are drawn again. */
export function randomInt(min: unknown, max?: unknown, callback?: unknown): number | undefined {
  const isMinGiven = max !== undefined && typeof max !== "function";
  const [low, high, done] = isMinGiven ? [min, max, callback] : [0, min, max];
  if (done !== undefined) assertFunction(done, "callback");
  if (!Number.isSafeInteger(low)) throw invalidArgType("min", "a safe integer", low);
  if (!Number.isSafeInteger(high)) throw invalidArgType("max", "a safe integer", high);
  const [from, to] = [low as number, high as number];
  if (to <= from) throw outOfRange("max", `greater than the value of "min" (${from})`, to);
  const range = to - from;
  if (!(range <= maxRange)) {
    throw outOfRange(`max${isMinGiven ? " - min" : ""}`, `<= ${maxRange}`, range);
  }
  const limit = maxRange - (maxRange % range);
  const bytes = new Uint8Array(6);
  let drawn: number;
  do {
    drawn = 0;
    fillRandom(bytes);
    for (const byte of bytes) drawn = drawn * 256 + byte;
  } while (drawn >= limit);
  const value = from + (drawn % range);
  if (done === undefined) return value;
  inTick(done as () => void, undefined, value);
  return undefined;
}

function checkUuidOptions(options: unknown): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalidArgType("options", "of type object", options);
  }
  const { disableEntropyCache = false } = options as { disableEntropyCache?: unknown };
  if (typeof disableEntropyCache !== "boolean") {
    throw invalidArgType("options.disableEntropyCache", "of type boolean", disableEntropyCache);
  }
}

export function randomUUID(options?: unknown): string {
  checkUuidOptions(options);
  return randomUuid();
}

/** RFC 9562: milliseconds first, so that later ones sort behind. */
export function randomUUIDv7(options?: unknown): string {
  checkUuidOptions(options);
  const time = Date.now().toString(16).padStart(12, "0");
  const random = randomUuid();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}

/** In time that depends on the length alone. */
export function timingSafeEqual(one: unknown, other: unknown): boolean {
  const left = viewOf(one, "buf1");
  const right = viewOf(other, "buf2");
  if (left.length !== right.length) {
    throw nodeError(
      RangeError,
      "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH",
      "Input buffers must have the same byte length",
    );
  }
  let difference = 0;
  for (let index = 0; index < left.length; index++) {
    difference |= (left[index] as number) ^ (right[index] as number);
  }
  return difference === 0;
}

function viewOf(value: unknown, name: string): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalidArgType(name, "an instance of ArrayBuffer, Buffer, TypedArray, or DataView", value);
}
