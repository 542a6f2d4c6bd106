import { callSync, hostError, primordials } from "./bridge.ts";

/**
 * The guest's modules: `node:x` for everybody, `brisk:path` for our own files. Those of the base heap are there
 * from the start; the rest is compiled by the host at first use, since every heap would pay for their text.
 */
type Factory = (
  require: (specifier: string) => unknown,
  module: { exports: unknown },
  exports: unknown,
) => void;

const { Map: PrimordialMap, ReflectApply, mapGet, mapSet } = primordials;
const modules = new PrimordialMap<string, { exports: unknown } | undefined>();
const factories = new PrimordialMap<string, Factory>();

/** Registers a module of the base heap. */
export function provideInternal(specifier: string, exports: unknown): void {
  ReflectApply(mapSet, modules, [specifier, { exports }]);
}

/** The host hands in a compiled module. */
export function defineModule(specifier: string, factory: Factory): void {
  ReflectApply(mapSet, factories, [specifier, factory]);
}

/** A file of the function's own that the host compiled. */
export function compiledFile(path: string): unknown {
  return ReflectApply(mapGet, factories, [`file:${path}`]);
}

/** Loads `brisk:…` (its namespace) or `node:…` (its module.exports). */
export function requireInternal(specifier: string): unknown {
  const known = ReflectApply(mapGet, modules, [specifier]) as { exports: unknown } | undefined;
  if (known !== undefined) return publicExports(specifier, known.exports);
  let factory = ReflectApply(mapGet, factories, [specifier]) as Factory | undefined;
  if (factory === undefined) {
    callSync("module.load", specifier);
    factory = ReflectApply(mapGet, factories, [specifier]) as Factory | undefined;
    if (factory === undefined) throw hostError("MODULE_NOT_FOUND", `Cannot find module '${specifier}'`);
  }
  const module: { exports: unknown } = { exports: {} };
  // Registered before it runs, as in Node: modules that need each other see what is there so far.
  ReflectApply(mapSet, modules, [specifier, module]);
  let isLoaded = false;
  try {
    factory(requireInternal, module, module.exports);
    isLoaded = true;
  } finally {
    // Half a module is none: who asks again, with more of the stack left for it say, gets it anew.
    if (!isLoaded) ReflectApply(mapSet, modules, [specifier, undefined]);
  }
  return publicExports(specifier, module.exports);
}

function publicExports(specifier: string, exports: unknown): unknown {
  if (specifier[0] === "n") return (exports as { default: unknown }).default;
  return exports;
}

/** What user code may load: node modules only, with and without the prefix. */
export function requireNode(specifier: unknown): unknown {
  const name = primordials.String(specifier);
  const isPrefixed =
    name[0] === "n" && name[1] === "o" && name[2] === "d" && name[3] === "e" && name[4] === ":";
  return requireInternal(isPrefixed ? name : `node:${name}`);
}
