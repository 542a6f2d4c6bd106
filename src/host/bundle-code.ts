import { CodeCache } from "./code-cache.ts";
import type { FrozenHeap } from "./guest-isolate.ts";

/** Why there is no bytecode of a version: an environment that starts without says so. */
const reasons = {
  none: "there is no code cache yet: it is made after the first invocation",
  rejected: "V8 refused the code cache",
  unmade: "no code cache could be made",
} as const;

/**
 * A version's bytecode in this host: what the supervisor has of another host, or what was made here.
 *
 *     none ──► cached ──► rejected ──► cached        none, rejected ──► unmade
 *
 * However short the script is, reading its bytecode takes less than compiling it (bench/code-cache.ts).
 */
export class BundleCode {
  #cache: CodeCache | undefined;
  #lack: keyof typeof reasons = "none";

  /** For the next environment's script. */
  get cache(): CodeCache | undefined {
    return this.#cache;
  }

  /** Whether one is to be made when an environment is idle. */
  get isWanted(): boolean {
    return this.#cache === undefined && this.#lack !== "unmade";
  }

  /** Why an environment that starts now starts without; empty when there is one. */
  get reason(): string {
    return this.#cache === undefined ? reasons[this.#lack] : "";
  }

  take(heap: FrozenHeap, bytes: Uint8Array): void {
    this.#cache = new CodeCache(heap, bytes);
  }

  /** V8 refused it. @returns Whether it had not been known. */
  noticeRejection(): boolean {
    if (this.#cache?.isRejected !== true) return false;
    this.#cache = undefined;
    this.#lack = "rejected";
    return true;
  }

  /** It was tried, and is not tried again. */
  giveUp(): void {
    this.#lack = "unmade";
  }
}
