import { LRUCache } from "lru-cache";

/** What one host may hold of snapshots, beside those that its environments use. */
const maxBytes = 256 * 1024 * 1024;

/** The snapshots that a host was sent: the recently used ones, so that a thousand functions don't fill it. */
export class SentSnapshots {
  readonly #sizes: LRUCache<string, number>;

  /** @param onDrop The host is to forget one. */
  constructor(onDrop: (hash: string) => void) {
    this.#sizes = new LRUCache({
      maxSize: maxBytes,
      // One that is larger than all is sent all the same, and alone.
      sizeCalculation: (bytes) => Math.min(Math.max(1, bytes), maxBytes),
      dispose: (_bytes, hash) => onDrop(hash),
    });
  }

  has(hash: string): boolean {
    return this.#sizes.has(hash);
  }

  /** Whether it is there, and it is the last to go now. */
  use(hash: string): boolean {
    return this.#sizes.get(hash) !== undefined;
  }

  add(hash: string, bytes: number): void {
    this.#sizes.set(hash, bytes);
  }

  drop(hash: string): void {
    this.#sizes.delete(hash);
  }
}
