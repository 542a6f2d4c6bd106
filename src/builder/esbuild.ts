import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import type * as EsbuildModule from "esbuild-wasm";

/** The part of esbuild that a builder uses. */
export type Esbuild = Pick<typeof EsbuildModule, "build" | "transform">;

/** Node's types leave it to the DOM's. */
interface WithWebAssembly {
  WebAssembly: { compile(bytes: Uint8Array): Promise<WebAssembly.Module> };
}

/**
 * Code of up to so many zipped bytes is bundled before V8's optimizing compiler for WebAssembly pays for what it does:
 * without it a function of a few lines is built in half of the processor time, one of 210 KB zipped too, one of 450 KB
 * in as much.
 */
const smallZipBytes = 256 * 1024;
/** What `--liftoff-only` means at V8's start has to be said one by one later on. */
const noOptimizing = ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"];

/**
 * Starts esbuild inside of this process. Its Node API would spawn a process of its own, which the permission
 * model refuses; the browser build runs where it is loaded, and sees no files but those that plugins give it.
 */
export async function startEsbuild(zipBytes: number): Promise<Esbuild> {
  if (zipBytes <= smallZipBytes) for (const flag of noOptimizing) setFlagsFromString(flag);
  const require = createRequire(import.meta.url);
  const bytes = await readFile(require.resolve("esbuild-wasm/esbuild.wasm"));
  const wasmModule = await (globalThis as unknown as WithWebAssembly).WebAssembly.compile(bytes);
  // The browser build looks for its global under the name that browsers have.
  Object.assign(globalThis, { self: globalThis });
  const esbuild = (await import("esbuild-wasm/esm/browser.min.js" as string)) as typeof EsbuildModule;
  await esbuild.initialize({ wasmModule, worker: false });
  return esbuild;
}

/** Started when there is something to do for it, which not every function has. */
export function esbuildOnDemand(zipBytes: number): Esbuild {
  let started: Promise<Esbuild> | undefined;
  const start = (): Promise<Esbuild> => {
    started ??= startEsbuild(zipBytes);
    return started;
  };
  return {
    build: (async (options) => (await start()).build(options)) as Esbuild["build"],
    transform: (async (text, options) => (await start()).transform(text, options)) as Esbuild["transform"],
  };
}

/** Of a size that a person edits. */
const sample =
  "import { a } from './a.js'; interface B { c: string } export const handler = async ({ c }: B) => { await a(); return { c }; };";

/** Starts at once, and does once what a small function needs: the first time takes V8 twenty times as long as the next ones. */
export function warmEsbuild(): Esbuild {
  const esbuild = esbuildOnDemand(0);
  const warm = async (): Promise<void> => {
    const { code } = await esbuild.transform(sample, { loader: "ts", sourcemap: "external" });
    await esbuild.build({
      stdin: { contents: code },
      bundle: true,
      write: false,
      format: "esm",
      outfile: "/warm.js",
      sourcemap: "external",
      keepNames: true,
      external: ["*"],
      logLevel: "silent",
    });
  };
  // A job that fails over the same will say so.
  warm().catch(() => {});
  return esbuild;
}

/** Native await cannot carry an async context across, so code that uses async_hooks gets it as generators. */
export const loweredAsync = {
  using: false,
  "async-await": false,
  "async-generator": false,
  "for-await": false,
} as const;

/**
 * How code is written into a bundle. V8 keeps a script's text in every heap, with two bytes a character as soon as one
 * is not of Latin-1, so other characters are escaped. V8 crashes on `using` outside of a plain function while it freezes
 * a heap (seen with 14.6), so code gets `try` and `finally` instead.
 */
export const printing = { charset: "ascii", supported: { using: false } } as const;
