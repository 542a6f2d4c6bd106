import { asInterface } from "../interface.ts";
import { codedError, illegalConstructor, invalidThis } from "./argument-errors.ts";
import { QuotaExceededError } from "./dom-exception.ts";

/** What its names and values may have together, in UTF-16 code units, as in Node. */
const quotaCharacters = 5 * 1024 * 1024;
const secret = Symbol("Storage");
let entriesOf: (storage: unknown) => Map<string, string>;

/** Texts by name, in the isolate's memory alone: they are gone with it, and another environment has its own. */
export class Storage {
  static {
    entriesOf = (storage) => {
      const target = targets.get(storage as object) ?? storage;
      if (typeof target !== "object" || target === null || !(#entries in target))
        throw invalidThis("Storage");
      return (target as Storage).#entries;
    };
  }

  readonly #entries = new Map<string, string>();

  constructor(...args: unknown[]) {
    if (args[0] !== secret) throw illegalConstructor();
  }

  get length(): number {
    return entriesOf(this).size;
  }
  clear(): void {
    entriesOf(this).clear();
  }
  getItem(name: string): string | null {
    const entries = entriesOf(this);
    if (arguments.length === 0) throw required("getItem", 1);
    return entries.get(`${name}`) ?? null;
  }
  key(index: number): string | null {
    const entries = entriesOf(this);
    if (arguments.length === 0) throw required("key", 1);
    return [...entries.keys()][index >>> 0] ?? null;
  }
  removeItem(name: string): void {
    const entries = entriesOf(this);
    if (arguments.length === 0) throw required("removeItem", 1);
    entries.delete(`${name}`);
  }
  setItem(name: string, value: string): void {
    const entries = entriesOf(this);
    if (arguments.length < 2) throw required("setItem", 2);
    const [key, text] = [`${name}`, `${value}`];
    let characters = key.length + text.length;
    for (const [other, its] of entries) if (other !== key) characters += other.length + its.length;
    if (characters > quotaCharacters) throw new QuotaExceededError("Setting the value exceeded the quota");
    entries.set(key, text);
  }
}

asInterface(Storage, "Storage");

const targets = new WeakMap<object, Storage>();

function required(method: string, count: number): Error {
  const needed = `${count} argument${count === 1 ? "" : "s"} required`;
  return codedError(TypeError, "ERR_MISSING_ARGS", `Failed to execute '${method}' on 'Storage': ${needed}`);
}

/** Names are properties, too, unless the class has one of that name. */
const properties: ProxyHandler<Storage> = {
  get: (target, key) =>
    typeof key === "symbol" || key in target
      ? Reflect.get(target, key, target)
      : (entriesOf(target).get(key) as never),
  set(target, key, value) {
    if (typeof key === "symbol") return Reflect.set(target, key, value);
    target.setItem(key, value as string);
    return true;
  },
  has: (target, key) => key in target || (typeof key === "string" && entriesOf(target).has(key)),
  deleteProperty(target, key) {
    if (typeof key === "symbol") return Reflect.deleteProperty(target, key);
    entriesOf(target).delete(key);
    return true;
  },
  defineProperty(target, key, descriptor) {
    if (typeof key === "symbol") return Reflect.defineProperty(target, key, descriptor);
    if (!("value" in descriptor)) return false;
    target.setItem(key, descriptor.value as string);
    return true;
  },
  ownKeys: (target) => [...entriesOf(target).keys(), ...Reflect.ownKeys(target)],
  getOwnPropertyDescriptor(target, key) {
    const value = typeof key === "string" ? entriesOf(target).get(key) : undefined;
    if (value === undefined) return Reflect.getOwnPropertyDescriptor(target, key);
    return { value, writable: true, enumerable: true, configurable: true };
  },
  preventExtensions: () => false,
};

function makeStorage(): Storage {
  const target = new Storage(secret);
  const storage = new Proxy(target, properties);
  targets.set(storage, target);
  return storage;
}

/** As long as the environment lives. */
export const sessionStorage = makeStorage();
/** As Node's without a file to keep it in: there is none. */
export const localStorage = undefined;
