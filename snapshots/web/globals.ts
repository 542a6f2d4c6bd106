import { AbortController, AbortSignal } from "./abort.ts";
import { atob, btoa } from "./base64.ts";
import { Crypto, crypto, SubtleCrypto } from "./crypto.ts";
import { DOMException } from "./dom-exception.ts";
import { TextDecoder, TextEncoder } from "./encoding.ts";
import { CustomEvent, Event, EventTarget } from "./event-target.ts";
import { type LazyName, loadLazy } from "./lazy.ts";
import { queueMicrotask, reportError } from "./microtask.ts";
import { Navigator, navigator } from "./navigator.ts";
import { Performance, performance } from "./performance.ts";
import { URL } from "./url.ts";
import { URLSearchParams } from "./url-search-params.ts";

const eager: Readonly<Record<string, unknown>> = {
  AbortController,
  AbortSignal,
  Crypto,
  CustomEvent,
  DOMException,
  Event,
  EventTarget,
  Navigator,
  Performance,
  SubtleCrypto,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  atob,
  btoa,
  crypto,
  navigator,
  performance,
  queueMicrotask,
  reportError,
};

/** Globals whose module is compiled when somebody first looks at one of them: an idle isolate does not pay for them. */
const lazy: { readonly [N in LazyName]?: readonly string[] } = {
  blob: ["Blob", "File"],
  fetch: ["fetch", "Headers", "Request", "Response"],
  "form-data": ["FormData"],
  "message-channel": ["MessageChannel", "MessageEvent", "MessagePort"],
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
};

const { defineProperty } = Object;

/**
 * Every web global. The lazy ones are accessors, on whatever object they are copied to with their descriptors; each
 * becomes an ordinary property of that object when it is first read or assigned.
 */
export const globals: Record<string, unknown> = {};

for (const name in eager) {
  defineProperty(globals, name, { value: eager[name], writable: true, enumerable: true, configurable: true });
}
for (const module of Object.keys(lazy) as LazyName[]) {
  for (const name of lazy[module] ?? []) defineLazy(module, name);
}

function defineLazy(module: LazyName, name: string): void {
  const become = (target: object, value: unknown) =>
    defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  defineProperty(globals, name, {
    get(this: object) {
      const value = (loadLazy(module) as unknown as Record<string, unknown>)[name];
      become(this, value);
      return value;
    },
    set(this: object, value: unknown) {
      become(this, value);
    },
    enumerable: true,
    configurable: true,
  });
}
