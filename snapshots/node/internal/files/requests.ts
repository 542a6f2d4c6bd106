import { setImmediate } from "../../../loop.ts";

type Complete = (this: FSReqCallback, error: unknown, result?: unknown) => void;

/** What Node's library asks with when it wants a callback. */
export class FSReqCallback {
  declare oncomplete: Complete;
  declare context: unknown;
  /** Whoever cancels a request no longer listens to it. */
  cancel(): void {}
}

/** What it asks with when it wants a promise. */
export const kUsePromises = Symbol("fs_use_promises_symbol");

/** Absent: the answer is wanted at once. */
export type Request = FSReqCallback | typeof kUsePromises | undefined;

/** Whether Node would hand an error to who waits for the answer; others it throws at the caller. */
function isFileError(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  return "syscall" in error || (error as { code?: unknown }).code === "EREHEARSAL";
}

/** What an operation came to, for those who get to know it later. */
export type Outcome<R> = { readonly error: unknown } | { readonly result: R };

/** @throws {TypeError} What is wrong with the arguments. */
export function attempt<R>(run: () => R): Outcome<R> {
  try {
    return { result: run() };
  } catch (error) {
    if (!isFileError(error)) throw error;
    return { error };
  }
}

/**
 * Every operation is done by the host at once. Who waits for the answer gets it in a turn of its own, as if it had only
 * now come, so that timers and others run meanwhile.
 */
export function answer<R>(request: Request, run: () => R): R | Promise<R> | undefined {
  if (request === undefined) return run();
  const outcome = attempt(run);
  if (request === kUsePromises) {
    return new Promise((resolve, reject) => {
      setImmediate(() => ("error" in outcome ? reject(outcome.error) : resolve(outcome.result)));
    });
  }
  setImmediate(() => {
    if ("error" in outcome) request.oncomplete(outcome.error);
    else if (outcome.result === undefined) request.oncomplete(null);
    else request.oncomplete(null, outcome.result);
  });
  return undefined;
}

type Run = (...args: never[]) => unknown;

/** The operation as Node's library calls it: with the request, if there is one, behind this many arguments. */
export function requestable<F extends Run>(at: number, run: F): Run {
  return (...args: unknown[]) => {
    const request = args[at] as Request;
    if (request === undefined) return Reflect.apply(run, undefined, args);
    return answer(request, () => Reflect.apply(run, undefined, args) as unknown);
  };
}
