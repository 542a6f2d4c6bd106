import { LRUCache } from "lru-cache";
import type { Environment } from "./environment.ts";

/** Idle environments, retired when they have been idle for too long or hold more memory than all may together. */
export class IdleEnvironments {
  readonly #cache: LRUCache<number, Environment>;
  readonly #onRetire: (environment: Environment) => void;

  constructor(options: {
    idleTimeoutMs: number;
    memoryBudgetBytes: number;
    max: number;
    onRetire: (environment: Environment) => void;
  }) {
    this.#cache = new LRUCache({
      max: options.max,
      maxSize: options.memoryBudgetBytes,
      sizeCalculation: (environment) => Math.max(1, Math.ceil(environment.heldBytes)),
      ttl: options.idleTimeoutMs,
      ttlResolution: 100,
      // After, not while: who retires an environment also takes it, and the cache breaks when it is changed meanwhile.
      disposeAfter: (environment, _id, reason) => {
        // `delete` is our own take: that one goes on to work.
        if (reason === "evict" || reason === "expire") options.onRetire(environment);
      },
    });
    this.#onRetire = options.onRetire;
  }

  get size(): number {
    return this.#cache.size;
  }

  get memoryBytes(): number {
    return this.#cache.calculatedSize;
  }

  add(environment: Environment): void {
    this.#cache.set(environment.id, environment);
    // One that is larger than all may be together is not kept, and would never be retired.
    if (!this.#cache.has(environment.id)) this.#onRetire(environment);
  }

  take(environment: Environment): void {
    this.#cache.delete(environment.id);
  }

  /** Retires the one that was used least recently, if there is one. */
  retireOldest(): Environment | undefined {
    return this.#cache.pop();
  }

  /** Retires what has been idle for too long. */
  sweep(): void {
    this.#cache.purgeStale();
  }
}
