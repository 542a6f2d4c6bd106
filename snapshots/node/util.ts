import types from "node:util/types";
import * as inspection from "node-inspect-extracted";
import { isDeepEqual } from "./internal/deep-equal.ts";
import { assertFunction, assertString, invalidArgType, nodeError } from "./internal/errors.ts";
import { parseArgs } from "./internal/parse-args.ts";
import { systemErrors } from "./internal/system-errors.ts";
import { type AbortSignalLike, web } from "./internal/web.ts";

type AnyFunction = (...args: unknown[]) => unknown;
type Callback = (error: unknown, ...values: unknown[]) => void;

interface ProcessLike {
  env: Record<string, string | undefined>;
  nextTick(callback: () => void): void;
  emitWarning(message: string, type?: string, code?: string): void;
}
const process = () => (globalThis as unknown as { process: ProcessLike }).process;

const customPromisify = Symbol.for("nodejs.util.promisify.custom");
const customPromisifyArgs = Symbol.for("nodejs.util.customPromisifyArgs");

function promisify(
  original: AnyFunction & { [customPromisify]?: unknown; [customPromisifyArgs]?: string[] },
) {
  assertFunction(original, "original");
  const custom = original[customPromisify];
  if (custom) {
    assertFunction(custom, "util.promisify.custom");
    return Object.defineProperty(custom, customPromisify, { value: custom, configurable: true });
  }
  const names = original[customPromisifyArgs];
  function promisified(this: unknown, ...args: unknown[]) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [
        ...args,
        (error: unknown, ...values: unknown[]) => {
          if (error) reject(error);
          else if (names && values.length > 1) {
            resolve(Object.fromEntries(names.map((name, index) => [name, values[index]])));
          } else resolve(values[0]);
        },
      ]);
    });
  }
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original) as object);
  Object.defineProperty(promisified, customPromisify, { value: promisified, configurable: true });
  return Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = customPromisify;

function callbackify(original: (...args: unknown[]) => Promise<unknown>) {
  assertFunction(original, "original");
  function callbackified(this: unknown, ...args: unknown[]) {
    const callback = args.pop() as Callback;
    assertFunction(callback, "last argument");
    Reflect.apply(original, this, args).then(
      (value) => process().nextTick(() => callback.call(this, null, value)),
      (reason: unknown) => process().nextTick(() => callback.call(this, reason || falsyRejection(reason))),
    );
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  return Object.defineProperties(callbackified, {
    ...descriptors,
    length: { ...descriptors.length, value: original.length + 1 },
    name: { ...descriptors.name, value: `${original.name}Callbackified` },
  });
}

function falsyRejection(reason: unknown): Error {
  return Object.assign(
    nodeError(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value"),
    { reason },
  );
}

function inherits(child: AnyFunction & { super_?: unknown }, superConstructor: AnyFunction): void {
  assertFunction(child, "ctor");
  assertFunction(superConstructor, "superCtor");
  if (superConstructor.prototype === undefined) {
    throw invalidArgType("superCtor.prototype", "of type object", undefined);
  }
  Object.defineProperty(child, "super_", {
    value: superConstructor,
    writable: true,
    configurable: true,
  });
  Object.setPrototypeOf(child.prototype as object, superConstructor.prototype as object);
}

function deprecate<F extends AnyFunction>(original: F, message: string, code?: string): F {
  let warned = false;
  function deprecated(this: unknown, ...args: unknown[]): unknown {
    if (!warned) {
      warned = true;
      process().emitWarning(message, "DeprecationWarning", code);
    }
    return new.target ? Reflect.construct(original, args, new.target) : Reflect.apply(original, this, args);
  }
  Object.setPrototypeOf(deprecated, original);
  if (original.prototype !== undefined) deprecated.prototype = original.prototype as object;
  return deprecated as unknown as F;
}

/** Writes when NODE_DEBUG names the section. */
function debuglog(section: string) {
  const enabled = () =>
    (process().env["NODE_DEBUG"] ?? "")
      .split(",")
      .some((name) => name.trim().toUpperCase() === section.toUpperCase());
  const log = (...args: unknown[]) => {
    if (enabled()) web.console["error"]?.(`${section.toUpperCase()} 1: ${inspection.format(...args)}`);
  };
  return Object.defineProperty(log, "enabled", { get: enabled }) as typeof log & { enabled: boolean };
}

function toUSVString(text: string): string {
  return `${text}`.toWellFormed();
}

function styleText(format: string | string[], text: string): string {
  assertString(text, "text");
  const colors = (inspection.inspect as unknown as { colors: Record<string, [number, number]> }).colors;
  let result = text;
  for (const name of Array.isArray(format) ? format : [format]) {
    if (name === "none") continue;
    const codes = colors[name];
    if (codes === undefined) {
      throw nodeError(
        TypeError,
        "ERR_INVALID_ARG_VALUE",
        `The argument 'format' must be one of: ${Object.keys(colors)
          .map((color) => `'${color}'`)
          .join(", ")}. Received '${name}'`,
      );
    }
    result = `\u001b[${codes[0]}m${result}\u001b[${codes[1]}m`;
  }
  return result;
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignalLike, resource: object): Promise<void> {
  if (resource === null || typeof resource !== "object") {
    return Promise.reject(invalidArgType("resource", "of type object", resource));
  }
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function getSystemErrorMap(): Map<number, [string, string]> {
  return new Map([...systemErrors].map(([code, [number, message]]) => [-number, [code, message]]));
}

/** The text of a .env file, as an object. */
function parseEnv(content: string): Record<string, string> {
  assertString(content, "content");
  const variables: Record<string, string> = {};
  const line =
    /^\s*(?:export\s+)?([\w.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`|[^#\r\n]*)?(?:\s*#.*)?$/gm;
  for (const [, name, raw = ""] of content.matchAll(line)) {
    const value = raw.trim();
    const quote = value[0];
    if (quote === '"' && value.endsWith('"'))
      variables[name as string] = value.slice(1, -1).replaceAll("\\n", "\n");
    else if ((quote === "'" || quote === "`") && value.endsWith(quote))
      variables[name as string] = value.slice(1, -1);
    else variables[name as string] = value;
  }
  return variables;
}

const exported = {
  promisify,
  callbackify,
  inherits,
  deprecate,
  debuglog,
  debug: debuglog,
  inspect: inspection.inspect,
  format: inspection.format,
  formatWithOptions: inspection.formatWithOptions,
  stripVTControlCharacters: inspection.stripVTControlCharacters,
  isDeepStrictEqual: (one: unknown, other: unknown) => isDeepEqual(one, other, true),
  isArray: Array.isArray,
  types,
  parseArgs,
  parseEnv,
  styleText,
  toUSVString,
  aborted,
  getSystemErrorMap,
  getSystemErrorName: (errno: number) => getSystemErrorMap().get(errno)?.[0],
  getSystemErrorMessage: (errno: number) => getSystemErrorMap().get(errno)?.[1],
  getCallSites: () => [],
  _extend: (target: object, source: object | null) => Object.assign(target, source),
  _errnoException(errno: number, syscall: string) {
    const code = getSystemErrorMap().get(errno)?.[0] ?? `Unknown system error ${errno}`;
    return Object.assign(new Error(`${syscall} ${code}`), { errno, code, syscall });
  },
};
Object.defineProperties(exported, {
  TextEncoder: { enumerable: true, get: () => web.TextEncoder },
  TextDecoder: { enumerable: true, get: () => web.TextDecoder },
});

export default exported;
