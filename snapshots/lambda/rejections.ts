import { callSync, primordials } from "../bridge.ts";
import { processState } from "../process-state.ts";

/**
 * `unhandledRejection`. No code in a realm hears of rejections that nobody handles: V8 tells the host, and that is
 * given a copy of the reason when the microtasks have run. The reason itself is found again by the stack it shows.
 */
const { ReflectApply, promiseThen } = primordials;

/** How many errors are remembered whose stack was made last; a copy's is made right before the host has it. */
const maxRemembered = 16;
const { WeakRef: PrimordialWeakRef } = globalThis;
const { deref } = PrimordialWeakRef.prototype;
let remembered: WeakRef<Error>[] = [];
let next = 0;

/** Its stack is being made. */
export function rememberError(error: Error): void {
  remembered[next] = new PrimordialWeakRef(error);
  next = (next + 1) % maxRemembered;
}

/** The heap is about to be frozen. */
export function forgetErrors(): void {
  remembered = [];
  next = 0;
}

const errorClasses: Readonly<Record<string, new (message: string) => Error>> = {
  __proto__: null as never,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
};

/** The error that shows this stack, or one like it. */
function reasonOf(name: string, message: string, stack: string): Error {
  for (let index = 0; index < remembered.length; index++) {
    const error = ReflectApply(deref, remembered[index]!, []) as Error | undefined;
    try {
      if (error !== undefined && error.stack === stack && error.message === message) return error;
    } catch {
      // A getter of the function's own.
    }
  }
  const Class = errorClasses[name] ?? primordials.Error;
  const copy = new Class(message);
  const define = (key: string, value: string) =>
    primordials.ObjectDefineProperty(copy, key, { value, configurable: true, writable: true });
  if (copy.name !== name && name !== "") define("name", name);
  define("stack", stack);
  return copy;
}

/**
 * A promise was rejected in the turn before, and nobody handled it. Whoever listens is told, with a promise of the
 * same reason in that one's place; the host hears whether anybody does.
 * @param isError `reason` is then an error's name, and otherwise what the promise was rejected with.
 */
export function rejected(isError: boolean, reason: unknown, message: string, stack: string): void {
  const { process } = processState;
  if (process === undefined || process.listenerCount("unhandledRejection") === 0) return;
  callSync("rejection.heard");
  const value = isError ? reasonOf(reason as string, message, stack) : reason;
  const promise = new primordials.Promise((_resolve, reject) => reject(value));
  ReflectApply(promiseThen, promise, [undefined, () => {}]);
  process.emit("unhandledRejection", value, promise);
}
