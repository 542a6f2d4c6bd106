import { abortError } from "../internal/errors.ts";
import type { AbortSignalLike } from "../internal/web.ts";

interface Options {
  signal?: AbortSignalLike;
  ref?: boolean;
}
interface Handle {
  unref?(): void;
}
const timers = globalThis as unknown as {
  setTimeout(callback: () => void, delay?: number): Handle;
  setInterval(callback: () => void, delay?: number): Handle;
  setImmediate(callback: () => void): Handle;
  clearTimeout(handle: Handle): void;
};

function wait<T>(start: (callback: () => void) => Handle, value: T, options: Options = {}): Promise<T> {
  const { signal, ref = true } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const onAbort = () => {
      timers.clearTimeout(handle);
      reject(abortError(signal as AbortSignalLike));
    };
    const handle = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve(value);
    });
    if (!ref) handle.unref?.();
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

const setTimeout = <T>(delay?: number, value?: T, options?: Options) =>
  wait((callback) => timers.setTimeout(callback, delay), value, options);
const setImmediate = <T>(value?: T, options?: Options) =>
  wait((callback) => timers.setImmediate(callback), value, options);

async function* setInterval<T>(delay?: number, value?: T, options: Options = {}) {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  let due = 0;
  let wake: (() => void) | undefined;
  const ring = () => wake?.();
  const handle = timers.setInterval(() => {
    due++;
    ring();
  }, delay);
  if (options.ref === false) handle.unref?.();
  signal?.addEventListener("abort", ring, { once: true });
  try {
    while (true) {
      if (signal?.aborted) throw abortError(signal);
      if (due === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      for (; due > 0; due--) yield value;
    }
  } finally {
    timers.clearTimeout(handle);
    signal?.removeEventListener("abort", ring);
  }
}

export default {
  setTimeout,
  setImmediate,
  setInterval,
  scheduler: {
    wait: (delay: number, options?: Options) => setTimeout(delay, undefined, options),
    yield: () => setImmediate(),
  },
};
