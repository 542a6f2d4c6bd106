import { callSync } from "../../bridge.ts";
import { builtinNames } from "../../node/internal/builtin-names.ts";
import { processState } from "../../process-state.ts";
import { compiledFile, requireInternal } from "../../registry.ts";
import type { FunctionFiles, RequestKind, Target, UnbundledModule, Wrapper } from "../module.ts";
import { dirname, extname } from "../paths.ts";
import { type ModuleFiles, ModuleResolver } from "./resolve-module.ts";

const builtins = new Set<string>(builtinNames);
/** Extensions that are compiled when a function is deployed, whatever is in them. */
const compiledExtensions = new Set([".mjs", ".mts", ".ts", ".cts", ".tsx", ".jsx"]);
const fileTypeBits = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;

/** The environment's files, for modules that are not in the bundle: found by Node's rules, CommonJS is compiled from its text. */
export function createFunctionFiles(): FunctionFiles {
  const files = new GuestFiles();
  const resolver = new ModuleResolver(files, processState.runtime, (name) => builtins.has(name));
  return {
    resolve(specifier: string, importer: string, kind: RequestKind): Target {
      const found = resolver.resolve(specifier, importer, kind);
      if (found.kind === "file") return found.path;
      return found.kind === "builtin" ? found.name : [found.code, found.message];
    },
    packageFolders: (importer) => resolver.packageFolders(importer),
    read: (path) => readModule(path, files),
  };
}

function readModule(path: string, files: ModuleFiles): UnbundledModule {
  const extension = extname(path);
  if (extension === ".node" || extension === ".wasm") return { kind: "native" };
  if (compiledExtensions.has(extension)) return { kind: "esm" };
  const text = textOf(path);
  if (extension === ".json") return { kind: "json", text };
  const type = extension === ".cjs" ? "commonjs" : files.packageScope(path)?.json["type"];
  if (type === "module") return { kind: "esm" };
  const code = text.startsWith("#!") ? `//${text.slice(2)}` : text;
  if (!/\b(import|export)\b/.test(code)) return compile(path, code);
  const syntax = requireInternal("brisk:bundle/lazy/module-syntax") as typeof import("./module-syntax.ts");
  const read = syntax.readSyntax(code);
  if (read.isModule && type !== "commonjs") return { kind: "esm" };
  return compile(path, read.code);
}

/** Refused or compiled by the host, which hands the function in before it answers. */
function compile(path: string, code: string): UnbundledModule {
  const complaint = callSync("module.compile", path, code) as string | undefined;
  if (complaint !== undefined) {
    const [, line = "1", column = "1", message = ""] = /^(\d+):(\d+):(.*)$/s.exec(complaint) ?? [];
    const error = new SyntaxError(message);
    error.stack = `SyntaxError: ${message}\n    at ${path}:${line}:${column}`;
    throw error;
  }
  return { kind: "cjs", run: compiledFile(path) as unknown as Wrapper };
}

function textOf(path: string): string {
  const text = callSync("fs.readFile", path, true);
  if (typeof text !== "string") throw unreadable(path, text);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function unreadable(path: string, answer: unknown): Error {
  const tooLarge = answer === -27;
  const reason = tooLarge
    ? "it is too large to be loaded as a module"
    : `reading it failed (${String(answer)})`;
  return Object.assign(new Error(`Cannot load ${path}: ${reason}`), { code: tooLarge ? "EFBIG" : "EIO" });
}

/** What can change is asked for anew; package.json files are kept, as Node does. */
class GuestFiles implements ModuleFiles {
  readonly #json = new Map<string, Record<string, unknown> | undefined>();

  isFile(path: string): boolean {
    return fileType(path) === regularFile;
  }

  isDirectory(path: string): boolean {
    return fileType(path) === directory;
  }

  real(path: string): string {
    const real = callSync("fs.realpath", path);
    return typeof real === "string" ? real : path;
  }

  packageJson(folder: string): Record<string, unknown> | undefined {
    if (!this.#json.has(folder)) this.#json.set(folder, readJson(`${folder}/package.json`));
    return this.#json.get(folder);
  }

  packageScope(path: string): { folder: string; json: Record<string, unknown> } | undefined {
    for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
      if (folder.endsWith("/node_modules")) return undefined;
      const json = this.packageJson(folder);
      if (json !== undefined) return { folder, json };
    }
    return undefined;
  }
}

function fileType(path: string): number {
  // Longer than any path that there is; the host would refuse to look.
  if (path.length > 4096) return 0;
  const stat = callSync("fs.stat", path, true);
  return typeof stat === "string" ? Number(stat.split(",")[1]) & fileTypeBits : 0;
}

function readJson(path: string): Record<string, unknown> | undefined {
  const text = callSync("fs.readFile", path, true);
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
