/**
 * The names by which Node's library reaches the realm: `ArrayPrototypeMap(array, …)`, `MapPrototypeGetSize(map)`,
 * `SafeSet`. Node makes some 1500 of them when it starts; here one is made when it is first asked for.
 * Unlike Node's they are taken when the module that needs them is loaded: a function that replaces built-ins before
 * then replaces them for these modules as well.
 */
type AnyFunction = (...args: unknown[]) => unknown;
type Members = Record<PropertyKey, unknown>;

const { apply, bind, call } = Function.prototype;
const uncurryThis = bind.bind(call) as unknown as (method: unknown) => AnyFunction;
const applyBind = bind.bind(apply) as unknown as (method: unknown, self?: unknown) => AnyFunction;
const { getOwnPropertyDescriptor, getPrototypeOf } = Object;

const prototypeOfIterator = (iterator: object) => ({ prototype: getPrototypeOf(iterator) as object });
const asyncGenerator = async function* () {};

/** What has no global of its own. */
const unnamed: Readonly<Record<string, () => unknown>> = {
  TypedArray: () => getPrototypeOf(Uint8Array),
  ArrayIterator: () => prototypeOfIterator([][Symbol.iterator]()),
  StringIterator: () => prototypeOfIterator(""[Symbol.iterator]()),
  MapIterator: () => prototypeOfIterator(new Map()[Symbol.iterator]()),
  SetIterator: () => prototypeOfIterator(new Set()[Symbol.iterator]()),
  AsyncIterator: () => prototypeOfIterator(getPrototypeOf(asyncGenerator.prototype) as object),
  AsyncFunction: () => prototypeOfIterator(async () => {}),
  AsyncGeneratorFunction: () => prototypeOfIterator(asyncGenerator),
  GeneratorFunction: () => prototypeOfIterator(function* () {}),
};

/** An index of its own, since a finalizer of Node's is bookkeeping, and live registries cannot be frozen. */
class NoFinalizationRegistry {
  register(): void {}
  unregister(): boolean {
    return false;
  }
}

const all =
  (method: "all" | "allSettled" | "any" | "race") =>
  (values: Iterable<unknown>, map?: (value: unknown, index: number) => unknown) =>
    (Promise[method] as (values: unknown[]) => Promise<unknown>).call(
      Promise,
      map === undefined ? [...values] : Array.from(values, map),
    );
const nothing = () => undefined;

const special: Readonly<Record<string, unknown>> = {
  uncurryThis,
  applyBind,
  SafeMap: Map,
  SafeSet: Set,
  SafeWeakMap: WeakMap,
  SafeWeakSet: WeakSet,
  SafeWeakRef: WeakRef,
  SafeFinalizationRegistry: NoFinalizationRegistry,
  SafeArrayIterator: function SafeArrayIterator(array: unknown[]) {
    return Array.prototype[Symbol.iterator].call(array);
  },
  SafeStringIterator: function SafeStringIterator(text: string) {
    return String.prototype[Symbol.iterator].call(text);
  },
  SafePromiseAll: all("all"),
  SafePromiseAllReturnArrayLike: all("all"),
  SafePromiseAllReturnVoid: (...args: Parameters<ReturnType<typeof all>>) =>
    all("all")(...args).then(nothing),
  SafePromiseAllSettled: all("allSettled"),
  SafePromiseAllSettledReturnVoid: (...args: Parameters<ReturnType<typeof all>>) =>
    all("allSettled")(...args).then(nothing),
  SafePromiseAny: all("any"),
  SafePromiseRace: all("race"),
  SafePromisePrototypeFinally: (promise: Promise<unknown>, callback: () => void) => promise.finally(callback),
  SafeStringPrototypeSearch: (text: string, expression: RegExp) => {
    expression.lastIndex = 0;
    const found = expression.exec(text);
    return found === null ? -1 : found.index;
  },
  hardenRegExp: (expression: RegExp) => expression,
  globalThis,
};

/** What members are named after. */
const owners: ReadonlySet<string> = new Set([
  ...Object.keys(unnamed),
  ..."AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean DataView Date".split(
    " ",
  ),
  ..."Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Int16Array".split(
    " ",
  ),
  ..."Int32Array Int8Array Iterator JSON Map Math Number Object Promise Proxy RangeError ReferenceError".split(
    " ",
  ),
  ..."Reflect RegExp Set String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array".split(" "),
  ..."Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet".split(" "),
]);
const globals = globalThis as unknown as Members;

function targetOf(owner: string): { prototype?: object } | undefined {
  if (!owners.has(owner)) return undefined;
  return (unnamed[owner]?.() ?? globals[owner]) as { prototype?: object };
}

/** The property that the end of a name stands for: `iterator` and `@@iterator` become `Iterator` and `SymbolIterator`. */
function keyOf(target: object, name: string): PropertyKey | undefined {
  const lower = name[0]!.toLowerCase() + name.slice(1);
  for (const key of [lower, name]) if (Object.hasOwn(target, key)) return key;
  if (!name.startsWith("Symbol")) return undefined;
  const symbol = (Symbol as unknown as Members)[name[6]!.toLowerCase() + name.slice(7)];
  return typeof symbol === "symbol" && Object.hasOwn(target, symbol) ? symbol : undefined;
}

function member(target: object, name: string, isMethod: boolean, self: unknown): unknown {
  const wanted = name.endsWith("Apply") ? name.slice(0, -"Apply".length) : name;
  const key = keyOf(target, name);
  const descriptor = key === undefined ? undefined : getOwnPropertyDescriptor(target, key);
  if (descriptor !== undefined && "value" in descriptor) {
    if (typeof descriptor.value !== "function") return descriptor.value;
    if (isMethod) return uncurryThis(descriptor.value);
    return self === Promise ? (descriptor.value as AnyFunction).bind(self) : descriptor.value;
  }
  if (wanted !== name) {
    const plain = (target as Members)[keyOf(target, wanted) ?? ""];
    if (typeof plain === "function") return isMethod ? applyBind(plain) : applyBind(plain, self);
  }
  const kind = name.slice(0, 3);
  if (kind !== "Get" && kind !== "Set") return undefined;
  const accessor = getOwnPropertyDescriptor(target, keyOf(target, name.slice(3)) ?? "");
  const half = kind === "Get" ? accessor?.get : accessor?.set;
  return half === undefined ? undefined : uncurryThis(half);
}

function make(name: string): unknown {
  if (Object.hasOwn(special, name)) return special[name];
  const at = name.indexOf("Prototype");
  const prototype = at > 0 ? targetOf(name.slice(0, at))?.prototype : undefined;
  if (prototype !== undefined) {
    const rest = name.slice(at + "Prototype".length);
    return rest === "" ? prototype : member(prototype, rest, true, undefined);
  }
  const whole = targetOf(name);
  if (whole !== undefined) return whole;
  // The longest first: `ArrayBufferIsView` is no member of Array.
  for (let end = name.length - 1; end > 2; end--) {
    if (name[end]! > "Z") continue;
    const target = targetOf(name.slice(0, end));
    const found = target && member(target, name.slice(end), false, target);
    if (found !== undefined) return found;
  }
  return globals[name];
}

export const primordials: Readonly<Record<string, unknown>> = new Proxy(Object.create(null) as Members, {
  get(made, name) {
    if (typeof name === "symbol") return undefined;
    if (!(name in made)) made[name] = make(name);
    return made[name];
  },
});
