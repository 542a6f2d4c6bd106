import { isArrayBuffer } from "../bytes.ts";
import { type CloningRules, cloningRulesOf, uncloneable } from "../cloning.ts";
import { loadLazy } from "../lazy.ts";
import { codedError, missingArgs } from "./argument-errors.ts";
import { dataCloneError, notCloneable } from "./data-clone-error.ts";
import { DOMException } from "./dom-exception.ts";
import { hasProxy } from "./structured-clone/proxies.ts";
import { TransferList } from "./structured-clone/transfer-list.ts";

const { apply, ownKeys } = Reflect;
const { getOwnPropertyDescriptor, defineProperty, getPrototypeOf, hasOwn } = Object;
const tagged = Object.prototype.toString;
const mapSize = getOwnPropertyDescriptor(Map.prototype, "size")!.get!;
const mapForEach = Map.prototype.forEach;
const setSize = getOwnPropertyDescriptor(Set.prototype, "size")!.get!;
const setForEach = Set.prototype.forEach;
const timeOf = Date.prototype.getTime;
const viewTag = getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length?: number) => ArrayBufferView;

const views: Readonly<Record<string, ViewConstructor>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float16Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

const errors: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

export function structuredClone(
  value: unknown,
  options: { transfer?: Iterable<unknown> } | null = {},
): unknown {
  if (arguments.length === 0) throw missingArgs("value");
  return cloneAndMove(value, transferOf(options)).clone;
}

/** Clones `value`, and moves what is in `transfer`. @throws {DOMException} DataCloneError; then nothing has moved. */
export function cloneAndMove(
  value: unknown,
  transfer: Iterable<unknown>,
): { clone: unknown; moved: object[] } {
  const list = new TransferList(transfer);
  const seen = new Map<object, object>();
  const clone = new Cloner(list, seen).clone(value);
  if (hasProxy(seen.keys())) throw dataCloneError("#<Object> could not be cloned.");
  list.commit();
  return { clone, moved: list.moved };
}

function transferOf(options: unknown): Iterable<unknown> {
  const failed = "Failed to execute 'structuredClone': ";
  if (options === null || options === undefined) return [];
  if (typeof options !== "object" && typeof options !== "function") {
    throw codedError(
      TypeError,
      "ERR_INVALID_ARG_TYPE",
      `${failed}Options cannot be converted to a dictionary`,
    );
  }
  const { transfer } = options as { transfer?: unknown };
  if (transfer === undefined) return [];
  if (typeof transfer === "object" && transfer !== null && Symbol.iterator in transfer) {
    return transfer as Iterable<unknown>;
  }
  throw codedError(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `${failed}transfer in Options can not be converted to sequence.`,
  );
}

class Cloner {
  readonly #list: TransferList;
  readonly #seen: Map<object, object>;

  constructor(list: TransferList, seen: Map<object, object>) {
    this.#list = list;
    this.#seen = seen;
  }

  clone(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
      if (typeof value === "function" || typeof value === "symbol") throw notCloneable(value);
      return value;
    }
    const known = this.#seen.get(value) ?? this.#list.movedOf(value);
    if (known !== undefined) return known;
    // Buffers stay cloneable, whatever is said of them.
    if (uncloneable.has(value) && !isArrayBuffer(value)) throw notCloneable(value);
    const made = this.#shell(value);
    this.#seen.set(value, made.shell);
    made.fill?.();
    return made.shell;
  }

  /** The clone without its contents, and what fills it: cycles find the shell. */
  #shell(value: object): { shell: object; fill?: () => void } {
    if (Array.isArray(value)) {
      const shell: unknown[] = new Array(value.length);
      return { shell, fill: () => this.#copyProperties(value, shell) };
    }
    const prototype = getPrototypeOf(value);
    if (prototype === Object.prototype && !hasOwn(value, Symbol.toStringTag)) {
      // Nothing built-in but errors and wrappers can hide behind this prototype; the tag tells those.
      if (apply(tagged, value, []) === "[object Object]") return this.#plain(value);
    }
    if (isErrorObject(value))
      return value instanceof DOMException ? cloneDomException(value) : this.#error(value);
    if (ArrayBuffer.isView(value)) return { shell: this.#view(value) };
    if (isArrayBuffer(value)) return { shell: this.#buffer(value) };
    // Shared memory stays shared within one isolate.
    if (typeof SharedArrayBuffer === "function" && value instanceof SharedArrayBuffer)
      return { shell: value };
    if (isMarked(prototype)) throw notCloneable(value);
    const blob = cloneBlob(value);
    if (blob !== undefined) return { shell: blob };
    // One that only has the prototype of an exception is any object.
    const rules = value instanceof DOMException ? undefined : cloningRulesOf(value);
    if (rules !== undefined) return { shell: byRules(value, rules) };
    return this.#builtIn(value) ?? this.#plain(value);
  }

  #plain(value: object): { shell: object; fill: () => void } {
    const shell = {};
    return { shell, fill: () => this.#copyProperties(value, shell) };
  }

  #copyProperties(from: object, to: object): void {
    for (const key of ownKeys(from)) {
      if (typeof key === "symbol" || !getOwnPropertyDescriptor(from, key)?.enumerable) continue;
      const value = this.clone((from as Record<string, unknown>)[key]);
      defineProperty(to, key, { value, writable: true, enumerable: true, configurable: true });
    }
  }

  /** Brands are checked by the built-in getters: a prototype or a tag can be forged, a slot cannot. */
  #builtIn(value: object): { shell: object; fill?: () => void } | undefined {
    if (has(timeOf, value)) return { shell: new Date(apply(timeOf, value, [])) };
    if (has(mapSize, value)) {
      const shell = new Map();
      const entries: [unknown, unknown][] = [];
      apply(mapForEach, value, [(item: unknown, key: unknown) => entries.push([key, item])]);
      const fill = () => {
        for (const [key, item] of entries) shell.set(this.clone(key), this.clone(item));
      };
      return { shell, fill };
    }
    if (has(setSize, value)) {
      const shell = new Set();
      const items: unknown[] = [];
      apply(setForEach, value, [(item: unknown) => items.push(item)]);
      const fill = () => {
        for (const item of items) shell.add(this.clone(item));
      };
      return { shell, fill };
    }
    if (value instanceof RegExp) return { shell: new RegExp(value.source, value.flags) };
    const primitive = unwrapped(value);
    if (primitive !== undefined) {
      if (typeof primitive === "symbol") throw notCloneable(value);
      return { shell: Object(primitive) };
    }
    if (isUncloneable(value)) throw notCloneable(value);
    return undefined;
  }

  #error(value: Error): { shell: object; fill: () => void } {
    const name = `${value.name}`;
    const Made = hasOwn(errors, name) ? errors[name]! : Error;
    const shell = Object.create(Made.prototype) as Error;
    const error = new Made();
    Object.setPrototypeOf(error, getPrototypeOf(shell));
    const message = getOwnPropertyDescriptor(value, "message");
    const hide = (key: string, content: unknown) =>
      defineProperty(error, key, { value: content, writable: true, configurable: true, enumerable: false });
    if (message !== undefined && "value" in message) hide("message", `${message.value}`);
    hide("stack", typeof value.stack === "string" ? value.stack : undefined);
    return {
      shell: error,
      fill: () => {
        if (hasOwn(value, "cause")) hide("cause", this.clone(value.cause));
      },
    };
  }

  #buffer(value: ArrayBuffer): ArrayBuffer {
    if (value.detached) throw dataCloneError("An ArrayBuffer is detached and could not be cloned.");
    if (!value.resizable) return value.slice(0);
    const copy = new ArrayBuffer(value.byteLength, { maxByteLength: value.maxByteLength });
    new Uint8Array(copy).set(new Uint8Array(value));
    return copy;
  }

  #view(value: ArrayBufferView): object {
    const { buffer, byteOffset, byteLength } = value;
    const View = views[(apply(viewTag, value, []) as string | undefined) ?? ""];
    const copy = isArrayBuffer(buffer)
      ? (this.clone(buffer) as ArrayBuffer)
      : (buffer as unknown as ArrayBuffer);
    if (View === undefined) return new DataView(copy, byteOffset, byteLength);
    const size = (View as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
    return new View(copy, byteOffset, byteLength / size);
  }
}

/** Error.isError does not exist yet while a heap is being frozen; the built-in tag is nearly as good. */
function isErrorObject(value: object): value is Error {
  const { isError } = Error as unknown as { isError?: (value: unknown) => boolean };
  if (isError !== undefined) return isError(value);
  return value instanceof DOMException || apply(tagged, value, []) === "[object Error]";
}

function isMarked(prototype: object | null): boolean {
  for (let one = prototype; one !== null; one = getPrototypeOf(one)) if (uncloneable.has(one)) return true;
  return false;
}

function byRules(value: object, rules: CloningRules): object {
  const clone = rules.clone?.(value);
  if (clone === undefined) throw notCloneable(value);
  return clone;
}

function cloneBlob(value: object): object | undefined {
  // The tag says that the module is worth loading; what counts is what it says.
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  return tag === "Blob" || tag === "File" ? loadLazy("blob").cloneBlob(value) : undefined;
}

function cloneDomException(value: DOMException): { shell: object } {
  const shell = new DOMException(value.message, value.name);
  defineProperty(shell, "stack", {
    value: value.stack,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return { shell };
}

// biome-ignore lint/complexity/noBannedTypes: any built-in method does
function has(getter: Function, value: object): boolean {
  try {
    apply(getter, value, []);
    return true;
  } catch {
    return false;
  }
}

const unwrap = [
  Number.prototype.valueOf,
  String.prototype.valueOf,
  Boolean.prototype.valueOf,
  BigInt.prototype.valueOf,
  Symbol.prototype.valueOf,
];

function unwrapped(value: object): unknown {
  for (const method of unwrap) {
    try {
      return apply(method, value, []);
    } catch {}
  }
  return undefined;
}

const uncloneableTags = new Set(["[object Generator]", "[object AsyncGenerator]", "[object Arguments]"]);

function isUncloneable(value: object): boolean {
  return (
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof WeakRef ||
    uncloneableTags.has(apply(tagged, value, []) as string)
  );
}
