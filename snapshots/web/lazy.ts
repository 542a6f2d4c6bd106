import { requireInternal } from "../registry.ts";

/** The globals' modules that are compiled at first use, by their files under lazy/. */
interface LazyModules {
  abort: typeof import("./lazy/abort.ts");
  base64: typeof import("./lazy/base64.ts");
  blob: typeof import("./lazy/blob.ts");
  compression: typeof import("./lazy/compression.ts");
  crypto: typeof import("./lazy/crypto.ts");
  "crypto-subtle": typeof import("./lazy/crypto-subtle.ts");
  "dom-exception": typeof import("./lazy/dom-exception.ts");
  encoding: typeof import("./lazy/encoding.ts");
  "event-target": typeof import("./lazy/event-target.ts");
  fetch: typeof import("./lazy/fetch.ts");
  "form-data": typeof import("./lazy/form-data.ts");
  "broadcast-channel": typeof import("./lazy/broadcast-channel.ts");
  "close-event": typeof import("./lazy/close-event.ts");
  "error-event": typeof import("./lazy/error-event.ts");
  "event-source": typeof import("./lazy/event-source.ts");
  "message-channel": typeof import("./lazy/message-channel.ts");
  "message-event": typeof import("./lazy/message-event.ts");
  navigator: typeof import("./lazy/navigator.ts");
  performance: typeof import("./lazy/performance.ts");
  storage: typeof import("./lazy/storage.ts");
  streams: typeof import("./lazy/streams.ts");
  "structured-clone": typeof import("./lazy/structured-clone.ts");
  url: typeof import("./lazy/url.ts");
  "url-pattern": typeof import("./lazy/url-pattern.ts");
  "url-search-params": typeof import("./lazy/url-search-params.ts");
  "web-assembly": typeof import("./lazy/web-assembly.ts");
  "web-socket": typeof import("./lazy/web-socket.ts");
}

export type LazyName = keyof LazyModules;

/** Loads one of them, or gives back the one that was loaded before. */
export function loadLazy<N extends LazyName>(name: N): LazyModules[N] {
  return requireInternal(`brisk:web/lazy/${name}`) as LazyModules[N];
}
