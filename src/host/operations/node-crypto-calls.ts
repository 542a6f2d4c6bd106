import * as crypto from "node:crypto";
import { OperationError, type Value } from "../../model/values.ts";
import { defineOperation, integer, type OperationEnvironment, oneOf, type Resource } from "../operation.ts";
import { checkCost, checkModulus } from "./node-crypto-costs.ts";
import { askNode, nodeError, readWritten, writeAnswer, written } from "./node-crypto-values.ts";

/** Functions of node:crypto that a guest may call by name: none of them keeps anything, or changes the process. */
const synchronous = [
  "argon2Sync",
  "checkPrimeSync",
  "createPrivateKey",
  "createPublicKey",
  "createSecretKey",
  "decapsulate",
  "diffieHellman",
  "encapsulate",
  "generateKeyPairSync",
  "generateKeySync",
  "generatePrimeSync",
  "getCipherInfo",
  "getCiphers",
  "getCurves",
  "getHashes",
  "getMacs",
  "hash",
  "hkdfSync",
  "parsePKCS12",
  "pbkdf2Sync",
  "privateDecrypt",
  "privateEncrypt",
  "publicDecrypt",
  "publicEncrypt",
  "scryptSync",
  "sign",
  "verify",
] as const;
const asynchronous = [
  "argon2",
  "checkPrime",
  "decapsulate",
  "diffieHellman",
  "encapsulate",
  "generateKey",
  "generateKeyPair",
  "generatePrime",
  "hkdf",
  "pbkdf2",
  "scrypt",
  "sign",
  "verify",
] as const;

type NodeFunction = (...args: unknown[]) => unknown;
const functions = crypto as unknown as Record<string, NodeFunction>;

export const callNode = defineOperation({
  name: "crypto.call",
  kind: "sync",
  args: [oneOf(...synchronous), ...written],
  replay: "taped",
  run: (environment, name, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    checkCost(name, args, "sync");
    return writeAnswer(askNode(() => checked(functions[name]?.(...args))));
  },
});

/** A key that was read from the guest's text is as large as any. */
function checked(answer: unknown): unknown {
  if (answer instanceof crypto.KeyObject) checkModulus(answer);
  return answer;
}

/**
 * Node's pool has four threads for everybody. One environment has two jobs in it, or more while they are so short
 * that nobody waits for them: who waits hears only later what is wrong with its arguments.
 */
const maxLongRunning = 2;
const maxRunning = 64;
const maxRunningMs = 500;
const maxJobs = 1000;

/** What one environment has running in Node's pool, or waiting for it. */
class Jobs implements Resource {
  readonly #answers = new Map<number, Promise<Value>>();
  #queue: { readonly costMs: number; readonly run: () => void }[] = [];
  #running = 0;
  #runningMs = 0;

  static of(environment: OperationEnvironment): Jobs {
    const present = environment.resources.get("crypto.jobs");
    if (present instanceof Jobs) return present;
    const made = new Jobs();
    environment.resources.set("crypto.jobs", made);
    return made;
  }

  /** Throws what `start` throws, unless it has to wait: then that is the job's answer. */
  add(
    job: number,
    costMs: number,
    start: (done: (error: unknown, results: unknown[]) => void) => void,
  ): void {
    if (this.#answers.has(job) || this.#answers.size >= maxJobs) {
      throw new OperationError("ELIMIT", `Cannot start job ${job}: at most ${maxJobs} may be under way`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    // A guest that never asks for the answer.
    promise.catch(() => {});
    const run = () => {
      this.#running++;
      this.#runningMs += costMs;
      try {
        start((error, results) => {
          this.#ended(costMs);
          if (error) reject(nodeError(error));
          else resolve(writeAnswer(results.length === 1 ? results[0] : results));
        });
      } catch (error) {
        this.#ended(costMs);
        throw error;
      }
    };
    if (this.#queue.length === 0 && this.#hasRoom(costMs)) run();
    else this.#queue.push({ costMs, run: () => attempt(run, reject) });
    this.#answers.set(job, promise);
  }

  async answer(job: number): Promise<Value> {
    const promise = this.#answers.get(job);
    if (promise === undefined) throw new OperationError("EINVAL", `Job ${job} is not under way`);
    try {
      return await promise;
    } finally {
      this.#answers.delete(job);
    }
  }

  #hasRoom(costMs: number): boolean {
    if (this.#running < maxLongRunning) return true;
    return this.#running < maxRunning && this.#runningMs + costMs <= maxRunningMs;
  }

  #ended(costMs: number): void {
    this.#running--;
    this.#runningMs -= costMs;
    for (let next = this.#queue[0]; next !== undefined && this.#hasRoom(next.costMs); next = this.#queue[0]) {
      this.#queue.shift();
      next.run();
    }
  }

  inUse(): string | undefined {
    return this.#answers.size === 0 ? undefined : `${this.#answers.size} jobs of node:crypto have not ended`;
  }

  close(): void {
    this.#queue = [];
    this.#answers.clear();
  }
}

function attempt(run: () => void, failed: (error: unknown) => void): void {
  try {
    run();
  } catch (error) {
    failed(error);
  }
}

const job = integer(1, Number.MAX_SAFE_INTEGER);

/** Starts what answers later, so that Node's refusal of its arguments is thrown at once. */
export const startJob = defineOperation({
  name: "crypto.start",
  kind: "sync",
  args: [job, oneOf(...asynchronous), ...written],
  replay: "taped",
  run: (environment, number, name, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    const costMs = checkCost(name, args, "async");
    Jobs.of(environment).add(number, costMs, (done) => {
      askNode(() =>
        functions[name]?.(...args, (error: unknown, ...results: unknown[]) => done(error, results)),
      );
    });
  },
});

export const awaitJob = defineOperation({
  name: "crypto.wait",
  kind: "async",
  args: [job],
  replay: "taped",
  run: (environment, number) => Jobs.of(environment).answer(number),
});

/** Numbers that node:crypto has names for. */
export const constants = defineOperation({
  name: "crypto.constants",
  kind: "sync",
  args: [],
  replay: "pure",
  run: () => JSON.stringify(crypto.constants),
});

/** The version of what all this comes from. */
export const openssl = defineOperation({
  name: "crypto.openssl",
  kind: "sync",
  args: [],
  replay: "pure",
  run: () => process.versions.openssl,
});

/** Without anybody to answer to, Node throws: that is what the guest wants to hear. */
export const refuseNode = defineOperation({
  name: "crypto.refuse",
  kind: "sync",
  args: [oneOf(...asynchronous), ...written],
  replay: "pure",
  run: (environment, name, json, ...parts) => {
    const args = readWritten(environment, json, parts);
    checkCost(name, args, "sync");
    askNode(() => functions[name]?.(...args));
  },
});
