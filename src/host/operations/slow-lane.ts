import type { OperationEnvironment, Resource } from "../operation.ts";

/** Threads of Node's pool that slow work may hold, of four: the others are for everybody's short work. */
const maxAtOnce = 2;

/**
 * Work that holds a pool thread for seconds, such as deriving a key from a password. One environment has one such call
 * at a time, and all together two; who waits is served in turns, so that no queue of one delays another's first.
 */
export class SlowLane {
  readonly #waiting = new Map<object, (() => void)[]>();
  readonly #busy = new Set<object>();

  /** @throws What `work` throws. Never settles when the environment closes before `work` began. */
  async run<T>({ resources }: Pick<OperationEnvironment, "resources">, work: () => Promise<T>): Promise<T> {
    if (!resources.has("crypto.slow")) {
      resources.set("crypto.slow", { close: () => void this.#waiting.delete(resources) } satisfies Resource);
    }
    await new Promise<void>((start) => {
      const queue = this.#waiting.get(resources);
      if (queue === undefined) this.#waiting.set(resources, [start]);
      else queue.push(start);
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#busy.delete(resources);
      this.#startNext();
    }
  }

  #startNext(): void {
    for (const [environment, queue] of this.#waiting) {
      if (this.#busy.size >= maxAtOnce) return;
      if (this.#busy.has(environment)) continue;
      this.#waiting.delete(environment);
      const start = queue.shift();
      // Behind those that wait already.
      if (queue.length > 0) this.#waiting.set(environment, queue);
      if (start === undefined) continue;
      this.#busy.add(environment);
      start();
    }
  }
}

/** One for the process, since the thread pool is the process's: for WebCrypto and the jobs of node:crypto alike. */
export const slowLane = new SlowLane();
