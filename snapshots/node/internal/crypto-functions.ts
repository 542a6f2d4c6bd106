import buffer from "node:buffer";
import type { Value } from "../../bridge.ts";
import { askNode, readAnswer, startNode } from "./crypto-wire.ts";
import { assertFunction, outOfRange } from "./errors.ts";

/** Functions of node:crypto that the host answers in one call, and that leave nothing behind. */

type Sync = (...args: unknown[]) => unknown;
type Async = (...args: unknown[]) => void;

/** Node throws at once for what it does not take, and answers everything else to the last argument. */
function asynchronous(name: string, parameters: number, read?: (answer: Value) => unknown): Async {
  const run = (...args: unknown[]): void => startNode(name, args.slice(0, parameters), read);
  return named(run, name, parameters);
}

function synchronous(name: string, parameters: number, read = (value: unknown) => value): Sync {
  return named((...args) => read(askNode(name, ...args)), name, parameters);
}

/** With an argument that is the callback, if it is there at all. */
function either(name: string, parameters: number): Sync {
  const run = (...args: unknown[]): unknown => {
    const callback = args[parameters - 1];
    if (callback === undefined) return askNode(name, ...args.slice(0, parameters - 1));
    assertFunction(callback, "callback");
    return startNode(name, args.slice(0, parameters));
  };
  return named(run, name, parameters);
}

function named<T extends object>(run: T, name: string, length: number): T {
  return Object.defineProperties(run, { name: { value: name }, length: { value: length } });
}

/** What is too long for a buffer here is not for one of the host's. */
function withLength<T extends Sync | Async>(run: T): T {
  const checked = (...args: unknown[]): unknown => {
    const [length, max] = [args[4], buffer.kMaxLength as number];
    if (typeof length === "number" && length > max) throw outOfRange("length", `>= 0 && <= ${max}`, length);
    return run(...args);
  };
  return named(checked, run.name, run.length) as T;
}

/** Node answers with an ArrayBuffer where others get a Buffer. */
function memoryOf(value: unknown): unknown {
  if (!ArrayBuffer.isView(value)) return value;
  return value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
}
const readMemory = (answer: Value): unknown => memoryOf(readAnswer(answer));

export const pbkdf2 = asynchronous("pbkdf2", 6);
export const pbkdf2Sync = synchronous("pbkdf2Sync", 5);
export const scrypt = asynchronous("scrypt", 5);
export const scryptSync = synchronous("scryptSync", 4);
export const argon2 = asynchronous("argon2", 3);
export const argon2Sync = synchronous("argon2Sync", 2);
export const hkdf = withLength(asynchronous("hkdf", 6, readMemory));
export const hkdfSync = withLength(synchronous("hkdfSync", 5, memoryOf));

export const generatePrime = asynchronous("generatePrime", 3, readMemory);
export const generatePrimeSync = synchronous("generatePrimeSync", 2, memoryOf);
export const checkPrime = asynchronous("checkPrime", 3);
export const checkPrimeSync = synchronous("checkPrimeSync", 2);

export const encapsulate = either("encapsulate", 2);
export const decapsulate = either("decapsulate", 3);

export const publicEncrypt = synchronous("publicEncrypt", 2);
export const publicDecrypt = synchronous("publicDecrypt", 2);
export const privateEncrypt = synchronous("privateEncrypt", 2);
export const privateDecrypt = synchronous("privateDecrypt", 2);

export const getCiphers = list("getCiphers");
export const getCurves = list("getCurves");
export const getHashes = list("getHashes");
export const getMacs = list("getMacs");
export const getCipherInfo = synchronous("getCipherInfo", 2);

/** Each call answers with an array of its own. */
function list(name: string): Sync {
  let names: string[] | undefined;
  return named(
    () => {
      names ??= askNode(name) as string[];
      return [...names];
    },
    name,
    0,
  );
}
