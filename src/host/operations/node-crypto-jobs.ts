import { OperationError, type Value } from "../../model/values.ts";
import type { OperationEnvironment, Resource } from "../operation.ts";
import { nodeError, writeAnswer } from "./node-crypto-values.ts";
import { slowLane } from "./slow-lane.ts";

/**
 * Node's pool has four threads for everybody. What takes longer than this goes through the slow lane; of what is
 * shorter, one environment has half a second's worth in the pool, and the rest waits.
 */
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

type Done = (error: unknown, results: unknown[]) => void;
type Start = (done: Done) => void;
interface Waiting {
  readonly costMs: number;
  readonly begin: () => void;
}

/** What one environment has running in Node's pool, or waiting for it. */
export class Jobs implements Resource {
  readonly #environment: Pick<OperationEnvironment, "resources">;
  readonly #answers = new Map<number, Promise<Value>>();
  readonly #queue = new Set<Waiting>();
  #shortMs = 0;
  #heldBytes = 0;

  constructor(environment: Pick<OperationEnvironment, "resources">) {
    this.#environment = environment;
  }

  static of(environment: Pick<OperationEnvironment, "resources">): Jobs {
    const present = environment.resources.get("crypto.jobs");
    if (present instanceof Jobs) return present;
    const made = new Jobs(environment);
    environment.resources.set("crypto.jobs", made);
    return made;
  }

  /** @param probe Throws what is wrong with the arguments of a job that is not started at once. */
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
    const isLong = job.costMs > longMs;
    const startsNow = !isLong && this.#hasRoom(job.costMs);
    if (!startsNow) probe();
    // What Node refuses at once is thrown from here.
    const running = startsNow ? this.#runShort(job.costMs, start) : undefined;
    this.#heldBytes += job.heldBytes;
    const answer = this.#finish(
      job,
      running ?? (isLong ? this.#runLong(start) : this.#wait(job.costMs, start)),
    );
    // A guest that never asks for it.
    answer.catch(() => {});
    this.#answers.set(job.number, answer);
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

  async #finish(job: Job, running: Promise<unknown[]>): Promise<Value> {
    let answer: Value;
    try {
      const results = await running;
      answer = writeAnswer(results.length === 1 ? results[0] : results);
    } catch (error) {
      throw nodeError(error);
    } finally {
      this.#heldBytes -= job.heldBytes;
    }
    this.#heldBytes += bytesOf(answer);
    return answer;
  }

  #runLong(start: Start): Promise<unknown[]> {
    return slowLane.run(this.#environment, () => promised(start));
  }

  #wait(costMs: number, start: Start): Promise<unknown[]> {
    return new Promise((resolve) => {
      // A refusal rejects here: the guest was told already that the job has begun.
      const begin = () => resolve(new Promise((settle) => settle(this.#runShort(costMs, start))));
      this.#queue.add({ costMs, begin });
    });
  }

  /** @throws What Node throws for the arguments. */
  #runShort(costMs: number, start: Start): Promise<unknown[]> {
    const running = promised(start);
    this.#shortMs += costMs;
    const ended = () => {
      this.#shortMs -= costMs;
      this.#startWaiting();
    };
    running.then(ended, ended);
    return running;
  }

  #hasRoom(costMs: number): boolean {
    return this.#shortMs + costMs <= maxShortMs;
  }

  #startWaiting(): void {
    for (const waiting of [...this.#queue]) {
      if (!this.#hasRoom(waiting.costMs)) continue;
      this.#queue.delete(waiting);
      waiting.begin();
    }
  }
}

/** @throws What `start` throws, rather than to reject with it. */
function promised(start: Start): Promise<unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
  start((error, results) => (error ? reject(error) : resolve(results)));
  return promise;
}

function bytesOf(answer: Value): number {
  return answer instanceof Uint8Array ? answer.byteLength : 0;
}
