import { callSync } from "../../../bridge.ts";
import { requireInternal } from "../../../registry.ts";
import { type CallSite, callSites, typeNameOf } from "../call-site.ts";
import { isMap, isMapIterator, isProxy, isSet, isSetIterator } from "./types.ts";

/** The text of a .env file as an object, as the host's Node reads it. */
export function parseEnv(content: string): object {
  return Object.assign(Object.create(null), JSON.parse(callSync("system.parseEnv", content) as string));
}

export const constants = {
  kPending: 0,
  kFulfilled: 1,
  kRejected: 2,
  ALL_PROPERTIES: 0,
  ONLY_WRITABLE: 1,
  ONLY_ENUMERABLE: 2,
  ONLY_CONFIGURABLE: 4,
  SKIP_STRINGS: 8,
  SKIP_SYMBOLS: 16,
  kDisallowCloneAndTransfer: 0,
  kTransferable: 1,
  kCloneable: 2,
};

export const privateSymbols = {
  arrow_message_private_symbol: Symbol("arrow message"),
  decorated_private_symbol: Symbol("decorated"),
  untransferable_object_private_symbol: Symbol("untransferable"),
  transfer_mode_private_symbol: Symbol("transfer mode"),
};

const largestIndex = 2 ** 32 - 2;

function isIndex(key: string): boolean {
  const code = key.charCodeAt(0);
  if (!(code >= 48 && code <= 57)) return false;
  const index = Number(key);
  return index <= largestIndex && String(index) === key;
}

/** Listing the keys of a longer one would take a function's memory and time: such a one is shown without its other members. */
const longestListed = 1_000_000;

function isLong(value: object): boolean {
  const { length } = value as ArrayLike<unknown>;
  return (Array.isArray(value) || ArrayBuffer.isView(value)) && length > longestListed;
}

/** The own keys that are no array index. */
export function getOwnNonIndexProperties(value: object, filter: number): PropertyKey[] {
  const keys: PropertyKey[] = [];
  const isFiltered = (filter & constants.ONLY_ENUMERABLE) !== 0;
  const withSymbols = (filter & constants.SKIP_SYMBOLS) === 0;
  const names = isLong(value) ? [] : isFiltered ? Object.keys(value) : Object.getOwnPropertyNames(value);
  for (const key of names) if (!isIndex(key)) keys.push(key);
  if (!withSymbols) return keys;
  for (const key of Object.getOwnPropertySymbols(value)) {
    if (!isFiltered || Object.prototype.propertyIsEnumerable.call(value, key)) keys.push(key);
  }
  return keys;
}

/** What no code in the realm can see, as `inspect` shows it. */
const unknown = { [Symbol.for("nodejs.util.inspect.custom")]: () => "<unknown>" };

/** How a promise stands is seen by waiting for it alone: one is shown without saying that it is pending. */
export const getPromiseDetails = (_promise: Promise<unknown>): [number, unknown] => [
  constants.kFulfilled,
  unknown,
];

/** Behind a proxy nobody sees: what its traps tell stands for its target, and nothing for its handler. */
export function getProxyDetails(value: unknown, isFull = true, depth = 0): unknown {
  if ((depth > 0 && !isFull) || !isProxy(value)) return undefined;
  let target: unknown = null;
  try {
    target = likenessOf(value as object);
  } catch {
    // Revoked, or its traps throw.
  }
  return isFull ? [target, target === null ? null : unknown] : target;
}

/** An object that looks the same. */
function likenessOf(proxy: object): object {
  const made = typeof proxy === "function" ? () => {} : Array.isArray(proxy) ? [] : {};
  Object.setPrototypeOf(made, Object.getPrototypeOf(proxy));
  for (const key of Reflect.ownKeys(proxy)) {
    const descriptor = Object.getOwnPropertyDescriptor(proxy, key);
    if (descriptor !== undefined) Reflect.defineProperty(made, key, descriptor);
  }
  return made;
}

/** The entries of a collection. What an iterator has yet to give can't be seen without taking it. */
export function previewEntries(value: object, isIterator?: boolean): unknown {
  let entries: unknown[] = [];
  let isKeyValue = false;
  if (isMap(value)) {
    entries = [...(value as Map<unknown, unknown>)].flat(1);
    isKeyValue = true;
  } else if (isSet(value)) entries = [...(value as Set<unknown>)];
  else if (isMapIterator(value) || isSetIterator(value)) entries = [unknown];
  return isIterator ? [entries, isKeyValue] : entries;
}

export const getConstructorName = (value: object): string => typeNameOf(value);
export const getExternalValue = (): bigint => 0n;
export const isInsideNodeModules = (): boolean => false;
export const guessHandleType = (descriptor: number): number => (descriptor <= 2 ? 1 : 4);
export const constructSharedArrayBuffer = (length: number): SharedArrayBuffer =>
  new SharedArrayBuffer(length);
export const getSharedArrayBufferGrowable = (buffer: SharedArrayBuffer): boolean => buffer.growable;
export const isConstructor = (value: unknown): boolean => {
  try {
    Reflect.construct(Object, [], value as new () => object);
    return true;
  } catch {
    return false;
  }
};
export const markPromiseAsHandled = (promise: Promise<unknown>): void =>
  void promise.then(undefined, () => {});

/** Nobody else runs in an environment: there is nothing to wait for. */
export const sleep = (): void => {};

const bundleFile = "/var/task/.brisk/bundle.js";

export function getCallSites(count: number): object[] {
  // The first two are of the library's own function, and of this one.
  return callSites(count + 1, getCallSites)
    .slice(1)
    .map((site) => {
      const { file, line, column } = placeOf(site);
      return {
        functionName: site.getFunctionName() ?? "",
        scriptId: "0",
        scriptName: file,
        lineNumber: line,
        columnNumber: column,
        column,
      };
    });
}

/** In the user's own file, where the bundle's says which. */
function placeOf(site: CallSite): { file: string; line: number; column: number } {
  const file = site.getScriptNameOrSourceURL() ?? "";
  const line = site.getLineNumber() ?? 0;
  const column = site.getColumnNumber() ?? 0;
  if (file !== bundleFile) return { file, line, column };
  const position = callSync("source.position", line, column);
  const [, name, itsLine, itsColumn] = /^(.*):(\d+):(\d+)$/.exec(String(position)) ?? [];
  return name === undefined
    ? { file, line, column }
    : { file: name, line: Number(itsLine), column: Number(itsColumn) };
}

/** Members that load a module when one of them is first read. `specifier` is as the registry knows it. */
export function defineLazyProperties(
  target: object,
  specifier: string,
  keys: readonly string[],
  enumerable = true,
): void {
  for (const key of keys) {
    const become = (value: unknown) =>
      Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable });
    const get = () => {
      const value = (requireInternal(specifier) as Record<string, unknown>)[key];
      become(value);
      return value;
    };
    Object.defineProperty(get, "name", { value: key });
    Object.defineProperty(target, key, { get, set: become, configurable: true, enumerable });
  }
}
