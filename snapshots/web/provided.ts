import type { Provided } from "../provides.ts";

function eager(from: Provided["from"], names: readonly string[], missing?: string): Provided[] {
  return names.map((name) => ({ name, kind: "global", from, lazy: false, ...(missing && { missing }) }));
}

function lazy(from: Provided["from"], names: readonly string[], missing?: string): Provided[] {
  return names.map((name) => ({ name, kind: "global", from, lazy: true, ...(missing && { missing }) }));
}

/** The web-standard globals; where the host does the work, it is named. */
export const webProvided: readonly Provided[] = [
  ...lazy("ours", ["AbortController", "AbortSignal"]),
  ...lazy("ours", ["Event", "CustomEvent", "EventTarget", "DOMException", "QuotaExceededError"]),
  ...lazy("host", ["atob", "btoa"]),
  ...eager("ours", ["queueMicrotask", "reportError"]),
  ...lazy("ours", ["URLSearchParams", "TextEncoder"]),
  ...lazy("host", ["TextDecoder"]),
  ...lazy("host", ["URL"]),
  ...lazy("ours", ["URLPattern"]),
  ...lazy("host", ["crypto", "Crypto"]),
  ...lazy(
    "host",
    ["CryptoKey", "SubtleCrypto"],
    "RSA keys of more than 4096 bits are not generated; bounds on iterations, on memory and on the length of what is derived",
  ),
  ...lazy(
    "ours",
    ["performance", "Performance"],
    "how busy the event loop is, and the moments of Node's own start: all are 0",
  ),
  ...lazy(
    "ours",
    ["PerformanceObserver", "PerformanceObserverEntryList"],
    "entries of types other than function, mark, measure and resource",
  ),
  ...lazy("ours", ["PerformanceEntry", "PerformanceMark", "PerformanceMeasure"]),
  ...lazy("ours", ["PerformanceResourceTiming"], "fetches make none"),
  ...lazy("ours", ["navigator"]),
  ...lazy("ours", ["Navigator"], "locks are those of one isolate"),
  ...lazy("ours", ["Storage", "sessionStorage"], "what is kept is gone with the environment; not enumerable"),
  ...lazy("ours", ["localStorage"], "undefined, as in Node without a file for it"),
  ...lazy("ours", ["structuredClone"], "a proxy behind the first 2048 objects is cloned as its target"),
  ...lazy(
    "ours",
    ["WebSocket", "CloseEvent", "ErrorEvent"],
    "compression of messages; messages of more than 64 MiB",
  ),
  ...lazy("ours", ["EventSource"]),
  ...lazy("ours", ["MessageChannel", "MessageEvent", "MessagePort", "BroadcastChannel"]),
  ...lazy("host", ["fetch"], "HTTP/2, file: URLs"),
  ...lazy("ours", ["Headers", "Request", "Response", "FormData", "Blob", "File"]),
  ...lazy(
    "package",
    ["ReadableStream", "WritableStream", "TransformStream"],
    "transferring to another realm",
  ),
  ...lazy("package", [
    "ReadableStreamDefaultReader",
    "ReadableStreamBYOBReader",
    "ReadableStreamBYOBRequest",
  ]),
  ...lazy("package", ["ReadableStreamDefaultController", "ReadableByteStreamController"]),
  ...lazy("package", ["WritableStreamDefaultController", "WritableStreamDefaultWriter"]),
  ...lazy("package", ["TransformStreamDefaultController"]),
  ...lazy("package", ["ByteLengthQueuingStrategy", "CountQueuingStrategy"]),
  ...lazy("ours", ["TextDecoderStream", "TextEncoderStream"]),
  ...lazy("host", ["CompressionStream", "DecompressionStream"]),
];
