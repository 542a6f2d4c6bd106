import { requireInternal } from "../registry.ts";

/** The globals' modules that are compiled at first use, by their files under lazy/. */
interface LazyModules {
  blob: typeof import("./lazy/blob.ts");
  fetch: typeof import("./lazy/fetch.ts");
  "form-data": typeof import("./lazy/form-data.ts");
  "message-channel": typeof import("./lazy/message-channel.ts");
  streams: typeof import("./lazy/streams.ts");
  "structured-clone": typeof import("./lazy/structured-clone.ts");
}

export type LazyName = keyof LazyModules;

/** Loads one of them, or gives back the one that was loaded before. */
export function loadLazy<N extends LazyName>(name: N): LazyModules[N] {
  return requireInternal(`brisk:web/lazy/${name}`) as LazyModules[N];
}
