import { createHash } from "node:crypto";

/** The file, under `modules/` of a guest folder, in which the script of a guest module lies. */
export function moduleFile(specifier: string): string {
  return `${specifier.replaceAll(/[^a-z0-9]+/gi, "-")}.js`;
}

/** The name under which V8 knows a function's bundle: the same in hosts and where heaps are frozen. */
export const bundleFilename = "/var/task/.brisk/bundle.js";

/**
 * What V8 compiles of a CommonJS file that is not in its function's bundle; the file's first line is the second one. A text
 * that closes the wrapper runs in its own isolate as any other, and within its turn.
 */
export function wrapModule(code: string): string {
  return `(function (exports, require, module, __filename, __dirname, $load$) {\n${code}\n})`;
}

/** The file, beside it, that holds V8's bytecode of that script. */
export function codeCacheFile(specifier: string): string {
  return moduleFile(specifier).replace(/js$/, "cache");
}

/** `code-caches.json` of a guest folder: by specifier, the hash of each module's script and code cache. */
export type CodeCacheHashes = Readonly<Record<string, string>>;

/** SHA-256 in hex. Of both: V8 sees neither a changed cache, nor that a cache is another script's of the same length. */
export function codeCacheHash(script: string, cache: Uint8Array): string {
  return createHash("sha256").update(script).update(cache).digest("hex");
}
