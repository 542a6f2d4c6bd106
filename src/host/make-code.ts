import { maxCodeCacheBytes } from "../model/wire/index.ts";
import { LoadedBundle } from "./bundle.ts";
import type { GuestIsolate } from "./guest-isolate.ts";

const megabyte = 1024 * 1024;
/** Scripts whose bytecode is made: a longer one would take this thread from its neighbours for too long. */
const maxCharacters = 16 * megabyte;

/**
 * The bytecode of a bundle that ran in this isolate, with that of every function in it that ran; nothing when it would
 * be too large, or there is no room: it takes the text once more, and must not be what ends the environment.
 */
export function makeCode(
  isolate: GuestIsolate,
  script: string,
  memorySizeMb: number,
): Uint8Array | undefined {
  try {
    const roomBytes = memorySizeMb * megabyte - isolate.memoryBytes();
    if (script.length > maxCharacters || script.length * 4 > roomBytes) return undefined;
    const bytes = isolate.codeOf(script, LoadedBundle.filename);
    return bytes.byteLength > maxCodeCacheBytes ? undefined : bytes;
  } catch {
    return undefined;
  }
}
