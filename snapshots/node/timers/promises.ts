import * as loop from "../../loop.ts";
import { abortError, invalidArgType, nodeError } from "../internal/errors.ts";
import type { AbortSignalLike } from "../internal/web.ts";

interface Options {
  signal?: AbortSignalLike;
  ref?: boolean;
}

interface Handle {
  unref(): unknown;
}

/** @throws {TypeError} Of what kind Node would be, too. */
function checked(options: Options | undefined): Options {
  if (options === undefined) return {};
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw invalidArgType("options", "of type object", options);
  }
  const { signal, ref } = options;
  if (signal !== undefined && (signal === null || typeof signal !== "object" || !("aborted" in signal))) {
    throw invalidArgType("options.signal", "an instance of AbortSignal", signal);
  }
  if (ref !== undefined && typeof ref !== "boolean")
    throw invalidArgType("options.ref", "of type boolean", ref);
  return options;
}

function checkDelay(delay: unknown): void {
  if (delay !== undefined && typeof delay !== "number")
    throw invalidArgType("delay", "of type number", delay);
}

function wait<T>(
  start: (callback: () => void) => Handle,
  clear: (handle: Handle) => void,
  value: T,
  options: Options,
): Promise<T> {
  const { signal, ref = true } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const onAbort = () => {
      clear(handle);
      reject(abortError(signal as AbortSignalLike));
    };
    const handle = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(value);
    });
    if (!ref) handle.unref();
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** What is wrong with the arguments is a rejection, as everything about these. */
function attempt<T>(run: () => Promise<T>): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}

function setTimeout<T>(delay?: number, value?: T, options?: Options): Promise<T | undefined> {
  return attempt(() => {
    checkDelay(delay);
    return wait((callback) => loop.setTimeout(callback, delay), loop.clearTimeout, value, checked(options));
  });
}

function setImmediate<T>(value?: T, options?: Options): Promise<T | undefined> {
  return attempt(() => wait(loop.setImmediate, loop.clearImmediate, value, checked(options)));
}

async function* setInterval<T>(delay?: number, value?: T, options?: Options) {
  checkDelay(delay);
  const { signal, ref } = checked(options);
  if (signal?.aborted) throw abortError(signal);
  let due = 0;
  let wake: (() => void) | undefined;
  const ring = () => wake?.();
  const handle = loop.setInterval(() => {
    due++;
    ring();
  }, delay);
  if (ref === false) handle.unref();
  signal?.addEventListener("abort", ring, { once: true });
  try {
    while (true) {
      if (due === 0 && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      for (; due > 0; due--) yield value;
      if (signal?.aborted) throw abortError(signal);
    }
  } finally {
    loop.clearInterval(handle);
    signal?.removeEventListener("abort", ring);
  }
}

class Scheduler {
  constructor() {
    throw nodeError(TypeError, "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
  }
  wait(delay: number, options?: Options): Promise<void> {
    return setTimeout(delay, undefined, options);
  }
  yield(): Promise<void> {
    return setImmediate();
  }
}

export default {
  setTimeout,
  setImmediate,
  setInterval,
  scheduler: Object.create(Scheduler.prototype) as Scheduler,
};
