/*
 * What runs first in a context of node:vm: this file is evaluated there, not where it is loaded from. Such a context
 * starts as the guest's base, without a host behind it; what is not of the language goes before anybody's code runs.
 */
const language = new Set([
  ...["AggregateError", "Array", "ArrayBuffer", "AsyncDisposableStack", "Atomics", "BigInt", "BigInt64Array"],
  ...[
    "BigUint64Array",
    "Boolean",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "FinalizationRegistry",
  ],
  ...[
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
  ],
  ...["Intl", "Iterator", "JSON", "Map", "Math", "NaN", "Number", "Object", "Promise", "Proxy", "RangeError"],
  ...[
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SuppressedError",
    "Symbol",
  ],
  ...["SyntaxError", "Temporal", "TypeError", "URIError", "Uint16Array", "Uint32Array", "Uint8Array"],
  ...["Uint8ClampedArray", "WeakMap", "WeakRef", "WeakSet", "WebAssembly", "decodeURI", "decodeURIComponent"],
  ...["encodeURI", "encodeURIComponent", "escape", "eval", "globalThis", "isFinite", "isNaN", "parseFloat"],
  ...["parseInt", "undefined", "unescape"],
]);

const here = globalThis as unknown as Record<PropertyKey, unknown>;
const { defineProperty, getOwnPropertyDescriptor, setPrototypeOf } = Object;
const { deleteProperty, ownKeys } = Reflect;
const evaluateHere = here["eval"] as (code: string) => unknown;

// Whoever binds first is the host: here it is nobody, and stays so.
(here["__brisk_bind"] as undefined | ((callback: () => void) => void))?.(() => {});
for (const key of ownKeys(here)) if (!language.has(key as string)) deleteProperty(here, key);
deleteProperty(Error, "prepareStackTrace");

type Outcome = { readonly value: unknown } | { readonly error: unknown };
let prepared = "";
let outcome: Outcome = { value: undefined };
// V8 evaluates text only for who entered this context, which the host does by this door.
defineProperty(here, "__brisk_run", {
  value: () => {
    const code = prepared;
    prepared = "";
    try {
      outcome = { value: evaluateHere(code) };
    } catch (error) {
      outcome = { error };
    }
  },
});
const original = new Set(ownKeys(here));

/** The context's own `this`, which other contexts may hold but not look into. */
export const global: unknown = here;
export const prepare = (code: string): void => {
  prepared = code;
};
/** What came of what was prepared and run last. */
export const lastOutcome = (): Outcome => outcome;
/** What a name means that the context itself does not have. */
export const inherit = (from: object): void => void setPrototypeOf(here, from);
/** Names that code declared. */
export const declared = (): PropertyKey[] => ownKeys(here).filter((key) => !original.has(key));
export const has = (key: PropertyKey): boolean => Object.hasOwn(here, key);
export const put = (key: PropertyKey, value: unknown): void =>
  void defineProperty(here, key, { value, writable: true, enumerable: true, configurable: true });
/** The declared property, which is gone then, and lives on behind `inherit`. */
export function take(key: PropertyKey): PropertyDescriptor | undefined {
  const descriptor = getOwnPropertyDescriptor(here, key);
  return deleteProperty(here, key) ? descriptor : undefined;
}
