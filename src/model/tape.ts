/**
 * What init asked of its host, and what it was told: recorded in a host, replayed where a heap is frozen. The guest's
 * half is snapshots/snapstart/lazy/replay.ts, which mirrors these types and the digest.
 */

/** A value as JSON has it; bytes as base64, and an empty list for undefined. */
export type TapeValue = string | number | boolean | null | readonly [base64?: string];

export type TapeEvent =
  /** The host enters the guest. Of `init` the bundle's factory is not on the tape. */
  | readonly ["turn", entry: number, ...args: TapeValue[]]
  | readonly ["answer", name: string, digest: string, answer: TapeValue]
  /** Refused with `code\nmessage`. */
  | readonly ["refusal", name: string, digest: string, text: string]
  /** Began; its answer is a later turn. The note tells people what it was. */
  | readonly ["start", name: string, digest: string, note?: string];

/** What a recording environment made, as JSON. */
export interface Recording {
  readonly init: readonly TapeEvent[];
  /** The turns of the sample events, after a restore; empty when there were none. */
  readonly warmUp: readonly TapeEvent[];
  /** Guest modules that were loaded by either, in the order of their loading. */
  readonly modules: readonly string[];
  /** The function's own files that either compiled, with their code: path and text. */
  readonly files: readonly (readonly [path: string, code: string])[];
  /** The guest's own clock at the end of init, ms. */
  readonly clockMs: number;
  /** The same behind the last sample event of the warm-up: where a primed heap's clock goes on. */
  readonly warmUpEndMs: number;
  /** How each sample event ended. */
  readonly outcomes: readonly string[];
  /** What keeps the heap from being frozen, if that is known already. */
  readonly notFreezable?: string;
}

/** A tape of more bytes is refused: init that reads so much is no candidate for a snapshot. */
export const maxTapeBytes = 64 * 1024 * 1024;

export function toTape(value: unknown): TapeValue {
  if (value === undefined) return [];
  if (ArrayBuffer.isView(value)) {
    return [Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")];
  }
  return value as TapeValue;
}

/** Text that differs when the arguments do: 53 bits of a hash, since nobody has a reason to make them collide but the function itself. */
export function tapeDigest(args: readonly unknown[]): string {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  const mix = (code: number): void => {
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  };
  const mixText = (text: string): void => {
    for (let index = 0; index < text.length; index++) mix(text.charCodeAt(index));
    mix(text.length);
  };
  for (const value of args) {
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      mix(0x10001);
      for (const byte of bytes) mix(byte);
      mix(bytes.length);
    } else {
      mixText(typeof value);
      mixText(String(value));
    }
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(36);
}
