import { OperationError } from "../../model/values.ts";

/**
 * How much one call of WebCrypto may ask for. Node knows no such limits: there, a program harms only itself. Here
 * one of four pool threads would be gone for hours, and it can't be called back.
 */
const most = {
  /** Takes seconds; each doubling makes it ten times as long. */
  modulusLength: 4096,
  /** Of a generated secret, a derived one, or what a function with output of any length puts out. */
  bits: 8 * 1024 * 1024,
  /** PBKDF2's iterations for each block of output: some ten seconds. */
  iterations: 10_000_000,
  /** KiB, as Argon2 counts; RFC 9106 recommends 64 MiB where 2 GiB are too many. */
  argonMemory: 64 * 1024,
  /** Passes over that memory, KiB: some ten seconds. */
  argonWork: 16 * 1024 * 1024,
  /** Each is a thread of its own. */
  argonLanes: 16,
} as const;

/** Above these a call waits for the few that may be slow at once. */
const slow = { iterations: 50_000, argonWork: 64 * 1024 } as const;

interface Algorithm {
  readonly name?: unknown;
  readonly hash?: Algorithm;
  readonly length?: unknown;
  readonly outputLength?: unknown;
  readonly modulusLength?: unknown;
  readonly iterations?: unknown;
  readonly memory?: unknown;
  readonly passes?: unknown;
  readonly parallelism?: unknown;
}

/** Bytes that one run of the hash puts out: each costs all iterations again. Others have their bits in their names. */
const hashBytes: Readonly<Record<string, number>> = { "SHA-1": 20 };

/**
 * @returns Whether the call is slow.
 * @throws {OperationError} OperationError, saying what was asked and what is allowed.
 */
export function checkBounds(method: string, args: readonly unknown[]): boolean {
  const algorithms = args.filter(isObject) as Algorithm[];
  for (const { name, length, outputLength, hash } of algorithms) {
    within(`${method} with ${name}`, "bits", length, most.bits);
    within(`${method} with ${name}`, "bits", outputLength, most.bits);
    within(`${method} with ${hash?.name}`, "bits", hash?.outputLength, most.bits);
  }
  if (args.some(hasLargeKey)) return true;
  const [algorithm] = algorithms;
  if (algorithm === undefined) return false;
  if (method === "generateKey") return isSlowToGenerate(algorithm);
  if (method === "deriveBits" || method === "deriveKey") {
    return isSlowToDerive(method, algorithm, method === "deriveBits" ? args[2] : algorithms.at(-1)?.length);
  }
  return false;
}

function isSlowToGenerate({ name, modulusLength }: Algorithm): boolean {
  if (modulusLength === undefined) return false;
  within(`generateKey with ${name}`, "bits of a modulus", modulusLength, most.modulusLength);
  return true;
}

function isSlowToDerive(method: string, algorithm: Algorithm, length: unknown): boolean {
  const action = `${method} with ${algorithm.name}`;
  within(action, "bits", length, most.bits);
  // HMAC's key is as long as its hash's block when no length is given: two of any hash's outputs, at most ten.
  const bits = typeof length === "number" ? length : 2048;
  if (algorithm.iterations !== undefined) {
    const blocks = Math.max(1, Math.ceil(bits / 8 / outputOf(algorithm.hash)));
    within(
      action,
      "iterations, over all blocks of the output,",
      times(algorithm.iterations, blocks),
      most.iterations,
    );
    return times(algorithm.iterations, blocks) > slow.iterations;
  }
  if (algorithm.memory === undefined) return false;
  within(action, "KiB of memory", algorithm.memory, most.argonMemory);
  within(action, "KiB in all passes", times(algorithm.memory, algorithm.passes), most.argonWork);
  within(action, "lanes", algorithm.parallelism, most.argonLanes);
  return times(algorithm.memory, algorithm.passes) > slow.argonWork;
}

function outputOf(hash: Algorithm | undefined): number {
  const name = String(hash?.name);
  return hashBytes[name] ?? (Number(/\d+$/.exec(name)?.[0] ?? 160) || 160) / 8;
}

/** What is absent is refused by Node itself, what is no number by `within`. */
function times(one: unknown, other: unknown): number {
  return one === undefined || other === undefined ? 0 : Number(one) * Number(other);
}

/** A guest converts what it sends. One that does not gets no further: Node would take "9e9" for a number. */
function within(action: string, what: string, value: unknown, limit: number): void {
  if (value === undefined || value === null || (typeof value === "number" && value <= limit)) return;
  throw new OperationError(
    "OperationError",
    `Cannot run ${action}: ${String(value).slice(0, 100)} ${what} were asked for, at most ${limit} are allowed`,
  );
}

/** An RSA key that was not made here: each use of its private half takes a second. */
function hasLargeKey(arg: unknown): boolean {
  const { modulusLength } = (arg as { algorithm?: Algorithm } | null | undefined)?.algorithm ?? {};
  return modulusLength !== undefined && Number(modulusLength) > most.modulusLength;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && "name" in value;
}
