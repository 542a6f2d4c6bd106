import { readFile } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import type { Bundle } from "../model/version.ts";

export interface BundleText {
  readonly script: Buffer;
  readonly map: Buffer;
}

/** Bundles on their way to hosts. Read from disk once, so that the next cold start of a function does not wait for it. */
export class BundleCache {
  readonly #texts: LRUCache<string, BundleText>;

  constructor(maxBytes: number) {
    this.#texts = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (text) => Math.max(1, text.script.byteLength + text.map.byteLength),
    });
  }

  peek(hash: string): BundleText | undefined {
    return this.#texts.get(hash);
  }

  async read(bundle: Bundle): Promise<BundleText> {
    const [script, map] = await Promise.all([readFile(bundle.scriptFile), readFile(bundle.mapFile)]);
    const text = { script, map };
    this.#texts.set(bundle.hash, text);
    return text;
  }
}
