import { readFileSync } from "node:fs";
import { join } from "node:path";
import ivm from "isolated-vm";
import { type CodeCacheHashes, codeCacheFile, codeCacheHash, moduleFile } from "../model/guest-files.ts";
import { CodeCache } from "./code-cache.ts";
import type { IsolateOptions } from "./guest-isolate.ts";

/** The guest's base heap and the scripts of the modules that are compiled into an isolate on demand. */
export class GuestHeap {
  readonly #dir: string;
  readonly #modules = new Map<string, string>();
  readonly #snapshot: ivm.ExternalCopy<ArrayBuffer>;
  readonly #names: ReadonlySet<string>;
  readonly #cacheHashes: Map<string, string>;
  readonly #caches = new Map<string, CodeCache>();
  #damagedCaches = 0;

  /** @param dir As `builder/guest-main.ts` laid it out. */
  constructor(dir: string) {
    this.#dir = dir;
    const file = readFileSync(join(dir, "base.snapshot"));
    const bytes = new ArrayBuffer(file.byteLength);
    new Uint8Array(bytes).set(file);
    this.#snapshot = new ivm.ExternalCopy(bytes);
    this.#names = new Set(JSON.parse(readFileSync(join(dir, "modules.json"), "utf8")) as string[]);
    this.#cacheHashes = new Map(Object.entries(this.#readCacheHashes()));
  }

  createIsolate(memoryLimitMb: number, options: IsolateOptions = {}): ivm.Isolate {
    return new ivm.Isolate({ ...options, memoryLimit: memoryLimitMb, snapshot: this.#snapshot });
  }

  /** The script of `node:…` or `brisk:…`, or undefined if there is no such module. */
  moduleScript(specifier: string): string | undefined {
    // The name comes from the guest: it is looked up, never joined to a path as it is.
    if (!this.#names.has(specifier)) return undefined;
    let script = this.#modules.get(specifier);
    if (script === undefined) {
      script = readFileSync(join(this.#dir, "modules", moduleFile(specifier)), "utf8");
      this.#modules.set(specifier, script);
    }
    return script;
  }

  /** The bytecode of that module's script, if there is any: without it V8 compiles as ever. */
  moduleCache(specifier: string): CodeCache | undefined {
    const known = this.#caches.get(specifier);
    if (known !== undefined || !this.#cacheHashes.has(specifier)) return known;
    const cache = this.#readCache(specifier);
    if (cache === undefined) this.#cacheHashes.delete(specifier);
    else this.#caches.set(specifier, cache);
    return cache;
  }

  /** Code caches of modules that were wanted: V8 took them, V8 refused them, or they are not what was once made. */
  get moduleCaches(): { used: number; rejected: number; damaged: number } {
    let rejected = 0;
    for (const cache of this.#caches.values()) if (cache.isRejected) rejected++;
    return { used: this.#caches.size - rejected, rejected, damaged: this.#damagedCaches };
  }

  /** A cache is there to be faster with: whatever is wrong with its file, its script is compiled instead. */
  #readCache(specifier: string): CodeCache | undefined {
    const script = this.moduleScript(specifier);
    try {
      const cache = readFileSync(join(this.#dir, "modules", codeCacheFile(specifier)));
      const hash = codeCacheHash(script ?? "", cache);
      if (hash === this.#cacheHashes.get(specifier)) return new CodeCache(this, cache);
    } catch {
      // Missing, or not ours to read.
    }
    this.#damagedCaches++;
    return undefined;
  }

  #readCacheHashes(): CodeCacheHashes {
    try {
      return JSON.parse(readFileSync(join(this.#dir, "code-caches.json"), "utf8")) as CodeCacheHashes;
    } catch {
      this.#damagedCaches++;
      return {};
    }
  }
}
