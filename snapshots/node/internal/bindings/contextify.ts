import { callSync } from "../../../bridge.ts";
import { requireInternal } from "../../../registry.ts";
import { unavailable } from "../errors.ts";
import { vm_context_no_contextify } from "./symbols.ts";

type Realm = typeof import("../realm.ts");
interface Context {
  readonly id: number;
  readonly realm: Realm;
  /** What the context's global stands for. */
  readonly object: object;
}

const contexts = new WeakMap<object, Context>();
let nextRealm = 1;
/** Contexts that are running: what they call of ours runs here, but V8 evaluates no text here until they are left. */
let depth = 0;

export const constants = {
  measureMemory: { mode: { SUMMARY: 0, DETAILED: 1 }, execution: { DEFAULT: 0, EAGER: 1 } },
};
export const isContext = (value: object): boolean => contexts.has(value);

/** A context of its own within the isolate, whose names are those of the object. */
export function makeContext(wanted: object | symbol): object {
  const object = wanted === vm_context_no_contextify ? {} : (wanted as object);
  const id = nextRealm++;
  callSync("vm.context", id);
  const realm = requireInternal(`realm:${id}`) as Realm;
  const isOwn = (key: PropertyKey) => Reflect.has(object, key);
  realm.inherit(
    // No target of ours: the context gets hold of its global's prototype.
    new Proxy(Object.create(null) as object, {
      has: (_target, key) => isOwn(key),
      get: (_target, key) => (isOwn(key) ? shown(Reflect.get(object, key), context) : undefined),
      set: (_target, key, value: unknown) => Reflect.set(object, key, value),
      deleteProperty: (_target, key) => Reflect.deleteProperty(object, key),
      getOwnPropertyDescriptor: (_target, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
        return descriptor && { ...descriptor, configurable: true };
      },
    }),
  );
  const context: Context = { id, realm, object };
  contexts.set(object, context);
  return object;
}

/** The context's own global is the object to everybody else. */
function shown(value: unknown, { realm, object }: Context): unknown {
  return value === realm.global ? object : value;
}

function evaluateIn(context: Context, code: string): unknown {
  const { id, realm, object } = context;
  // The object's names go before the language's.
  for (const key of Reflect.ownKeys(object)) {
    if (realm.has(key)) realm.put(key, (object as Record<PropertyKey, unknown>)[key]);
  }
  try {
    realm.prepare(code);
    if (!enter(id)) {
      throw unavailable("This vm context", "an environment keeps the 32 that were used last: use fewer");
    }
    const outcome = realm.lastOutcome();
    if ("error" in outcome) throw outcome.error;
    return shown(outcome.value, context);
  } finally {
    for (const key of realm.declared()) {
      const descriptor = realm.take(key);
      if (descriptor === undefined) continue;
      if ("value" in descriptor) Reflect.set(object, key, shown(descriptor.value, context));
      else Reflect.defineProperty(object, key, descriptor);
    }
  }
}

function enter(id: number): boolean {
  depth++;
  try {
    return callSync("vm.run", id) === true;
  } finally {
    depth--;
  }
}

function named(code: string, filename: string): string {
  return /[\r\n\u2028\u2029]/.test(filename) ? code : `${code}\n//# sourceURL=${filename}`;
}

// biome-ignore lint/security/noGlobalEval: vm is eval by another name, inside the function's own isolate
const evaluate = globalThis.eval as (code: string) => unknown;

function evaluateHere(code: string): unknown {
  // V8 would answer undefined, whatever the code is.
  if (depth > 0) {
    throw unavailable(
      "Compiling code for the function's own context",
      "code in another vm context has called this: compile it before that code runs",
    );
  }
  return evaluate(code);
}

/** @throws {SyntaxError} From within another context V8 refuses even to parse here: running it there will say what is wrong. */
function checkSyntax(...parts: string[]): void {
  if (depth === 0) new Function(...parts);
}

export class ContextifyScript {
  readonly #code: string;
  cachedDataRejected: boolean | undefined;
  sourceMapURL: string | undefined;

  constructor(code: string, filename: string, _line: number, _column: number, cachedData?: unknown) {
    this.#code = named(code, filename);
    this.sourceMapURL = /^\/\/[#@] sourceMappingURL=(\S+)\s*$/m.exec(code)?.[1];
    if (cachedData !== undefined) this.cachedDataRejected = true;
    // What does not parse says so now. A hashbang is a script's alone.
    checkSyntax(code.replace(/^#!.*/, ""));
  }

  /** @param object null: where this runs. There is no other clock than the invocation's: `timeout` is not looked at. */
  runInContext(object: object | null): unknown {
    const context = object === null ? undefined : contexts.get(object);
    return context === undefined ? evaluateHere(this.#code) : evaluateIn(context, this.#code);
  }

  /** V8's bytecode is the host's to make: this is none, and will be rejected. */
  createCachedData(): Uint8Array {
    const { Buffer } = globalThis as unknown as { Buffer: { alloc(size: number): Uint8Array } };
    return Buffer.alloc(0);
  }
}

export function compileFunction(
  code: string,
  filename: string,
  _line: number,
  _column: number,
  _cachedData: unknown,
  _produceCachedData: boolean,
  parsingContext: object | undefined,
  extensions: readonly object[] | undefined,
  params: readonly string[] = [],
): { function: unknown } {
  // Apart, so that no parameter or body can end the function early and go on behind it.
  checkSyntax(...params, code);
  const scopes = (extensions ?? []).map((_extension, index) => `with (scopes[${index}])`).join(" ");
  const made = `(function (${params.join(",")}) {${code}\n})`;
  const text = named(scopes === "" ? made : `(scopes) => { ${scopes} { return ${made}; } }`, filename);
  const context = parsingContext === undefined ? undefined : contexts.get(parsingContext);
  const value = context === undefined ? evaluateHere(text) : evaluateIn(context, text);
  return { function: scopes === "" ? value : (value as (scopes: unknown) => unknown)(extensions) };
}

export function measureMemory(): never {
  throw unavailable("vm.measureMemory", "an isolate does not measure itself");
}
