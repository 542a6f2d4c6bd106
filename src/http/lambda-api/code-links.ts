import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../model/clock.ts";

const lifetimeMs = 10 * 60_000;

/** Links to a function's zip that are good for ten minutes, for whoever has them: `Code.Location` of GetFunction. */
export class CodeLinks {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  /** @param key Secret of this installation. */
  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  sign(origin: string, hash: string): string {
    const expires = String(Math.floor((this.#clock.now() + lifetimeMs) / 1000));
    return `${origin}/_brisk/code/${hash}?expires=${expires}&signature=${this.#signature(hash, expires)}`;
  }

  /** Whether a link is ours and has not expired. */
  verify(hash: string, expires: string, signature: string): boolean {
    const given = Buffer.from(signature);
    const expected = Buffer.from(this.#signature(hash, expires));
    if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return false;
    return Number(expires) * 1000 > this.#clock.now();
  }

  #signature(hash: string, expires: string): string {
    return createHmac("sha256", this.#key).update(`code\n${hash}\n${expires}`).digest("hex");
  }
}
