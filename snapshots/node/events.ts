import { assertFunction, invalidArgType, nodeError, outOfRange } from "./internal/errors.ts";
import { type AbortSignalLike, web } from "./internal/web.ts";

type Name = string | symbol;
type Listener = ((...args: unknown[]) => unknown) & { listener?: Listener };

export interface EventEmitter {
  _events?: Map<Name, Listener[]> | undefined;
  _eventsCount: number;
  _maxListeners?: number | undefined;
  on(name: Name, listener: Listener): this;
  addListener(name: Name, listener: Listener): this;
  prependListener(name: Name, listener: Listener): this;
  once(name: Name, listener: Listener): this;
  prependOnceListener(name: Name, listener: Listener): this;
  off(name: Name, listener: Listener): this;
  removeListener(name: Name, listener: Listener): this;
  removeAllListeners(name?: Name): this;
  emit(name: Name, ...args: unknown[]): boolean;
  listeners(name: Name): Listener[];
  rawListeners(name: Name): Listener[];
  listenerCount(name: Name, listener?: Listener): number;
  eventNames(): Name[];
  setMaxListeners(count: number): this;
  getMaxListeners(): number;
}

const captureRejectionSymbol = Symbol.for("nodejs.rejection");
const errorMonitor = Symbol("events.errorMonitor");
const kCapture = Symbol("kCapture");
const kStore = Symbol("kListeners");
const warned = new WeakMap<object, Set<Name>>();

let defaultMaxListeners = 10;

interface Internal extends EventEmitter {
  [kStore]?: { owner: object; listeners: Map<Name, Listener[]> };
  [kCapture]?: boolean;
}

/**
 * A plain function, not a class: packages call `EventEmitter.call(this)` and mix its prototype into
 * functions (Express does both).
 */
function EventEmitter(this: Internal, options?: { captureRejections?: boolean }): void {
  init.call(this, options);
}

function init(this: Internal, options?: { captureRejections?: boolean }): void {
  if (this[kStore]?.owner !== this) setStore(this);
  const capture = options?.captureRejections ?? statics.captureRejections;
  if (capture) Object.defineProperty(this, kCapture, { value: true, configurable: true, writable: true });
}

function setStore(emitter: Internal): Map<Name, Listener[]> {
  const listeners = new Map<Name, Listener[]>();
  Object.defineProperty(emitter, kStore, {
    value: { owner: emitter, listeners },
    configurable: true,
    enumerable: false,
    writable: true,
  });
  return listeners;
}

/** As in Node, an object whose prototype is an emitter shares its listeners until it is constructed as one itself. */
function storeOf(emitter: Internal): Map<Name, Listener[]> {
  return emitter[kStore]?.listeners ?? setStore(emitter);
}

function add(emitter: Internal, name: Name, listener: Listener, prepend: boolean): void {
  assertFunction(listener, "listener");
  const store = storeOf(emitter);
  if (store.has("newListener")) emitter.emit("newListener", name, listener.listener ?? listener);
  const present = store.get(name);
  // Listener lists are replaced, never changed, so that an emit in progress goes on with the list it began with.
  const next = present === undefined ? [listener] : prepend ? [listener, ...present] : [...present, listener];
  store.set(name, next);
  warnOfLeak(emitter, name, next.length);
}

function warnOfLeak(emitter: Internal, name: Name, count: number): void {
  const limit = emitter.getMaxListeners();
  if (limit <= 0 || count <= limit) return;
  const names = warned.get(emitter) ?? new Set();
  if (names.has(name)) return;
  warned.set(emitter, names.add(name));
  const warn = (globalThis as { process?: { emitWarning?: (warning: Error) => void } }).process?.emitWarning;
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${count} ${String(name)} listeners added to ${emitter.constructor?.name ?? "EventEmitter"}. MaxListeners is ${limit}. Use emitter.setMaxListeners() to increase limit`,
  );
  warning.name = "MaxListenersExceededWarning";
  warn?.(warning);
}

function onceWrapper(emitter: Internal, name: Name, listener: Listener): Listener {
  assertFunction(listener, "listener");
  let fired = false;
  const wrapper: Listener = (...args) => {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(name, wrapper);
    return listener.apply(emitter, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

function unhandledError(error: unknown): unknown {
  if (error instanceof Error) return error;
  const shown = typeof error === "string" ? `'${error}'` : String(error);
  const made = nodeError(Error, "ERR_UNHANDLED_ERROR", `Unhandled error. (${shown})`);
  return Object.assign(made, { context: error });
}

function captureRejection(emitter: Internal, result: unknown, name: Name, args: unknown[]): void {
  const then = (result as { then?: unknown } | null | undefined)?.then;
  if (typeof then !== "function") return;
  then.call(result, undefined, (error: unknown) => {
    const own = (emitter as unknown as Record<symbol, unknown>)[captureRejectionSymbol];
    if (typeof own === "function") own.call(emitter, error, name, ...args);
    else emitter.emit("error", error);
  });
}

const methods = {
  on(this: Internal, name: Name, listener: Listener) {
    add(this, name, listener, false);
    return this;
  },
  prependListener(this: Internal, name: Name, listener: Listener) {
    add(this, name, listener, true);
    return this;
  },
  once(this: Internal, name: Name, listener: Listener) {
    return this.on(name, onceWrapper(this, name, listener));
  },
  prependOnceListener(this: Internal, name: Name, listener: Listener) {
    return this.prependListener(name, onceWrapper(this, name, listener));
  },
  removeListener(this: Internal, name: Name, listener: Listener) {
    assertFunction(listener, "listener");
    const store = storeOf(this);
    const present = store.get(name);
    if (present === undefined) return this;
    const at = present.findLastIndex((one) => one === listener || one.listener === listener);
    if (at < 0) return this;
    const removed = present[at] as Listener;
    if (present.length === 1) store.delete(name);
    else store.set(name, present.toSpliced(at, 1));
    if (store.has("removeListener")) this.emit("removeListener", name, removed.listener ?? listener);
    return this;
  },
  removeAllListeners(this: Internal, name?: Name) {
    const store = storeOf(this);
    if (!store.has("removeListener")) {
      if (name === undefined) store.clear();
      else store.delete(name);
      return this;
    }
    if (name === undefined) {
      for (const key of [...store.keys()]) if (key !== "removeListener") this.removeAllListeners(key);
      this.removeAllListeners("removeListener");
      store.clear();
      return this;
    }
    for (const listener of (store.get(name) ?? []).toReversed()) this.removeListener(name, listener);
    return this;
  },
  emit(this: Internal, name: Name, ...args: unknown[]): boolean {
    const store = storeOf(this);
    if (name === "error") {
      if (store.has(errorMonitor)) this.emit(errorMonitor, ...args);
      if (!store.has("error")) throw unhandledError(args[0]);
    }
    const present = store.get(name);
    if (present === undefined) return false;
    const capture = this[kCapture] === true;
    for (const listener of present) {
      const result = listener.apply(this, args);
      if (capture && result !== undefined && result !== null) captureRejection(this, result, name, args);
    }
    return true;
  },
  listeners(this: Internal, name: Name) {
    return (storeOf(this).get(name) ?? []).map((one) => one.listener ?? one);
  },
  rawListeners(this: Internal, name: Name) {
    return [...(storeOf(this).get(name) ?? [])];
  },
  listenerCount(this: Internal, name: Name, listener?: Listener) {
    const present = storeOf(this).get(name) ?? [];
    if (listener === undefined || listener === null) return present.length;
    return present.filter((one) => one === listener || one.listener === listener).length;
  },
  eventNames(this: Internal) {
    return [...storeOf(this).keys()];
  },
  setMaxListeners(this: Internal, count: number) {
    checkCount(count, "setMaxListeners");
    this._maxListeners = count;
    return this;
  },
  getMaxListeners(this: Internal) {
    return this._maxListeners ?? defaultMaxListeners;
  },
};

function checkCount(count: number, name: string): void {
  if (typeof count !== "number" || count < 0 || Number.isNaN(count)) {
    throw outOfRange(name, "a non-negative number", count);
  }
}

const prototype = EventEmitter.prototype as Record<string, unknown>;
Object.assign(prototype, methods);
prototype["addListener"] = methods.on;
prototype["off"] = methods.removeListener;
prototype["_maxListeners"] = undefined;
Object.defineProperty(prototype, "_events", {
  configurable: true,
  get(this: Internal) {
    return Object.fromEntries(storeOf(this));
  },
  // Old packages reset an emitter by assigning to it.
  set(this: Internal) {
    setStore(this);
  },
});
Object.defineProperty(prototype, "_eventsCount", {
  configurable: true,
  get(this: Internal) {
    return storeOf(this).size;
  },
  set() {},
});

type Target = EventEmitter | { addEventListener: unknown; removeEventListener: unknown };
type WebTarget = {
  addEventListener(name: Name, listener: (event: unknown) => void, options?: { once?: boolean }): void;
  removeEventListener(name: Name, listener: (event: unknown) => void): void;
};

const isEmitter = (target: Target): target is EventEmitter =>
  typeof (target as EventEmitter).on === "function";

function abortError(signal: AbortSignalLike): Error {
  const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");
  error.name = "AbortError";
  return Object.assign(error, { cause: signal.reason });
}

/** Resolves with the arguments of the next such event; rejects on `error`, unless that is the event waited for. */
function once(target: Target, name: Name, options: { signal?: AbortSignalLike } = {}): Promise<unknown[]> {
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
function on(
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

function addAbortListener(signal: AbortSignalLike, listener: () => void): { [Symbol.dispose](): void } {
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

class EventEmitterAsyncResource extends (EventEmitter as unknown as new (options?: object) => EventEmitter) {}

const statics = {
  captureRejections: false,
  captureRejectionSymbol,
  errorMonitor,
  usingDomains: false,
  once,
  on,
  addAbortListener,
  EventEmitterAsyncResource,
  init,
  getEventListeners: (emitter: EventEmitter, name: Name) =>
    isEmitter(emitter) ? emitter.listeners(name) : [],
  listenerCount: (emitter: EventEmitter, name: Name) => emitter.listenerCount(name),
  getMaxListeners: (emitter: EventEmitter) =>
    isEmitter(emitter) ? emitter.getMaxListeners() : defaultMaxListeners,
  setMaxListeners(count: number = defaultMaxListeners, ...emitters: EventEmitter[]) {
    checkCount(count, "n");
    if (emitters.length === 0) defaultMaxListeners = count;
    for (const emitter of emitters) if (isEmitter(emitter)) emitter.setMaxListeners(count);
  },
};

const exported = Object.assign(EventEmitter, statics) as unknown as typeof statics & {
  new (options?: { captureRejections?: boolean }): EventEmitter;
  EventEmitter: unknown;
  defaultMaxListeners: number;
};
exported.EventEmitter = EventEmitter;
Object.defineProperty(exported, "defaultMaxListeners", {
  enumerable: true,
  get: () => defaultMaxListeners,
  set(count: number) {
    checkCount(count, "defaultMaxListeners");
    defaultMaxListeners = count;
  },
});

export default exported;
