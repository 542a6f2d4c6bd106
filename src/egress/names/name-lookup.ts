import type { Resolve } from "../guarded-connector.ts";

/** Node looks up two names at once at most (half of its threads), whoever asks. */
const lookupsAtOnce = 2;

interface Waiting {
  readonly hostname: string;
  resolve(addresses: readonly string[]): void;
  reject(error: unknown): void;
}

/**
 * The system's resolver, for which environments queue in turns: one that asks for a thousand names that nobody answers
 * delays itself, and others by one look-up.
 */
export class NameLookup {
  readonly #resolve: Resolve;
  /** By environment, in the order of their turns: who had one goes to the end. */
  readonly #queues = new Map<number, Waiting[]>();
  #running = 0;

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  resolve(environmentId: number, hostname: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(environmentId) ?? [];
      queue.push({ hostname, resolve, reject });
      this.#queues.set(environmentId, queue);
      this.#advance();
    });
  }

  #advance(): void {
    while (this.#running < lookupsAtOnce) {
      const [entry] = this.#queues;
      if (entry === undefined) return;
      const [id, queue] = entry;
      const next = queue.shift();
      this.#queues.delete(id);
      if (next === undefined) continue;
      if (queue.length > 0) this.#queues.set(id, queue);
      this.#run(next);
    }
  }

  #run({ hostname, resolve, reject }: Waiting): void {
    this.#running++;
    // Within a promise, since a resolver may also throw at once.
    new Promise<readonly string[]>((done) => done(this.#resolve(hostname)))
      .then(resolve, reject)
      .finally(() => {
        this.#running--;
        this.#advance();
      });
  }
}
