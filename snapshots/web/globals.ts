import { type LazyName, loadLazy } from "./lazy.ts";
import { queueMicrotask, reportError } from "./microtask.ts";

const eager: Readonly<Record<string, unknown>> = {
  queueMicrotask,
  reportError,
};

/** Globals whose module is compiled when somebody first looks at one of them: an idle isolate does not pay for them. */
const lazy: { readonly [N in LazyName]?: readonly string[] } = {
  abort: ["AbortController", "AbortSignal"],
  base64: ["atob", "btoa"],
  blob: ["Blob", "File"],
  compression: ["CompressionStream", "DecompressionStream"],
  crypto: ["Crypto", "crypto"],
  "crypto-subtle": ["CryptoKey", "SubtleCrypto"],
  "dom-exception": ["DOMException", "QuotaExceededError"],
  encoding: ["TextDecoder", "TextEncoder"],
  "event-target": ["CustomEvent", "Event", "EventTarget"],
  fetch: ["fetch", "Headers", "Request", "Response"],
  "form-data": ["FormData"],
  "broadcast-channel": ["BroadcastChannel"],
  "close-event": ["CloseEvent"],
  "error-event": ["ErrorEvent"],
  "event-source": ["EventSource"],
  "message-channel": ["MessageChannel", "MessagePort"],
  "message-event": ["MessageEvent"],
  navigator: ["Navigator", "navigator"],
  performance: [
    "Performance",
    "PerformanceEntry",
    "PerformanceMark",
    "PerformanceMeasure",
    "PerformanceObserver",
    "PerformanceObserverEntryList",
    "PerformanceResourceTiming",
    "performance",
  ],
  storage: ["Storage", "localStorage", "sessionStorage"],
  streams: [
    "ByteLengthQueuingStrategy",
    "CountQueuingStrategy",
    "ReadableByteStreamController",
    "ReadableStream",
    "ReadableStreamBYOBReader",
    "ReadableStreamBYOBRequest",
    "ReadableStreamDefaultController",
    "ReadableStreamDefaultReader",
    "TextDecoderStream",
    "TextEncoderStream",
    "TransformStream",
    "TransformStreamDefaultController",
    "WritableStream",
    "WritableStreamDefaultController",
    "WritableStreamDefaultWriter",
  ],
  "structured-clone": ["structuredClone"],
  url: ["URL"],
  "url-pattern": ["URLPattern"],
  "url-search-params": ["URLSearchParams"],
  "web-socket": ["WebSocket"],
};

/** Those that show in `Object.keys(globalThis)`, as in Node. */
const enumerable: Readonly<Record<string, true>> = {
  atob: true,
  btoa: true,
  clearImmediate: true,
  clearInterval: true,
  clearTimeout: true,
  crypto: true,
  fetch: true,
  global: true,
  navigator: true,
  performance: true,
  queueMicrotask: true,
  setImmediate: true,
  setInterval: true,
  setTimeout: true,
  structuredClone: true,
};

export function isEnumerable(name: string): boolean {
  return enumerable[name] === true;
}

const { defineProperty, getOwnPropertyDescriptor } = Object;

/**
 * Every web global. The lazy ones are accessors, on whatever object they are copied to with their descriptors; those
 * of one module become ordinary properties of that object when one of them is first read, or one when it is assigned.
 */
export const globals: Record<string, unknown> = {};

for (const name in eager) {
  defineProperty(globals, name, { value: eager[name], writable: true, enumerable: true, configurable: true });
}
for (const module of Object.keys(lazy) as LazyName[]) {
  for (const name of lazy[module] ?? []) defineLazy(module, name);
}

function become(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, enumerable: isEnumerable(name), configurable: true });
}

function becomeAll(target: object, module: LazyName): Record<string, unknown> {
  const loaded = loadLazy(module) as unknown as Record<string, unknown>;
  for (const name of lazy[module] ?? []) {
    const getter = getOwnPropertyDescriptor(target, name)?.get;
    // What the guest put there itself stays.
    if (getter !== undefined && getter === getOwnPropertyDescriptor(globals, name)?.get) {
      become(target, name, loaded[name]);
    }
  }
  return loaded;
}

function defineLazy(module: LazyName, name: string): void {
  defineProperty(globals, name, {
    get(this: object) {
      return becomeAll(this, module)[name];
    },
    set(this: object, value: unknown) {
      become(this, name, value);
    },
    enumerable: true,
    configurable: true,
  });
}
