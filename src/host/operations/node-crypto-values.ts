import * as crypto from "node:crypto";
import { OperationError, type Value } from "../../model/values.ts";
import { type Argument, bytes, type OperationEnvironment, optional, string } from "../operation.ts";
import { keyObjectOf, materialOf } from "./crypto-keys.ts";

/**
 * What node:crypto is called with, and what it answers, as it crosses the wall. The guest writes its arguments down
 * as JSON, byte arrays beside it, and Node's own function judges them: its errors are then Node's to the letter.
 * What can't cross (functions, symbols, objects of unknown classes) is written as a stand-in with the same name.
 *
 *     { b: index, t: "Buffer" }   bytes           { k: "private", b: index }  a key      { o: name, p: {…} }  an object
 *     { a: […] } a list   { n: "NaN" } a number   { i: "12" } a bigint   { u: 1 } undefined   { f: name }   { s: name }
 *     { x: index } a certificate
 */
type Written = string | number | boolean | null | Readonly<Record<string, unknown>>;

/** Text such as PEM, or a list of options; longer data crosses as bytes. */
const maxJsonCharacters = 1024 * 1024;
const maxPartBytes = 64 * 1024 * 1024;
/** The most that one call takes: keys, initialisation vectors, labels. */
const maxParts = 6;
const maxDepth = 6;
const maxNameLength = 128;

/** The last arguments of an operation: JSON, then the byte arrays that it speaks of. */
export const written: readonly [Argument<string>, ...Argument<Uint8Array | undefined>[]] = [
  string(maxJsonCharacters),
  ...Array.from({ length: maxParts }, () => optional(bytes(maxPartBytes))),
];

const views = {
  Buffer: (memory: Uint8Array) => Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength),
  Uint8Array: (memory: Uint8Array) => memory,
  ArrayBuffer: (memory: Uint8Array) => new Uint8Array(memory).buffer,
  DataView: (memory: Uint8Array) => new DataView(memory.buffer, memory.byteOffset, memory.byteLength),
  Int8Array: (memory: Uint8Array) => new Int8Array(memory.buffer, memory.byteOffset, memory.byteLength),
  Uint8ClampedArray: (memory: Uint8Array) => new Uint8ClampedArray(new Uint8Array(memory).buffer),
  Int16Array: (memory: Uint8Array) => new Int16Array(new Uint8Array(memory).buffer),
  Uint16Array: (memory: Uint8Array) => new Uint16Array(new Uint8Array(memory).buffer),
  Int32Array: (memory: Uint8Array) => new Int32Array(new Uint8Array(memory).buffer),
  Uint32Array: (memory: Uint8Array) => new Uint32Array(new Uint8Array(memory).buffer),
  Float32Array: (memory: Uint8Array) => new Float32Array(new Uint8Array(memory).buffer),
  Float64Array: (memory: Uint8Array) => new Float64Array(new Uint8Array(memory).buffer),
  BigInt64Array: (memory: Uint8Array) => new BigInt64Array(new Uint8Array(memory).buffer),
  BigUint64Array: (memory: Uint8Array) => new BigUint64Array(new Uint8Array(memory).buffer),
} as const satisfies Record<string, (memory: Uint8Array) => object>;

/** The arguments that the guest wrote down. @throws {OperationError} It wrote something else. */
export function readWritten(
  environment: OperationEnvironment,
  json: string,
  parts: readonly (Uint8Array | undefined)[],
): unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    throw malformed("no JSON");
  }
  if (!Array.isArray(list) || list.length > 16) throw malformed("no list of arguments");
  return list.map((value) => read(value as Written, 0));

  function part(index: unknown): Uint8Array {
    const found = typeof index === "number" ? parts[index] : undefined;
    if (found === undefined) throw malformed("a byte array is missing");
    return found;
  }

  function read(value: Written, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (depth > maxDepth) throw malformed("it is nested too deeply");
    if ("u" in value) return undefined;
    if ("k" in value) return keyOf(environment, value["k"], part(value["b"]));
    if ("x" in value) return askNode(() => new crypto.X509Certificate(part(value["x"])));
    if ("b" in value) return viewOf(value["t"], part(value["b"]));
    if ("n" in value) return Number(value["n"]);
    if ("i" in value) return bigintOf(value["i"]);
    if ("f" in value) return namedFunction(nameOf(value["f"]));
    if ("s" in value) return Symbol(nameOf(value["s"]));
    if (Array.isArray(value["a"])) return value["a"].map((item) => read(item as Written, depth + 1));
    if ("o" in value) return objectOf(value, depth);
    throw malformed("a value of no known kind");
  }

  function objectOf(value: Readonly<Record<string, unknown>>, depth: number): object {
    const made = standIn(value["o"]);
    const properties = value["p"];
    if (typeof properties !== "object" || properties === null) return made;
    for (const [name, property] of Object.entries(properties)) {
      Object.defineProperty(made, nameOf(name), {
        value: read(property as Written, depth + 1),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    }
    return made;
  }
}

/** An object whose class has this name, which is all that a message says of it. */
function standIn(name: unknown): object {
  if (name === null) return Object.create(null) as object;
  if (name === "Object") return {};
  return Object.create({ constructor: namedFunction(nameOf(name)) }) as object;
}

function namedFunction(name: string): () => void {
  return Object.defineProperty(() => {}, "name", { value: name });
}

function nameOf(name: unknown): string {
  if (typeof name !== "string" || name.length > maxNameLength) throw malformed("a name is none");
  return name;
}

function bigintOf(digits: unknown): bigint {
  if (typeof digits !== "string" || digits.length > 20_000 || !/^-?(0x[\da-f]+|\d+)$/.test(digits)) {
    throw malformed("a bigint is none");
  }
  return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
}

function keyOf(environment: OperationEnvironment, type: unknown, material: Uint8Array): crypto.KeyObject {
  if (type !== "secret" && type !== "private" && type !== "public") throw malformed("a key is none");
  return keyObjectOf(environment, { type, bytes: material });
}

function viewOf(kind: unknown, memory: Uint8Array): unknown {
  if (typeof kind !== "string" || !Object.hasOwn(views, kind)) return memory;
  try {
    return views[kind as keyof typeof views](memory);
  } catch {
    throw malformed(`bytes are no ${kind}`);
  }
}

function malformed(what: string): OperationError {
  return new OperationError("ERR_INVALID_ARG_VALUE", `Cannot read the arguments of a call: ${what}`);
}

/** An answer of Node's as it crosses: bytes as they are, everything else as JSON. */
export function writeAnswer(value: unknown): Value {
  if (ArrayBuffer.isView(value)) return ownBytes(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return JSON.stringify(write(value));
}

/** In a buffer of its own: a view of Node's pool would carry the pool's other bytes along. */
export function ownBytes(value: ArrayBufferView): Uint8Array {
  return new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

function write(value: unknown): unknown {
  if (value === undefined) return { u: 1 };
  if (typeof value === "bigint") return { i: `0x${value.toString(16)}` };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof crypto.KeyObject) {
    const { type, bytes: material } = materialOf(value);
    return { k: type, d: base64(material) };
  }
  if (value instanceof crypto.X509Certificate) return { x: base64(value.raw) };
  if (value instanceof Date) return { t: value.getTime() };
  if (value instanceof ArrayBuffer) return { d: base64(new Uint8Array(value)), t: "ArrayBuffer" };
  if (ArrayBuffer.isView(value)) return { d: base64(ownBytes(value)) };
  if (Array.isArray(value)) return { a: value.map(write) };
  const properties = Object.entries(value).map(([name, property]) => [name, write(property)]);
  const kind = Object.getPrototypeOf(value) === null ? null : "Object";
  return { o: kind, p: Object.fromEntries(properties) };
}

function base64(memory: Uint8Array): string {
  return Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength).toString("base64");
}

/**
 * What Node said of the guest's arguments or data, for the guest to make the same error of: its code is always
 * this one, its message JSON. Only node:crypto runs within, so no message speaks of anything of ours.
 */
export function nodeError(error: unknown): OperationError {
  if (error instanceof OperationError) return error;
  const { name, code, message, ...rest } = error as Error & { code?: unknown };
  const properties: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (typeof value === "string") properties[key] = value.slice(0, 512);
    if (Array.isArray(value)) properties[key] = value.slice(0, 32).map((line) => String(line).slice(0, 512));
  }
  const text = JSON.stringify({
    name: String(name),
    message: String(message).slice(0, 4096),
    properties,
    ...(typeof code === "string" ? { code, isNodes: String(error).includes(`[${code}]`) } : {}),
  });
  return new OperationError("ERR_NODE_CRYPTO", text, { cause: error });
}

/** Runs nothing but Node's own code. @throws {OperationError} as `nodeError` writes it. */
export function askNode<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw nodeError(error);
  }
}
