import { LRUCache } from "lru-cache";
import type { BundleText, VersionSpec } from "../model/version.ts";

/** A bundle's text, checked. */
export type BundleReader = (spec: VersionSpec) => Promise<BundleText>;

/** Bundles on their way to hosts. Read from disk once, so that the next cold start of a function does not wait for it. */
export class BundleCache {
  readonly #texts: LRUCache<string, BundleText>;

  readonly #read: BundleReader;

  constructor(maxBytes: number, read: BundleReader) {
    this.#read = read;
    this.#texts = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (text) => Math.max(1, text.script.byteLength + text.map.byteLength),
    });
  }

  peek(hash: string): BundleText | undefined {
    return this.#texts.get(hash);
  }

  async read(spec: VersionSpec): Promise<BundleText> {
    const text = await this.#read(spec);
    this.#texts.set(spec.bundle.hash, text);
    return text;
  }
}
