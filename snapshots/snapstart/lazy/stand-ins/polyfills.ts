import { base64Members } from "./polyfill-base64.ts";
import { SharedMemory } from "./shared-memory.ts";

/**
 * What init may well use of the members that V8 lacks while it freezes, in plain JavaScript: a replay does what the
 * recording did with the native ones. They are gone when the heap is restored.
 */
export interface Polyfill {
  readonly holder: object;
  readonly key: string | symbol;
  readonly value: unknown;
}

type AnyMap = Pick<Map<object, unknown>, "has" | "get" | "set">;

const collections = {
  getOrInsert(this: AnyMap, key: object, value: unknown): unknown {
    if (!this.has(key)) this.set(key, value);
    return this.get(key);
  },
  getOrInsertComputed(this: AnyMap, key: object, compute: (key: object) => unknown): unknown {
    if (!this.has(key)) this.set(key, compute(key));
    return this.get(key);
  },
};

const statics = {
  try(this: PromiseConstructor, run: (...args: unknown[]) => unknown, ...args: unknown[]): Promise<unknown> {
    return new this((resolve) => resolve(run(...args)));
  },
  isError(value: unknown): boolean {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
  },
  escape(text: unknown): string {
    if (typeof text !== "string") throw new TypeError("Input not a string");
    let escaped = "";
    for (const character of text) {
      const isFirst = escaped === "";
      escaped +=
        isFirst && /[0-9A-Za-z]/.test(character) ? hexEscape(character) : escapedCharacter(character);
    }
    return escaped;
  },
  *concat(...parts: Iterable<unknown>[]): Generator<unknown> {
    for (const part of parts) yield* part;
  },
  dispose(this: { return?(): unknown }): void {
    this.return?.();
  },
  pause(): void {},
};

const controls: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
};

function escapedCharacter(character: string): string {
  if (/[\^$\\.*+?()[\]{}|/]/.test(character)) return `\\${character}`;
  if (controls[character] !== undefined) return controls[character];
  if (/[-,=<>#&!%:;@~'`"\s\p{Surrogate}]/u.test(character)) return hexEscape(character);
  return character;
}

function hexEscape(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Errors of `using`, which compilers that lower it throw. */
function SuppressedError(this: unknown, error: unknown, suppressed: unknown, message?: unknown): Error {
  const made = Reflect.construct(
    Error,
    message === undefined ? [] : [message],
    new.target ?? SuppressedError,
  ) as Error;
  for (const [key, value] of Object.entries({ error, suppressed })) {
    Object.defineProperty(made, key, { value, writable: true, configurable: true });
  }
  return made;
}
Object.setPrototypeOf(SuppressedError, Error);
SuppressedError.prototype = Object.create(Error.prototype, {
  constructor: { value: SuppressedError, writable: true, configurable: true },
  name: { value: "SuppressedError", writable: true, configurable: true },
  message: { value: "", writable: true, configurable: true },
});

const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as object;

export const polyfills: readonly Polyfill[] = [
  { holder: Error, key: "stackTraceLimit", value: 10 },
  { holder: Error, key: "isError", value: statics.isError },
  { holder: Promise, key: "try", value: statics.try },
  { holder: RegExp, key: "escape", value: statics.escape },
  ...[Map.prototype, WeakMap.prototype].flatMap((holder) => [
    { holder, key: "getOrInsert", value: collections.getOrInsert },
    { holder, key: "getOrInsertComputed", value: collections.getOrInsertComputed },
  ]),
  { holder: Iterator, key: "concat", value: statics.concat },
  { holder: iteratorPrototype, key: Symbol.dispose, value: statics.dispose },
  { holder: Atomics, key: "pause", value: statics.pause },
  ...base64Members,
  { holder: globalThis, key: "SuppressedError", value: SuppressedError },
  { holder: globalThis, key: "SharedArrayBuffer", value: SharedMemory },
];
