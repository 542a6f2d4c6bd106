import buffer, { type Buffer } from "node:buffer";
import { callSync } from "../../bridge.ts";
import { nextTick } from "../../ticks.ts";
import { assertFunction, invalidArgType, outOfRange } from "./errors.ts";

type Callback<T> = (error: Error | null, value?: T) => void;

/** What one call to the host gives. */
const maxRequestBytes = 65_536;
const maxRange = 2 ** 48;

export function randomFillSync<T extends ArrayBufferView | ArrayBuffer>(
  target: T,
  offset = 0,
  size?: number,
): T {
  const bytes = ArrayBuffer.isView(target)
    ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    : new Uint8Array(target);
  const end = size === undefined ? bytes.length : offset + size;
  if (offset < 0 || end > bytes.length) throw outOfRange("size + offset", `<= ${bytes.length}`, end);
  for (let at = offset; at < end; at += maxRequestBytes) {
    bytes.set(callSync("crypto.random", Math.min(maxRequestBytes, end - at)) as Uint8Array, at);
  }
  return target;
}

export function randomBytes(size: number, callback?: Callback<Buffer>): Buffer | undefined {
  if (typeof size !== "number") throw invalidArgType("size", "of type number", size);
  if (!(size >= 0 && size <= 2 ** 31 - 1)) throw outOfRange("size", ">= 0 && <= 2147483647", size);
  const bytes = randomFillSync(buffer.Buffer.alloc(size));
  if (callback === undefined) return bytes;
  assertFunction(callback, "callback");
  nextTick(() => callback(null, bytes));
  return undefined;
}

export function randomFill<T extends ArrayBufferView>(target: T, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback<T>;
  assertFunction(callback, "callback");
  randomFillSync(target, rest[0] as number | undefined, rest[1] as number | undefined);
  nextTick(() => callback(null, target));
}

/** Uniform in [min, max): values that would favour the lower ones are drawn again. */
export function randomInt(...args: unknown[]): number | undefined {
  const callback = typeof args.at(-1) === "function" ? (args.pop() as Callback<number>) : undefined;
  const [min, max] = (args.length < 2 || args[1] === undefined ? [0, args[0]] : args) as [number, number];
  if (!Number.isSafeInteger(min)) throw invalidArgType("min", "a safe integer", min);
  if (!Number.isSafeInteger(max)) throw invalidArgType("max", "a safe integer", max);
  if (max <= min) throw outOfRange("max", `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (range > maxRange) throw outOfRange("max - min", `<= ${maxRange - 1}`, range);
  const limit = maxRange - (maxRange % range);
  let drawn: number;
  do {
    const bytes = callSync("crypto.random", 6) as Uint8Array;
    drawn = bytes.reduce((value, byte) => value * 256 + byte, 0);
  } while (drawn >= limit);
  const value = min + (drawn % range);
  if (callback === undefined) return value;
  nextTick(() => callback(null, value));
  return undefined;
}
