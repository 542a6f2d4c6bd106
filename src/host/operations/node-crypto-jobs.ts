import { OperationError, type Value } from "../../model/values.ts";
import type { OperationEnvironment, Resource } from "../operation.ts";
import { nodeError, writeAnswer } from "./node-crypto-values.ts";

/**
 * Node's pool has four threads for everybody. One environment has two long jobs in it at most, and short ones that
 * come to half a second; the others wait.
 */
const maxLongRunning = 2;
const longMs = 50;
const maxShortMs = 500;
const maxJobs = 1000;
/** Arguments of jobs that have not ended, and answers that nobody took yet. One job alone may hold more. */
const maxHeldBytes = 64 * 1024 * 1024;

export interface Job {
  readonly number: number;
  /** About how long it takes, by its arguments. */
  readonly costMs: number;
  /** Of its arguments. */
  readonly heldBytes: number;
}

type Start = (done: (error: unknown, results: unknown[]) => void) => void;
interface Waiting {
  readonly job: Job;
  readonly run: () => void;
}

/** What one environment has running in Node's pool, or waiting for it. */
export class Jobs implements Resource {
  readonly #answers = new Map<number, Promise<Value>>();
  readonly #queue = new Set<Waiting>();
  #longRunning = 0;
  #shortMs = 0;
  #heldBytes = 0;

  static of(environment: Pick<OperationEnvironment, "resources">): Jobs {
    const present = environment.resources.get("crypto.jobs");
    if (present instanceof Jobs) return present;
    const made = new Jobs();
    environment.resources.set("crypto.jobs", made);
    return made;
  }

  /** @param probe Throws what is wrong with the arguments of a job that has to wait. */
  add(job: Job, probe: () => void, start: Start): void {
    if (this.#answers.has(job.number) || this.#answers.size >= maxJobs) {
      throw new OperationError(
        "ELIMIT",
        `Cannot start job ${job.number}: at most ${maxJobs} may be under way`,
      );
    }
    if (this.#heldBytes > 0 && this.#heldBytes + job.heldBytes > maxHeldBytes) {
      throw new OperationError(
        "ELIMIT",
        `Cannot start a job: those under way hold ${this.#heldBytes} bytes, at most ${maxHeldBytes} are allowed`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    // A guest that never asks for the answer.
    promise.catch(() => {});
    const run = () => {
      this.#count(job, 1);
      try {
        start((error, results) => {
          this.#ended(job);
          if (error) reject(nodeError(error));
          else resolve(this.#hold(writeAnswer(results.length === 1 ? results[0] : results)));
        });
      } catch (error) {
        this.#ended(job);
        throw error;
      }
    };
    const hasRoom = this.#hasRoom(job);
    if (!hasRoom) probe();
    this.#heldBytes += job.heldBytes;
    if (hasRoom) run();
    else this.#queue.add({ job, run: () => attempt(run, reject) });
    this.#answers.set(job.number, promise);
  }

  async answer(number: number): Promise<Value> {
    const promise = this.#answers.get(number);
    if (promise === undefined) throw new OperationError("EINVAL", `Job ${number} is not under way`);
    try {
      const answer = await promise;
      this.#heldBytes -= bytesOf(answer);
      return answer;
    } finally {
      this.#answers.delete(number);
    }
  }

  inUse(): string | undefined {
    return this.#answers.size === 0 ? undefined : `${this.#answers.size} jobs of node:crypto have not ended`;
  }

  close(): void {
    this.#queue.clear();
    this.#answers.clear();
  }

  #hold(answer: Value): Value {
    this.#heldBytes += bytesOf(answer);
    return answer;
  }

  #hasRoom({ costMs }: Job): boolean {
    return costMs > longMs ? this.#longRunning < maxLongRunning : this.#shortMs + costMs <= maxShortMs;
  }

  #count({ costMs }: Job, change: 1 | -1): void {
    if (costMs > longMs) this.#longRunning += change;
    else this.#shortMs += change * costMs;
  }

  #ended(job: Job): void {
    this.#count(job, -1);
    this.#heldBytes -= job.heldBytes;
    for (const waiting of [...this.#queue]) {
      if (!this.#hasRoom(waiting.job)) continue;
      this.#queue.delete(waiting);
      waiting.run();
    }
  }
}

function bytesOf(answer: Value): number {
  return answer instanceof Uint8Array ? answer.byteLength : 0;
}

function attempt(run: () => void, failed: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    failed(error);
  }
}
