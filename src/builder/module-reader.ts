import type { TransformOptions } from "esbuild-wasm";
import type { ModuleResolver, RequestKind, Resolution } from "../../snapshots/bundle/lazy/resolve-module.ts";
import type { Esbuild } from "./esbuild.ts";
import { loweredAsync, printing } from "./esbuild.ts";
import { findRequests, importsOf, isWrittenLater } from "./module-requests.ts";
import type { PackageFiles } from "./package-files.ts";
import { plainCommonJs } from "./plain-script.ts";
import {
  formatOf,
  parsesAsCommonJs,
  readSourceModule,
  type SourceModule,
  SourceSyntaxError,
  toSyntaxError,
} from "./source-module.ts";

/** One module as the bundle holds it. */
export interface GraphModule {
  readonly path: string;
  readonly format: "esm" | "cjs" | "json" | "native" | "broken";
  /** JavaScript ready for its part of the script (JSON: the text). */
  readonly code: string;
  /** Source map from `code` to the file, or to what that was made of; undefined where they are the same. */
  readonly map: string | undefined;
  /** Where literal require() and import requests lead. */
  readonly requires: ReadonlyMap<string, Resolution>;
  readonly imports: ReadonlyMap<string, Resolution>;
  /** Declarations of what stands in the code for `import.meta` and computed import(). */
  readonly prelude: readonly string[];
  /** Relative paths with a computed part: every file that fits may be asked for. */
  readonly patterns: ReadonlySet<string>;
  /** Whether it may ask for any of the function's own ES modules. */
  readonly asksForAny: boolean;
  readonly error: SourceSyntaxError | undefined;
}

export const asyncHooks = "node:async_hooks";

const none = {
  requires: new Map(),
  imports: new Map(),
  prelude: [],
  patterns: new Set<string>(),
  asksForAny: false,
  map: undefined,
};

/** Reads modules of a zip, each once: a bundle that has to be tried again pays only for what is different. */
export class ModuleReader {
  readonly #files: PackageFiles;
  readonly #resolver: ModuleResolver;
  readonly #esbuild: Esbuild;
  readonly #known = new Map<string, GraphModule>();
  #serial = 0;
  #lowerAsync = false;
  #readsMaps = true;

  constructor(files: PackageFiles, resolver: ModuleResolver, esbuild: Esbuild) {
    this.#files = files;
    this.#resolver = resolver;
    this.#esbuild = esbuild;
  }

  /** Whether the file can only be loaded as a part of the bundle: other CommonJS is compiled where it is asked for. */
  mustBeBundled(path: string): boolean {
    if (/\.json$/.test(path)) return false;
    const text = this.#files.readText(path);
    return formatOf(path, text, this.#files) !== "cjs" || (this.#lowerAsync && /\basync\b/.test(text));
  }

  /** Whether code is lowered already. */
  get lowersAsync(): boolean {
    return this.#lowerAsync;
  }

  /** From now on, async functions of CommonJS modules are written as generators; ES modules are lowered together. */
  lowerAsync(): void {
    this.#lowerAsync = true;
    for (const [path, module] of this.#known) {
      if (module.format !== "cjs") continue;
      if (module.requires.has(asyncHooks) || /\basync\b/.test(module.code)) this.#known.delete(path);
    }
  }

  /** From now on, positions are those of the files that were uploaded: what is at fault has to be found. */
  forgetMaps(): void {
    if (!this.#readsMaps) return;
    this.#readsMaps = false;
    this.#known.clear();
  }

  /** From now on, the file is one that reports this error when it is evaluated. */
  markBroken(error: SourceSyntaxError): void {
    this.#known.set(error.path, { ...none, path: error.path, format: "broken", code: "", error });
  }

  async read(path: string): Promise<GraphModule> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    try {
      const module = await this.#read(path, this.#serial++);
      this.#known.set(path, module);
      return module;
    } catch (error) {
      if (!(error instanceof SourceSyntaxError)) throw error;
      this.markBroken(error);
      return this.read(path);
    }
  }

  async #read(path: string, serial: number): Promise<GraphModule> {
    const source = await readSourceModule(path, this.#files, this.#esbuild, this.#readsMaps);
    const { format } = source;
    if (format === "json" || format === "native") {
      return { ...none, path, format, code: source.code, error: undefined };
    }
    if (format === "cjs" && !this.#lowerAsync && asksForAsyncHooks(source.code)) {
      // All of it is to be lowered: nothing is printed that will be printed again.
      const hooks = new Map([[asyncHooks, { kind: "builtin", name: asyncHooks } as const]]);
      return { ...none, path, format, code: "", requires: hooks, error: undefined };
    }
    const { code, map } =
      format === "cjs"
        ? await printCommonJs(source, this.#esbuild, this.#lowerAsync)
        : await hideRequire(source, this.#esbuild);
    const imports = importsOf(code);
    const requests = findRequests(code, imports);
    const resolveAll = (specifiers: ReadonlySet<string>, kind: RequestKind) =>
      new Map([...specifiers].map((specifier) => [specifier, this.#resolver.resolve(specifier, path, kind)]));
    const rewritten =
      format === "cjs" ? rewriteCommonJs(code, imports) : rewriteEsm(path, code, imports, serial);
    return {
      path,
      format,
      ...rewritten,
      map,
      requires: resolveAll(requests.requires, "require"),
      imports: resolveAll(requests.imports, "import"),
      patterns: requests.patterns,
      // What a package computes for require() is its own or another package's, and CommonJS.
      asksForAny:
        requests.hasComputedImport || (requests.hasComputedRequire && !path.includes("/node_modules/")),
      error: undefined,
    };
  }
}

function asksForAsyncHooks(code: string): boolean {
  return code.includes("async_hooks") && /\brequire\(\s*(["'`])(?:node:)?async_hooks\1\s*\)/.test(code);
}

/** Prints CommonJS code anew, unless it is long and can stay: parsed, so that it can stand in a script with others, and with a precise map. */
async function printCommonJs(
  source: SourceModule,
  esbuild: Esbuild,
  lowerAsync: boolean,
): Promise<{ code: string; map: string }> {
  const plain = plainCommonJs(source.path, source.code, source.map, lowerAsync);
  if (plain !== undefined && (plain.code === source.code || parsesAsCommonJs(plain.code))) return plain;
  return print(source, esbuild, {
    // Every heap holds the text.
    minifyWhitespace: true,
    legalComments: "none",
    ...(lowerAsync ? { supported: loweredAsync } : {}),
  });
}

/**
 * ES modules have no `require`, but esbuild would give them one: under another name it is as unknown to esbuild as
 * `require` is to Node. A variable that the module itself calls so stays.
 */
async function hideRequire(
  source: SourceModule,
  esbuild: Esbuild,
): Promise<{ code: string; map: string | undefined }> {
  if (!/\brequire\b/.test(source.code)) return source;
  return print(source, esbuild, { define: { require: "$require" } });
}

/** @throws {SourceSyntaxError} What esbuild says of it. */
async function print(
  source: SourceModule,
  esbuild: Esbuild,
  options: TransformOptions,
): Promise<{ code: string; map: string }> {
  const contents = source.map === undefined ? source.code : withInlineMap(source.code, source.map);
  try {
    return await esbuild.transform(contents, {
      loader: "js",
      sourcefile: source.path,
      sourcemap: "external",
      sourcesContent: false,
      ...printing,
      ...options,
    });
  } catch (error) {
    throw toSyntaxError(source.path, error);
  }
}

/** The code followed by its map, so that esbuild's own map leads through it to the file. */
export function withInlineMap(code: string, map: string): string {
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`;
}

type Imports = ReturnType<typeof importsOf>;

/** A classic script has no import(): a parameter of the module's wrapper, as long as the keyword, takes its place. */
function rewriteCommonJs(code: string, imports: Imports): { code: string; prelude: readonly string[] } {
  const edits = imports
    .filter((record) => record.type === "dynamic")
    .map((record) => ({
      start: record.importStart,
      end: record.importStart + "import".length,
      text: "$load$",
    }));
  return { code: replaceAll(code, edits), prelude: [] };
}

/**
 * The ES modules become one scope, where `import.meta` and computed import() would no longer know their file:
 * names of the same length, declared before, take their places. Literal import() is the bundler's to resolve.
 */
function rewriteEsm(
  path: string,
  code: string,
  imports: Imports,
  index: number,
): { code: string; prelude: readonly string[] } {
  let serial = index;
  let importer = "";
  let meta = "";
  do {
    importer = `$i${serial.toString(36).padStart(4, "0")}`;
    meta = `$meta_${serial.toString(36).padStart(5, "0")}`;
    serial += 46_656;
  } while (code.includes(importer) || code.includes(meta));
  const edits: { start: number; end: number; text: string }[] = [];
  for (const record of imports) {
    if (record.type === "import-meta") edits.push({ start: record.start, end: record.end, text: meta });
    else if (record.type === "dynamic" && (record.glob || isFoundLater(record.specifier))) {
      edits.push({ start: record.importStart, end: record.importStart + "import".length, text: importer });
    }
  }
  const prelude = [
    ...(edits.some((edit) => edit.text === meta) ? [`${meta} = $brisk.meta(${JSON.stringify(path)})`] : []),
    ...(edits.some((edit) => edit.text === importer)
      ? [`${importer} = $brisk.importer(${JSON.stringify(path)})`]
      : []),
  ];
  return { code: replaceAll(code, edits), prelude };
}

function isFoundLater(specifier: string | undefined): boolean {
  return specifier === undefined || isWrittenLater(specifier);
}

function replaceAll(code: string, edits: readonly { start: number; end: number; text: string }[]): string {
  let result = "";
  let at = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start)) {
    // Lines and columns after the edit stay where they were.
    const rest = code.slice(start, end).slice(text.length).replace(/[^\n]/g, " ");
    result += code.slice(at, start) + text + rest;
    at = end;
  }
  return result + code.slice(at);
}
