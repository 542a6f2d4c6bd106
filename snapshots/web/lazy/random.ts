import { callSync } from "../../bridge.ts";
import { randomPool } from "../../random-pool.ts";

/** What one call to the host draws ahead: 256 UUIDs. */
const poolBytes = 4096;
/** Longer requests gain little from bytes drawn ahead. */
const maxPooledBytes = 64;
/** What one call to the host gives. */
const maxRequestBytes = 65_536;

const { fill, set } = Uint8Array.prototype;
const { apply } = Reflect;
const { min } = Math;

/** Fills all of `target` with random bytes of the host's. */
export function fillRandom(target: Uint8Array): void {
  const { length } = target;
  if (length === 0) return;
  if (length <= maxPooledBytes) {
    const at = takePooled(length);
    const pool = randomPool.bytes!;
    for (let index = 0; index < length; index++) target[index] = pool[at + index]!;
    apply(fill, pool, [0, at, at + length]);
    return;
  }
  for (let at = 0; at < length; at += maxRequestBytes) {
    const size = min(maxRequestBytes, length - at);
    apply(set, target, [callSync("crypto.random", size) as Uint8Array, at]);
  }
}

/** Where in the pool `length` bytes begin that nobody was given. Whoever takes them leaves zeros. */
function takePooled(length: number): number {
  if (randomPool.bytes === undefined || randomPool.used + length > poolBytes) {
    // In a buffer of its own, whatever the bridge's is.
    randomPool.bytes = new Uint8Array(callSync("crypto.random", poolBytes) as Uint8Array);
    randomPool.used = 0;
  }
  const at = randomPool.used;
  randomPool.used += length;
  return at;
}

const hex: string[] = [];
for (let byte = 0; byte < 256; byte++) hex[byte] = (byte < 16 ? "0" : "") + byte.toString(16);

function hexOfTwo(bytes: Uint8Array, at: number): string {
  return hex[bytes[at]!]! + hex[bytes[at + 1]!]!;
}

function hexOfFour(bytes: Uint8Array, at: number): string {
  return hexOfTwo(bytes, at) + hexOfTwo(bytes, at + 2);
}

/** Version 4: 122 random bits. */
export function randomUuid(): string {
  const at = takePooled(16);
  const b = randomPool.bytes!;
  const versioned = hex[(b[at + 6]! & 0x0f) | 0x40]! + hex[b[at + 7]!]!;
  const variant = hex[(b[at + 8]! & 0x3f) | 0x80]! + hex[b[at + 9]!]!;
  // Measured: joined in short pieces, it takes less than half of what one template does.
  const front = `${hexOfFour(b, at)}-${hexOfTwo(b, at + 4)}-`;
  const uuid = `${front}${versioned}-${variant}-${hexOfFour(b, at + 10)}${hexOfTwo(b, at + 14)}`;
  for (let index = at; index < at + 16; index++) b[index] = 0;
  return uuid;
}
