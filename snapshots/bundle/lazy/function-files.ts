import { contextKeeper } from "../../async-context.ts";
import { callSync } from "../../bridge.ts";
import { builtinNames } from "../../node/internal/builtin-names.ts";
import { processState } from "../../process-state.ts";
import { compiledFile, requireInternal } from "../../registry.ts";
import type { EsmText, FunctionFiles, RequestKind, Target, UnbundledModule, Wrapper } from "../module.ts";
import { extname } from "../paths.ts";
import { type ModuleFiles, ModuleResolver, packageScope } from "./resolve-module.ts";

const builtins = new Set<string>(builtinNames);
/** What has to be compiled when a function is deployed. */
const typedExtensions = new Set([".mts", ".ts", ".cts", ".tsx", ".jsx"]);
const fileTypeBits = 0o170000;
const regularFile = 0o100000;
const directory = 0o040000;

/** The environment's files, for modules that are not in the bundle: found by Node's rules, and compiled from their text. */
export function createFunctionFiles(): FunctionFiles {
  const files = new GuestFiles();
  const resolver = new ModuleResolver(files, processState.runtime, (name) => builtins.has(name));
  return {
    resolve(specifier: string, importer: string, kind: RequestKind): Target {
      const found = resolver.resolve(specifier, importer, kind);
      if (found.kind === "file") return found.path;
      return found.kind === "builtin" ? found.name : [found.code, found.message];
    },
    linkEsm: (host) => {
      const { EsModules } = requireInternal(
        "brisk:bundle/lazy/es-modules",
      ) as typeof import("./es-modules.ts");
      return new EsModules(host);
    },
    packageFolders: (importer) => resolver.packageFolders(importer),
    read: (path) => readModule(path, files),
  };
}

function readModule(path: string, files: ModuleFiles): UnbundledModule {
  const extension = extname(path);
  if (extension === ".node" || extension === ".wasm") return { kind: "native" };
  if (typedExtensions.has(extension)) return { kind: "typed" };
  const text = textOf(path);
  if (extension === ".json") return { kind: "json", text };
  const code = text.startsWith("#!") ? `//${text.slice(2)}` : text;
  if (extension === ".mjs") return compileEsm(path, code);
  const type = extension === ".cjs" ? "commonjs" : packageScope(files, path)?.json["type"];
  if (type === "module") return compileEsm(path, code);
  const mayBeModule = type !== "commonjs" && /\b(import|export)\b/.test(code);
  if (mayBeModule && syntaxOf(code).isModule) return compileEsm(path, code);
  return { kind: "cjs", compile: () => compileCommonJs(path, code) };
}

function syntaxOf(code: string): { isModule: boolean; code: string } {
  const syntax = requireInternal("brisk:bundle/lazy/module-syntax") as typeof import("./module-syntax.ts");
  return syntax.readSyntax(code);
}

function parser(): typeof import("./parsed-code.ts") {
  return requireInternal("brisk:bundle/lazy/parsed-code") as typeof import("./parsed-code.ts");
}

function contextCells(): object {
  const cells = requireInternal("brisk:bundle/lazy/context-cells") as typeof import("./context-cells.ts");
  return cells.contextCells;
}

function compileEsm(path: string, code: string): UnbundledModule {
  const { code: script, ...text } = parser().esModuleText(path, code);
  const make = compile(path, script) as unknown as () => EsmText["run"];
  return { kind: "esm", text: { ...text, run: make() } };
}

function compileCommonJs(path: string, code: string): Wrapper {
  // Whether there are contexts, or may be as soon as this code runs.
  const hasContexts = contextKeeper() !== undefined || code.includes("async_hooks");
  if (!hasContexts || !/\bawait\b/.test(code))
    return compile(path, /\bimport\b/.test(code) ? syntaxOf(code).code : code);
  const run = compile(path, parser().withContexts(path, code));
  const cells = contextCells();
  return function (exports, require, module, filename, folder, load) {
    run.call(this, exports, require, module, filename, folder, Object.assign(load, cells));
  };
}

/** Refused or compiled by the host, which hands the function in before it answers. */
function compile(path: string, code: string): Wrapper {
  const complaint = callSync("module.compile", path, code) as string | undefined;
  if (complaint === undefined) return compiledFile(path) as unknown as Wrapper;
  const [, line = "1", column = "1", message = ""] = /^(\d+):(\d+):(.*)$/s.exec(complaint) ?? [];
  const error = new SyntaxError(message);
  error.stack = `SyntaxError: ${message}\n    at ${path}:${line}:${column}`;
  throw error;
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
