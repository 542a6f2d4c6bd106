import { OperationError } from "../../model/values.ts";
import type { Resolve } from "../guarded-connector.ts";

/** Node asks the system two such questions at once at most (half of its threads), whoever asks. */
const lookupsAtOnce = 2;

interface Waiting {
  /** Settles whoever waits, and itself never fails. */
  run(): Promise<void>;
  reject(error: unknown): void;
}

/**
 * The system's resolver, for which environments queue in turns. Each is asked for by one at a time: an environment whose
 * names nobody answers delays itself, and leaves the other thread to its neighbours.
 */
export class NameLookup {
  readonly #resolve: Resolve;
  /** By environment, in the order of their turns: who had one goes to the end. */
  readonly #queues = new Map<number, Waiting[]>();
  readonly #running = new Set<number>();

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  resolve(environmentId: number, hostname: string): Promise<readonly string[]> {
    return this.ask(environmentId, () => this.#resolve(hostname));
  }

  /** Any question that takes one of those threads. */
  ask<T>(environmentId: number, question: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(environmentId) ?? [];
      // Within a promise, since a resolver may also throw at once.
      const run = () => new Promise<T>((done) => done(question())).then(resolve, reject);
      queue.push({ run, reject });
      this.#queues.set(environmentId, queue);
      this.#advance();
    });
  }

  /** The environment is gone: what it has not been answered nobody asks any more. */
  leave(environmentId: number): void {
    const queue = this.#queues.get(environmentId) ?? [];
    this.#queues.delete(environmentId);
    for (const { reject } of queue) {
      reject(new OperationError("ECONNRESET", "Cannot look up a name: the environment has ended"));
    }
  }

  #advance(): void {
    for (const [id, queue] of this.#queues) {
      if (this.#running.size >= lookupsAtOnce) return;
      if (this.#running.has(id)) continue;
      const next = queue.shift();
      this.#queues.delete(id);
      if (queue.length > 0) this.#queues.set(id, queue);
      if (next !== undefined) this.#run(id, next);
    }
  }

  #run(id: number, { run }: Waiting): void {
    this.#running.add(id);
    void run().finally(() => {
      this.#running.delete(id);
      this.#advance();
    });
  }
}
