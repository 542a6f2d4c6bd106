/** A type check that cannot be fooled by `Symbol.toStringTag`: it asks for the internal slot where there is a getter for it. */
function hasSlot(read: (value: never) => unknown): (value: unknown) => boolean {
  return (value) => {
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
const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: object };
const typedArrayName = getter(TypedArray.prototype, Symbol.toStringTag);
const isTypedArrayNamed = (name: string) => (value: unknown) => typedArrayName(value) === name;
const tag = (value: unknown) => Object.prototype.toString.call(value).slice(8, -1);
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const prototypeOf = (sample: object) => Object.getPrototypeOf(sample) as object;

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

export default {
  isAnyArrayBuffer: (value: unknown) => isArrayBuffer(value) || isSharedArrayBuffer(value),
  isArrayBuffer,
  isArrayBufferView: (value: unknown) => ArrayBuffer.isView(value),
  isArgumentsObject: (value: unknown) =>
    isObject(value) && !(Symbol.toStringTag in value) && tag(value) === "Arguments",
  isAsyncFunction: (value: unknown) =>
    inherits(value, asyncFunctionPrototype) || inherits(value, asyncGeneratorFunctionPrototype),
  isBigInt64Array: isTypedArrayNamed("BigInt64Array"),
  isBigIntObject,
  isBigUint64Array: isTypedArrayNamed("BigUint64Array"),
  isBooleanObject,
  isBoxedPrimitive: (value: unknown) =>
    isNumberObject(value) ||
    isStringObject(value) ||
    isBooleanObject(value) ||
    isSymbolObject(value) ||
    isBigIntObject(value),
  isCryptoKey: (value: unknown) => isObject(value) && tag(value) === "CryptoKey",
  isDataView: (value: unknown) => ArrayBuffer.isView(value) && typedArrayName(value) === undefined,
  isDate,
  isExternal: () => false,
  isFloat16Array: isTypedArrayNamed("Float16Array"),
  isFloat32Array: isTypedArrayNamed("Float32Array"),
  isFloat64Array: isTypedArrayNamed("Float64Array"),
  isGeneratorFunction: (value: unknown) =>
    inherits(value, generatorFunctionPrototype) || inherits(value, asyncGeneratorFunctionPrototype),
  isGeneratorObject: (value: unknown) => isObject(value) && tag(value) === "Generator",
  isInt16Array: isTypedArrayNamed("Int16Array"),
  isInt32Array: isTypedArrayNamed("Int32Array"),
  isInt8Array: isTypedArrayNamed("Int8Array"),
  isKeyObject: (value: unknown) => isObject(value) && tag(value) === "KeyObject",
  isMap,
  isMapIterator: (value: unknown) => isObject(value) && tag(value) === "Map Iterator",
  isModuleNamespaceObject: (value: unknown) => isObject(value) && tag(value) === "Module",
  isNativeError: (value: unknown) => Error.isError(value),
  isNumberObject,
  isPromise: (value: unknown) => value instanceof Promise,
  // A proxy cannot be told from its target by code inside the realm.
  isProxy: () => false,
  isRegExp,
  isSet,
  isSetIterator: (value: unknown) => isObject(value) && tag(value) === "Set Iterator",
  isSharedArrayBuffer,
  isStringObject,
  isSymbolObject,
  isTypedArray: (value: unknown) => typedArrayName(value) !== undefined,
  isUint16Array: isTypedArrayNamed("Uint16Array"),
  isUint32Array: isTypedArrayNamed("Uint32Array"),
  isUint8Array: isTypedArrayNamed("Uint8Array"),
  isUint8ClampedArray: isTypedArrayNamed("Uint8ClampedArray"),
  isWeakMap: hasSlot((value: WeakMap<object, unknown>) => WeakMap.prototype.has.call(value, {})),
  isWeakSet: hasSlot((value: WeakSet<object>) => WeakSet.prototype.has.call(value, {})),
};
