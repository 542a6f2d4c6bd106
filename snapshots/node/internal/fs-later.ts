import { abortError } from "./errors.ts";
import { assertCallback, descriptorOf } from "./fs-arguments.ts";

type Callback = (...args: unknown[]) => void;

/**
 * In a turn of its own, as if the answer had only now come: who waits for a file lets timers and others run. Of the
 * global, since that one carries the async context.
 */
export function later(callback: () => void): void {
  (globalThis as unknown as { setImmediate(callback: () => void): void }).setImmediate(callback);
}

/** Whether Node would hand an error to the callback; others it throws at the caller. */
export function isFileError(error: unknown): boolean {
  return typeof error === "object" && error !== null && ("syscall" in error || isRehearsal(error));
}

function isRehearsal(error: object): boolean {
  return (error as { code?: unknown }).code === "EREHEARSAL";
}

interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
}

/** What a synchronous function came to, for those who get to know it later. */
export type Outcome = { readonly error: unknown } | { readonly result: unknown };

/** @throws {TypeError} What is wrong with the arguments, at once. */
export function attempt(run: () => unknown, signal?: SignalLike): Outcome {
  if (signal?.aborted) return { error: abortError(signal) };
  try {
    return { result: run() };
  } catch (error) {
    if (!isFileError(error)) throw error;
    return { error };
  }
}

function signalOf(args: readonly unknown[]): SignalLike | undefined {
  for (const arg of args) {
    if (typeof arg !== "object" || arg === null || ArrayBuffer.isView(arg)) continue;
    const { signal } = arg as { signal?: SignalLike };
    if (typeof signal === "object" && signal !== null) return signal;
  }
  return undefined;
}

/** Of these, Node looks at the descriptor before it looks for a callback. */
const byDescriptor: ReadonlySet<string> = new Set([
  "close",
  "fchmod",
  "fchown",
  "fdatasync",
  "fsync",
  "futimes",
]);

/** The function with a callback. @param results What the callback gets besides null; by default the result. */
export function withCallback(
  name: string,
  run: (...args: never[]) => unknown,
  results: (result: unknown, args: readonly unknown[]) => unknown[] = (result) =>
    result === undefined ? [] : [result],
): Callback {
  return {
    [name](...args: unknown[]): void {
      // The path, or what is in its place, is never the callback.
      const at = args.findIndex((arg, index) => index > 0 && typeof arg === "function");
      const callback = args[at === -1 ? args.length : at];
      if (callback === undefined && byDescriptor.has(name)) descriptorOf(args[0]);
      assertCallback(callback);
      const own = args.slice(0, at);
      const signal = signalOf(own);
      const outcome = attempt(() => Reflect.apply(run, undefined, own), signal);
      later(() => {
        if (signal?.aborted) callback(abortError(signal));
        else if ("error" in outcome) callback(outcome.error);
        else callback(null, ...results(outcome.result, own));
      });
    },
  }[name] as Callback;
}

/** The function with a promise. What is wrong with the arguments rejects it. */
export function withPromise(
  name: string,
  run: (...args: never[]) => unknown,
): (...args: unknown[]) => Promise<unknown> {
  return {
    [name]: async (...args: unknown[]) => {
      const signal = signalOf(args);
      const outcome = attempt(() => Reflect.apply(run, undefined, args), signal);
      await new Promise<void>((resolve) => later(resolve));
      if (signal?.aborted) throw abortError(signal);
      if ("error" in outcome) throw outcome.error;
      return outcome.result;
    },
  }[name]!;
}
