import { assertFunction, nodeError, outOfRange } from "./internal/errors.ts";
import { addAbortListener, isEmitter, on, once } from "./internal/event-waiting.ts";

export type Name = string | symbol;
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
