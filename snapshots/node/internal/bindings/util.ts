import { callSync } from "../../../bridge.ts";
import { requireInternal } from "../../../registry.ts";
import { callSites, typeNameOf } from "../call-site.ts";
import { isMap, isMapIterator, isSet, isSetIterator } from "./types.ts";

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

/** Code in the realm can't see how a promise stands without waiting for it. */
export const getPromiseDetails = (_promise: Promise<unknown>): [number, unknown] => [
  constants.kPending,
  undefined,
];

/** Nor what is behind a proxy: one is shown by what its traps say. */
export const getProxyDetails = (): undefined => undefined;

/**
 * The entries of a collection; of an iterator what it has yet to give, which can't be seen without taking it:
 * none are shown.
 */
export function previewEntries(value: object, isIterator?: boolean): unknown {
  let entries: unknown[] = [];
  let isKeyValue = false;
  if (isMap(value)) {
    entries = [...(value as Map<unknown, unknown>)].flat(1);
    isKeyValue = true;
  } else if (isSet(value)) entries = [...(value as Set<unknown>)];
  else if (!isMapIterator(value) && !isSetIterator(value)) return isIterator ? [[], false] : [];
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

export function getCallSites(count: number): object[] {
  // The first two are of the library's own function, and of this one.
  return callSites(count + 1, getCallSites)
    .slice(1)
    .map((site) => ({
      functionName: site.getFunctionName() ?? "",
      scriptId: "0",
      scriptName: site.getScriptNameOrSourceURL() ?? "",
      lineNumber: site.getLineNumber() ?? 0,
      columnNumber: site.getColumnNumber() ?? 0,
      column: site.getColumnNumber() ?? 0,
    }));
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
