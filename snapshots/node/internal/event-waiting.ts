import type { EventEmitter, Name } from "../events.ts";
import { abortError, assertFunction, invalidArgType } from "./errors.ts";
import { type AbortSignalLike, web } from "./web.ts";

export type Target = EventEmitter | { addEventListener: unknown; removeEventListener: unknown };
type WebTarget = {
  addEventListener(name: Name, listener: (event: unknown) => void, options?: { once?: boolean }): void;
  removeEventListener(name: Name, listener: (event: unknown) => void): void;
};

export const isEmitter = (target: Target): target is EventEmitter =>
  typeof (target as EventEmitter).on === "function";

/** Resolves with the arguments of the next such event; rejects on `error`, unless that is the event waited for. */
export function once(
  target: Target,
  name: Name,
  options: { signal?: AbortSignalLike } = {},
): Promise<unknown[]> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const settle = () => signal?.removeEventListener("abort", onAbort);
    const onEvent = (...args: unknown[]) => {
      if (isEmitter(target)) target.removeListener("error", onError);
      settle();
      resolve(args);
    };
    const onError = (error: unknown) => {
      if (isEmitter(target)) target.removeListener(name, onEvent);
      settle();
      reject(error);
    };
    const onAbort = () => {
      if (isEmitter(target)) {
        target.removeListener(name, onEvent);
        target.removeListener("error", onError);
      } else (target as WebTarget).removeEventListener(name, onEvent);
      reject(abortError(signal as AbortSignalLike));
    };
    if (isEmitter(target)) {
      target.once(name, onEvent);
      if (name !== "error") target.once("error", onError);
    } else if (typeof (target as WebTarget)?.addEventListener === "function") {
      (target as WebTarget).addEventListener(name, onEvent, { once: true });
    } else return reject(invalidArgType("emitter", "an instance of EventEmitter", target));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** An async iterator over the arguments of each such event. */
export function on(
  emitter: EventEmitter,
  name: Name,
  options: { signal?: AbortSignalLike; close?: Name[] } = {},
): AsyncIterableIterator<unknown[]> {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  const queued: unknown[][] = [];
  const waiting: PromiseWithResolvers<IteratorResult<unknown[]>>[] = [];
  let failure: { error: unknown } | undefined;
  let finished = false;
  const onEvent = (...args: unknown[]) => {
    const next = waiting.shift();
    if (next) next.resolve({ value: args, done: false });
    else queued.push(args);
  };
  const onError = (error: unknown) => {
    const next = waiting.shift();
    if (next) next.reject(error);
    else failure = { error };
    void finish();
  };
  const onAbort = () => onError(abortError(signal as AbortSignalLike));
  const onClose = () => void finish();
  const finish = () => {
    emitter.removeListener(name, onEvent);
    if (name !== "error") emitter.removeListener("error", onError);
    for (const close of options.close ?? []) emitter.removeListener(close, onClose);
    signal?.removeEventListener("abort", onAbort);
    finished = true;
    for (const one of waiting.splice(0)) one.resolve({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true as const });
  };
  emitter.on(name, onEvent);
  if (name !== "error") emitter.on("error", onError);
  for (const close of options.close ?? []) emitter.on(close, onClose);
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    next() {
      const value = queued.shift();
      if (value) return Promise.resolve({ value, done: false });
      if (failure) {
        const { error } = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      if (finished) return Promise.resolve({ value: undefined, done: true });
      const next = Promise.withResolvers<IteratorResult<unknown[]>>();
      waiting.push(next);
      return next.promise;
    },
    return: finish,
    throw(error: unknown) {
      onError(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  } as AsyncIterableIterator<unknown[]>;
}

export function addAbortListener(
  signal: AbortSignalLike,
  listener: () => void,
): { [Symbol.dispose](): void } {
  assertFunction(listener, "listener");
  if (signal.aborted) {
    web.queueMicrotask(() => listener());
    return { [Symbol.dispose]() {} };
  }
  signal.addEventListener("abort", listener, { once: true });
  return {
    [Symbol.dispose]() {
      signal.removeEventListener("abort", listener);
    },
  };
}
