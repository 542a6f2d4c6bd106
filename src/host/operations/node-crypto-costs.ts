import { createPrivateKey, KeyObject } from "node:crypto";
import { OperationError } from "../../model/values.ts";
import { checkModulus } from "./crypto-keys.ts";
import { keyUseMs } from "./node-crypto-key-costs.ts";
import { checkPassphraseCost } from "./node-crypto-passphrases.ts";
import { checkPrimeExists } from "./node-crypto-primes.ts";

/**
 * What a call is let to cost. Neither can be stopped once it runs: a synchronous one holds the host's thread, and
 * an invocation that goes past its deadline in it takes the host down; another one holds a thread of Node's pool.
 */
const maxCostMs = { sync: 10_000, async: 30_000 } as const;
const maxMemoryBytes = 64 * 1024 * 1024;
const maxOutputBytes = 16 * 1024 * 1024;
/** A key in a shorter text takes no longer than a second or two, whatever numbers it holds. */
const smallKeyCharacters = 6600;

type Kind = keyof typeof maxCostMs;
type Options = Readonly<Record<string, unknown>>;

/** Rough milliseconds on one core, for arguments that Node will take; those that it refuses cost nothing. */
const estimates: Readonly<Record<string, (args: readonly unknown[]) => number>> = {
  pbkdf2: ([, , iterations, length]) => {
    checkOutput(length);
    // Node takes no larger ones.
    if (count(iterations) >= 2 ** 31 || count(length) >= 2 ** 31) return 0;
    return (count(iterations) * Math.ceil(count(length) / 20)) / 1000;
  },
  scrypt: ([, , length, options]) => {
    checkOutput(length);
    const { N, cost = N, r, blockSize = r, p, parallelization = p, maxmem } = optionsOf(options);
    const [n, block, lanes] = [count(cost) || 16_384, count(blockSize) || 8, count(parallelization) || 1];
    const neededBytes = 128 * block * (n + lanes);
    // Node refuses what needs more than it was given.
    const givenBytes = typeof maxmem === "number" && maxmem > 0 ? maxmem : 32 * 1024 * 1024;
    if (neededBytes > givenBytes * 1.1) return 0;
    checkMemory(neededBytes);
    return n * block * lanes * 0.0005;
  },
  argon2: ([, parameters]) => {
    const { memory, passes, tagLength } = optionsOf(parameters);
    checkOutput(tagLength);
    checkMemory(count(memory) * 1024);
    return count(memory) * count(passes) * 0.001;
  },
  generatePrime: ([size, options]) => {
    const { safe, add, rem } = optionsOf(options);
    const bits = count(size);
    if (add !== undefined) checkPrimeExists(bits, add, rem, safe === true);
    return safe === true ? safePrimeMs(bits) : 400 * (bits / 2048) ** 4;
  },
  checkPrime: ([candidate, options]) => {
    const bits = typeof candidate === "bigint" ? candidate.toString(16).length * 4 : bytesOf(candidate) * 8;
    // OpenSSL takes no longer numbers.
    if (bits >= 2 ** 29) return 0;
    const rounds = count(optionsOf(options)["checks"]) || (bits > 2048 ? 128 : 64);
    return rounds * 3 * (bits / 2048) ** 3;
  },
  createDiffieHellman: ([size, encoding]) =>
    typeof size === "number" ? safePrimeMs(size) : primeTestMs(size, encoding),
  generateKeyPair: ([type, options]) => {
    const { modulusLength, primeLength, prime } = optionsOf(options);
    const bits = count(modulusLength);
    if (type === "rsa" || type === "rsa-pss") return 100 * (bits / 2048) ** 4;
    if (type === "dsa") return 500 * (bits / 2048) ** 4;
    if (type === "dh")
      return primeLength === undefined ? primeTestMs(prime) : safePrimeMs(count(primeLength));
    // SLH-DSA hashes a whole tree for its small signatures.
    return typeof type === "string" && /^slh-dsa.*s$/.test(type) ? 200 : 0;
  },
  generateKey: ([, options]) => {
    const bits = count(optionsOf(options)["length"]);
    if (bits < 2 ** 31) checkOutput(Math.ceil(bits / 8));
    return 0;
  },
  hkdf: ([, , , , length]) => {
    checkOutput(length);
    return 0;
  },
  hash: ([, , options]) => {
    checkOutput(optionsOf(options)["outputLength"]);
    return 0;
  },
};
// What the estimate of one says is true of others.
const sameAs: Readonly<Record<string, string>> = { createHash: "outputLength", createMac: "outputLength" };

/**
 * @returns About how many milliseconds it will take.
 * @throws {OperationError} ELIMIT when it would take more time or memory than one call may.
 */
export function checkCost(name: string, args: readonly unknown[], kind: Kind): number {
  checkPrivateKeys(args);
  // Of an asynchronous call, too, Node reads the key before it starts the job.
  checkPassphraseCost(args, maxCostMs.sync);
  const plain = name.replace(/Sync$/, "");
  if (sameAs[plain] === "outputLength") {
    for (const arg of args) checkOutput(optionsOf(arg)["outputLength"]);
  }
  // What is not estimated is a signature or an exchange of keys, of which none takes as long as is allowed.
  const costMs = estimates[plain]?.(args) ?? (kind === "async" ? keyUseMs(args) : 0);
  if (costMs > maxCostMs[kind]) {
    const instead = name.endsWith("Sync") ? "; its asynchronous form may take longer" : "";
    throw new OperationError(
      "ELIMIT",
      `Cannot call crypto.${name}: it would take about ${Math.ceil(costMs / 1000)} s, at most ${maxCostMs[kind] / 1000} s is allowed${instead}`,
    );
  }
  return costMs;
}

/** OpenSSL bounds what it does with public keys, not what it does with private ones. */
function checkPrivateKeys(args: readonly unknown[]): void {
  for (const arg of args) {
    const key = optionsOf(arg)["privateKey"] ?? arg;
    if (key instanceof KeyObject || textLength(key) <= smallKeyCharacters) continue;
    let parsed: KeyObject;
    try {
      parsed = createPrivateKey(key as never);
    } catch {
      // It is no private key, or one that Node refuses.
      continue;
    }
    checkModulus(parsed);
  }
}

function textLength(value: unknown, depth = 0): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  const bytes = bytesOf(value);
  if (bytes > 0 || depth > 2) return bytes > 64 * 1024 ? 0 : bytes;
  let length = 0;
  for (const part of Object.values(value)) length += textLength(part, depth + 1);
  return length;
}

function safePrimeMs(bits: number): number {
  // Node takes no larger ones.
  if (bits >= 2 ** 31) return 0;
  return 20_000 * (Math.max(0, bits) / 2048) ** 5;
}

/** Whether a number is prime is what makes a Diffie-Hellman group of it. OpenSSL takes at most 10,000 bits. */
function primeTestMs(prime: unknown, encoding?: unknown): number {
  const bitsPerCharacter = encoding === "hex" ? 4 : 8;
  const bits = Math.min(
    10_000,
    typeof prime === "string" ? prime.length * bitsPerCharacter : bytesOf(prime) * 8,
  );
  return 1000 * (bits / 2048) ** 3.7;
}

function bytesOf(value: unknown): number {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ? value.byteLength : 0;
}

/** 0 for what is no 32-bit number: Node refuses such. */
function count(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 2 ** 32 ? value : 0;
}

function optionsOf(value: unknown): Options {
  return typeof value === "object" && value !== null ? (value as Options) : {};
}

function checkOutput(length: unknown): void {
  // What is not even a 32-bit number is Node's to refuse.
  if (count(length) <= maxOutputBytes || count(length) >= 2 ** 31) return;
  throw new OperationError(
    "ELIMIT",
    `Cannot make ${count(length)} bytes: at most ${maxOutputBytes} are allowed`,
  );
}

function checkMemory(bytes: number): void {
  if (bytes <= maxMemoryBytes || bytes >= 2 ** 42) return;
  throw new OperationError(
    "ELIMIT",
    `Cannot use ${Math.ceil(bytes / 2 ** 20)} MiB to derive a key: at most ${maxMemoryBytes / 2 ** 20} MiB are allowed`,
  );
}
