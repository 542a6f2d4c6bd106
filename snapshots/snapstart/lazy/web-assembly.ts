import { callSync } from "../../bridge.ts";
import { copyOfBytes } from "../../web/bytes.ts";
import { addStreamingTo } from "../../web/web-assembly.ts";
import {
  type AnyFunction,
  define,
  isStandIn,
  nativeOf,
  refuseFreeze,
  standIn,
  standsIn,
} from "./stand-ins.ts";
import { type Binary, type ExternalKind, type Import, readBinary } from "./web-assembly/binary.ts";

/*
 * WebAssembly of a function with SnapStart that touched it at init. V8 has none while it freezes. So a module made at
 * init is its bytes, an instance is its module and its imports, and both become native ones when they are first used
 * after the restore. An instance that ran code at init has a state that nobody can see: that can't be frozen.
 */

const { apply, construct, ownKeys } = Reflect;
const { create, freeze, getOwnPropertyDescriptor, setPrototypeOf } = Object;

type Class = "Module" | "Instance" | "Memory" | "Table" | "Global";
type NativeClass = (new (...args: unknown[]) => object) & { prototype: object };
type Native = Record<Class, NativeClass> & Record<string, unknown>;

/** What the host takes at once. A larger one is not looked at before it is compiled. */
const maxValidatedBytes = 64 * 1024 * 1024;

let native: Native | undefined;
/** Of modules made at init. */
const binaries = new WeakMap<object, Binary>();

function cannot(what: string): Error {
  return new Error(`WebAssembly is not there while V8 freezes a heap: ${what}`);
}

/** For what a stand-in can't answer: natively in a recording, which is then not frozen. */
function reach(object: unknown, what: string): unknown {
  if (standsIn && isStandIn(object)) {
    refuseFreeze(`init ${what}, and the state of an instance or a memory of WebAssembly can't be frozen`);
  }
  if (native === undefined && isStandIn(object)) throw cannot(`init ${what}`);
  return nativeOf(object);
}

/** A class whose instances are made when needed. Its prototype is its own, and the native one's prototype. */
function standInClass(
  name: Class,
  make: (args: readonly unknown[], prototype: object) => object,
): AnyFunction {
  const StandIn = {
    // A method has no prototype of its own and can't be constructed: hence a function.
    [name]: function (this: unknown, ...args: unknown[]): object {
      if (new.target === undefined) throw new TypeError(`WebAssembly.${name} must be invoked with 'new'`);
      if (standsIn || native === undefined) return make(args, new.target.prototype as object);
      const target = new.target === (StandIn as unknown) ? native[name] : new.target;
      return construct(native[name], args.map(nativeOf), target) as object;
    },
  }[name]!;
  Object.defineProperty(StandIn, "length", { value: 1, configurable: true });
  Object.defineProperty(StandIn, "prototype", { writable: false });
  define(StandIn.prototype as object, "constructor", StandIn);
  Object.defineProperty(StandIn.prototype, Symbol.toStringTag, {
    value: `WebAssembly.${name}`,
    configurable: true,
  });
  return StandIn;
}

function wrapMembers(
  name: Class,
  target: AnyFunction,
  getters: readonly string[],
  methods: readonly string[],
): void {
  const prototype = target.prototype as object;
  const what = (key: string) => `used ${key} of a WebAssembly.${name}`;
  const member = (key: string) => getOwnPropertyDescriptor(native![name].prototype, key)!;
  for (const key of getters) {
    Object.defineProperty(prototype, key, {
      get(this: unknown) {
        return apply(member(key).get!, reach(this, what(key)), []) as unknown;
      },
      set(this: unknown, value: unknown) {
        const { set } = member(key);
        const object = reach(this, what(key));
        if (set !== undefined) apply(set, object, [nativeOf(value)]);
      },
      enumerable: true,
      configurable: true,
    });
  }
  for (const key of methods) {
    Object.defineProperty(prototype, key, {
      value(this: unknown, ...args: unknown[]) {
        const object = reach(this, what(key));
        return apply(member(key).value as () => unknown, object, args.map(nativeOf)) as unknown;
      },
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

function bytesOf(source: unknown, caller: string): Uint8Array<ArrayBuffer> {
  const bytes = copyOfBytes(source);
  if (bytes === undefined) {
    throw new TypeError(`${caller}: Argument 0 must be a buffer source`);
  }
  return bytes;
}

/** By the host, so that a replay gets the same answer without a WebAssembly of its own. */
function isValid(bytes: Uint8Array): boolean {
  return bytes.length > maxValidatedBytes || callSync("wasm.validate", bytes) === true;
}

function makeModule(args: readonly unknown[], prototype: object): object {
  const bytes = bytesOf(args[0], "WebAssembly.Module()");
  if (!isValid(bytes)) throw new CompileError("WebAssembly.Module(): the bytes are no valid module");
  const module = create(prototype) as object;
  binaries.set(module, readBinary(bytes));
  return standIn(module, () => new native!.Module(bytes));
}

const Module = standInClass("Module", makeModule);
for (const [key, read] of Object.entries({
  imports: ({ imports }: Binary) => imports.map(({ module, name, kind }) => ({ module, name, kind })),
  exports: ({ exports }: Binary) => exports.map(({ name, kind }) => ({ name, kind })),
  customSections: ({ custom }: Binary, name: unknown) =>
    custom.filter((section) => section.name === `${name as string}`).map(({ bytes }) => bytes.slice().buffer),
})) {
  define(Module, key, (module: object, ...rest: unknown[]) => {
    const binary = binaries.get(module);
    if (binary !== undefined) return read(binary, rest[0]);
    if (native === undefined) throw new TypeError("Argument 0 must be a WebAssembly.Module");
    return apply((native.Module as unknown as Record<string, () => unknown>)[key]!, undefined, [
      module,
      ...rest,
    ]);
  });
}

function makeInstance(args: readonly unknown[], prototype: object): object {
  const module = args[0] as object;
  const binary = typeof module === "object" && module !== null ? binaries.get(module) : undefined;
  if (binary === undefined) {
    throw new TypeError("WebAssembly.Instance(): Argument 0 must be a WebAssembly.Module");
  }
  const imports = importsOf(binary, args[1]);
  const instance = create(prototype) as object;
  standIn(instance, () => new native!.Instance(nativeOf(module), nativeImports(imports)));
  const exports = create(null) as Record<string, unknown>;
  for (const one of binary.exports) exports[one.name] = exported(instance, binary, one);
  exportsOf.set(instance, freeze(exports));
  if (binary.hasStart) reach(instance, "instantiated a module with a start function");
  return instance;
}

interface Given extends Import {
  readonly value: unknown;
}

const exportsOf = new WeakMap<object, object>();

/** As natively: taken from the object now, and of the right kind. */
function importsOf({ imports }: Binary, from: unknown): Given[] {
  if (imports.length > 0 && (typeof from !== "object" || from === null)) {
    throw new TypeError("WebAssembly.Instance(): Imports argument must be present and must be an object");
  }
  return imports.map((one, index) => {
    const where = `WebAssembly.Instance(): Import #${index} "${one.module}"`;
    const module = (from as Record<string, Record<string, unknown> | undefined>)[one.module];
    if ((typeof module !== "object" && typeof module !== "function") || module === null) {
      throw new TypeError(`${where}: module is not an object or function`);
    }
    const value = module[one.name];
    if (!isOfKind(value, one.kind))
      throw new LinkError(`${where} "${one.name}": ${one.kind} import required`);
    return { ...one, value };
  });
}

function isOfKind(value: unknown, kind: ExternalKind): boolean {
  switch (kind) {
    case "function":
      return typeof value === "function";
    case "memory":
      return value instanceof (Memory as NativeClass);
    case "table":
      return value instanceof (Table as NativeClass);
    case "global":
      return ["number", "bigint"].includes(typeof value) || value instanceof (Global as NativeClass);
    case "tag":
      return value !== undefined;
  }
}

function nativeImports(given: readonly Given[]): object {
  const modules = create(null) as Record<string, Record<string, unknown>>;
  for (const { module, name, value } of given) {
    modules[module] ??= create(null) as Record<string, unknown>;
    modules[module][name] = nativeOf(value);
  }
  return modules;
}

function exported(instance: object, binary: Binary, one: Binary["exports"][number]): unknown {
  const get = () => (nativeOf(instance) as { exports: Record<string, object> }).exports[one.name]!;
  const classes: Partial<Record<ExternalKind, AnyFunction>> = {
    memory: Memory,
    table: Table,
    global: Global,
  };
  if (one.kind !== "function")
    return standIn(create((classes[one.kind]?.prototype ?? null) as object) as object, get);
  const call = (...args: unknown[]): unknown => {
    const run = reach(call, `called the export "${one.name}" of a WebAssembly.Instance`) as AnyFunction;
    return apply(run, undefined, args) as unknown;
  };
  Object.defineProperty(call, "name", { value: String(one.index), configurable: true });
  Object.defineProperty(call, "length", { value: binary.parameters(one.index), configurable: true });
  return standIn(call, get);
}

const Instance = standInClass("Instance", makeInstance);
Object.defineProperty(Instance.prototype, "exports", {
  get(this: object): unknown {
    const known = exportsOf.get(this);
    if (known !== undefined) return known;
    if (native === undefined)
      throw new TypeError("WebAssembly.Instance.exports: Receiver is not a WebAssembly.Instance");
    return apply(getOwnPropertyDescriptor(native.Instance.prototype, "exports")!.get!, this, []) as unknown;
  },
  enumerable: true,
  configurable: true,
});

/** Made by a descriptor alone, which is read now. */
function madeLater(name: Class): AnyFunction {
  return standInClass(name, ([descriptor, value], prototype) => {
    if (typeof descriptor !== "object" || descriptor === null) {
      throw new TypeError(`WebAssembly.${name}(): Argument 0 must be a descriptor`);
    }
    const kept = { ...descriptor };
    const args = value === undefined ? [kept] : [kept, value];
    const make = () => new native![name](...args.map(nativeOf));
    return standIn(create(prototype) as object, make, native === undefined ? undefined : make());
  });
}

const Memory = madeLater("Memory");
const Table = madeLater("Table");
const Global = madeLater("Global");
wrapMembers("Memory", Memory, ["buffer"], ["grow", "toFixedLengthBuffer", "toResizableBuffer"]);
wrapMembers("Table", Table, ["length"], ["grow", "get", "set"]);
wrapMembers("Global", Global, ["value"], ["valueOf"]);

class CompileError extends Error {}
class LinkError extends Error {}
class RuntimeError extends Error {}
const errors = { CompileError, LinkError, RuntimeError };
for (const [name, error] of Object.entries(errors)) define(error.prototype, "name", name);

type AnyNew = new (...args: unknown[]) => object;

/** The global. Compiling is synchronous in all of them: an isolate runs none of V8's background tasks. */
export const namespace: Record<string, unknown> = {};
for (const [name, value] of Object.entries({ Module, Instance, Memory, Table, Global, ...errors })) {
  define(namespace, name, value);
}
for (const [name, value] of Object.entries({
  validate: (source: unknown) =>
    standsIn || native === undefined
      ? isValid(bytesOf(source, "WebAssembly.validate()"))
      : (native["validate"] as (source: unknown) => boolean)(source),
  compile: async (source: unknown) => new (Module as AnyNew)(source),
  instantiate: async (source: unknown, imports?: unknown) => {
    if (source instanceof (Module as AnyNew)) return new (Instance as AnyNew)(source, imports);
    const module = new (Module as AnyNew)(source);
    return { module, instance: new (Instance as AnyNew)(module, imports) };
  },
})) {
  define(namespace, name, value);
}
addStreamingTo(namespace);
Object.defineProperty(namespace, Symbol.toStringTag, { value: "WebAssembly", configurable: true });

/** The heap has V8's own: its objects become instances of our classes, and what we lack is taken from it. */
export function adopt(found: object): void {
  native = found as Native;
  for (const name of [
    "Module",
    "Instance",
    "Memory",
    "Table",
    "Global",
    "CompileError",
    "LinkError",
    "RuntimeError",
  ]) {
    const theirs = native[name] as NativeClass;
    const ours = namespace[name] as AnyFunction;
    setPrototypeOf(theirs.prototype, ours.prototype as object);
    define(theirs.prototype, "constructor", ours);
  }
  for (const key of ownKeys(native)) {
    if (!Object.hasOwn(namespace, key))
      Object.defineProperty(namespace, key, getOwnPropertyDescriptor(native, key)!);
  }
}
