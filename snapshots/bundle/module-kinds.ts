import { nodeError } from "./loader-errors.ts";
import type { Module } from "./module.ts";

/** What is done with files that are no JavaScript, when they are evaluated. */
export function parseJson(path: string, text: string, module: Module): void {
  try {
    module.exports = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function refuseNative(path: string): never {
  const reason = path.endsWith(".wasm")
    ? "WebAssembly cannot be imported in an isolate: read the file with node:fs, and compile it with WebAssembly.compile"
    : "native addons cannot be loaded in an isolate: use a package of JavaScript or WebAssembly alone";
  throw nodeError("ERR_DLOPEN_FAILED", `${path}: ${reason}`);
}

export function refuseTyped(path: string): never {
  throw nodeError(
    "ERR_MODULE_NOT_BUNDLED",
    `Cannot load ${path}: TypeScript and JSX are compiled when a function is deployed, and nothing in its code names this file. Import it somewhere by its literal name`,
  );
}
