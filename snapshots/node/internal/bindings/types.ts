import { typeNameOf } from "../call-site.ts";

const { getPrototypeOf } = Object;

/** What has none of the slots that are looked for here, as can be seen without an exception. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return true;
  try {
    return Array.isArray(value) || getPrototypeOf(value) === Object.prototype;
  } catch {
    return false;
  }
}

/** A type check that cannot be fooled by `Symbol.toStringTag`: it asks for the internal slot where there is a getter for it. */
function hasSlot(read: (value: never) => unknown): (value: unknown) => boolean {
  return (value) => {
    // Most of what is asked about is this, and an exception costs more than all the rest of an inspection.
    if (isPlain(value)) return false;
    try {
      read(value as never);
      return true;
    } catch {
      return false;
    }
  };
}

const getter = (object: object, name: string | symbol) => {
  const get = Object.getOwnPropertyDescriptor(object, name)?.get as (this: unknown) => unknown;
  return (value: unknown) => Reflect.apply(get, value, []);
};
const method = (object: object, name: string) => {
  const call = (object as Record<string, unknown>)[name] as (...args: unknown[]) => unknown;
  return (value: unknown) => Reflect.apply(call, value, []);
};
const tag = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const prototypeOf = (sample: object) => getPrototypeOf(sample) as object;

const isMap = hasSlot(getter(Map.prototype, "size"));
const isSet = hasSlot(getter(Set.prototype, "size"));
const isArrayBuffer = hasSlot(getter(ArrayBuffer.prototype, "byteLength"));
const isSharedArrayBuffer = (value: unknown) => isObject(value) && tag(value) === "SharedArrayBuffer";
const isDate = hasSlot(method(Date.prototype, "getTime"));
const isRegExp = (value: unknown) => isObject(value) && getterWorks(value);
const regExpSource = getter(RegExp.prototype, "source");
const getterWorks = (value: object) => value !== RegExp.prototype && hasSlot(regExpSource)(value);
const isNumberObject = (value: unknown) =>
  isObject(value) && hasSlot(method(Number.prototype, "valueOf"))(value);
const isStringObject = (value: unknown) =>
  isObject(value) && hasSlot(method(String.prototype, "valueOf"))(value);
const isBooleanObject = (value: unknown) =>
  isObject(value) && hasSlot(method(Boolean.prototype, "valueOf"))(value);
const isSymbolObject = (value: unknown) =>
  isObject(value) && hasSlot(method(Symbol.prototype, "valueOf"))(value);
const isBigIntObject = (value: unknown) =>
  isObject(value) && hasSlot(method(BigInt.prototype, "valueOf"))(value);
const asyncFunctionPrototype = prototypeOf(async () => {});
const generatorFunctionPrototype = prototypeOf(function* () {});
const asyncGeneratorFunctionPrototype = prototypeOf(async function* () {});
const inherits = (value: unknown, prototype: object) =>
  typeof value === "function" && Object.prototype.isPrototypeOf.call(prototype, value);

const isGeneratorFunction = (value: unknown) =>
  inherits(value, generatorFunctionPrototype) || inherits(value, asyncGeneratorFunctionPrototype);
const isAsyncFunction = (value: unknown) =>
  inherits(value, asyncFunctionPrototype) || inherits(value, asyncGeneratorFunctionPrototype);
const isBoxedPrimitive = (value: unknown) =>
  isNumberObject(value) ||
  isStringObject(value) ||
  isBooleanObject(value) ||
  isSymbolObject(value) ||
  isBigIntObject(value);
const isAnyArrayBuffer = (value: unknown) => isArrayBuffer(value) || isSharedArrayBuffer(value);
const isArgumentsObject = (value: unknown) =>
  isObject(value) && !(Symbol.toStringTag in value) && tag(value) === "Arguments";
const isTagged = (name: string) => (value: unknown) => isObject(value) && tag(value) === name;
const isGeneratorObject = isTagged("Generator");
const isMapIterator = isTagged("Map Iterator");
const isSetIterator = isTagged("Set Iterator");
const isModuleNamespaceObject = isTagged("Module");
const isNativeError = (value: unknown) => Error.isError(value);
const isWeakMap = hasSlot((value: WeakMap<object, unknown>) => WeakMap.prototype.has.call(value, {}));
const isWeakSet = hasSlot((value: WeakSet<object>) => WeakSet.prototype.has.call(value, {}));
const isPromise = (value: unknown) => value instanceof Promise;
const isProxy = (value: unknown) => typeNameOf(value) === "Proxy";
const isExternal = () => false;
const isEventTarget = (value: unknown) =>
  value instanceof (globalThis as unknown as { EventTarget: new () => object }).EventTarget;

export {
  isAnyArrayBuffer,
  isArgumentsObject,
  isArrayBuffer,
  isAsyncFunction,
  isBigIntObject,
  isBooleanObject,
  isBoxedPrimitive,
  isDate,
  isEventTarget,
  isExternal,
  isGeneratorFunction,
  isGeneratorObject,
  isMap,
  isMapIterator,
  isModuleNamespaceObject,
  isNativeError,
  isNumberObject,
  isPromise,
  isProxy,
  isRegExp,
  isSet,
  isSetIterator,
  isSharedArrayBuffer,
  isStringObject,
  isSymbolObject,
  isWeakMap,
  isWeakSet,
};
