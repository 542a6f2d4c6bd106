import type { Esbuild } from "./esbuild.ts";
import { loweredAsync } from "./esbuild.ts";
import { findRequests, importsOf, patternToRegExp } from "./module-requests.ts";
import type { ModuleResolver, RequestKind, Resolution } from "./resolve-module.ts";
import { readSourceModule, type SourceModule, SourceSyntaxError, toSyntaxError } from "./source-module.ts";
import { dirname, joinPath, type TaskFiles } from "./task-files.ts";

/** One module as the bundle holds it. */
export interface GraphModule {
  readonly path: string;
  readonly format: "esm" | "cjs" | "json" | "native" | "broken";
  /** JavaScript ready for its part of the script (JSON: the text). */
  readonly code: string;
  /** Source map from `code` to the file; undefined where they are the same. */
  readonly map: string | undefined;
  /** Where literal require() and import requests lead. */
  readonly requires: ReadonlyMap<string, Resolution>;
  readonly imports: ReadonlyMap<string, Resolution>;
  /** Declarations of what stands in the code for `import.meta` and computed import(). */
  readonly prelude: readonly string[];
  readonly error: SourceSyntaxError | undefined;
}

/** The modules that a function can reach from its entry. */
export interface ModuleGraph {
  readonly modules: ReadonlyMap<string, GraphModule>;
  /** ES modules that are reached by require(), or by import() from outside of the ES modules' own part. */
  readonly reachedFromOutside: ReadonlySet<string>;
  /** `node:` modules by literal name. */
  readonly builtins: ReadonlySet<string>;
}

export interface GraphInput {
  readonly files: TaskFiles;
  readonly resolver: ModuleResolver;
  readonly esbuild: Esbuild;
  /** Files that turned out not to parse. */
  readonly broken: ReadonlyMap<string, SourceSyntaxError>;
  /** Write async functions as generators. */
  readonly lowerAsync: boolean;
}

const noRequests: ReadonlyMap<string, Resolution> = new Map();

/** Follows every request that the code makes by name, beginning with the entry. */
export async function readModuleGraph(entry: string, input: GraphInput): Promise<ModuleGraph> {
  const modules = new Map<string, GraphModule>();
  const reachedFromOutside = new Set<string>();
  const builtins = new Set<string>();
  const queued = new Set([entry]);
  const queue = [entry];
  const reach = (path: string) => {
    if (queued.has(path)) return;
    queued.add(path);
    queue.push(path);
  };
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const { module, patterns } = await readGraphModule(path, modules.size, input);
    modules.set(path, module);
    for (const [requests, outside] of [
      [module.requires, true],
      [module.imports, module.format !== "esm"],
    ] as const) {
      for (const target of requests.values()) {
        if (target.kind === "builtin") builtins.add(target.name);
        if (target.kind !== "file") continue;
        if (outside) reachedFromOutside.add(target.path);
        reach(target.path);
      }
    }
    for (const pattern of patterns) {
      const fits = patternToRegExp(...splitPattern(dirname(path), pattern));
      for (const file of input.files.paths) {
        if (!fits.test(file)) continue;
        reachedFromOutside.add(file);
        reach(file);
      }
    }
  }
  return { modules, reachedFromOutside, builtins };
}

async function readGraphModule(
  path: string,
  index: number,
  input: GraphInput,
): Promise<{ module: GraphModule; patterns: ReadonlySet<string> }> {
  const none = { requires: noRequests, imports: noRequests, prelude: [] };
  try {
    const known = input.broken.get(path);
    if (known !== undefined) throw known;
    const source = await readSourceModule(path, input.files, input.esbuild);
    if (source.format === "json" || source.format === "native") {
      return {
        module: { ...none, path, format: source.format, code: source.code, map: undefined, error: undefined },
        patterns: new Set(),
      };
    }
    const { code, map } =
      source.format === "cjs" ? await printCommonJs(source, input) : await hideRequire(source, input.esbuild);
    const imports = importsOf(code);
    const requests = findRequests(code, imports);
    const resolveAll = (specifiers: ReadonlySet<string>, kind: RequestKind) =>
      new Map([...specifiers].map((specifier) => [specifier, input.resolver.resolve(specifier, path, kind)]));
    const rewritten =
      source.format === "cjs" ? rewriteCommonJs(code, imports) : rewriteEsm(path, code, imports, index);
    return {
      module: {
        path,
        format: source.format,
        ...rewritten,
        map,
        requires: resolveAll(requests.requires, "require"),
        imports: resolveAll(requests.imports, "import"),
        error: undefined,
      },
      patterns: requests.patterns,
    };
  } catch (error) {
    if (!(error instanceof SourceSyntaxError)) throw error;
    return {
      module: { ...none, path, format: "broken", code: "", map: undefined, error },
      patterns: new Set(),
    };
  }
}

/** Prints CommonJS code anew: parsed, so that it can stand in a script with others, and with a precise map. */
async function printCommonJs(
  source: SourceModule,
  input: GraphInput,
): Promise<{ code: string; map: string }> {
  const contents = source.map === undefined ? source.code : withInlineMap(source.code, source.map);
  try {
    return await input.esbuild.transform(contents, {
      loader: "js",
      sourcefile: source.path,
      sourcemap: "external",
      sourcesContent: false,
      charset: "utf8",
      legalComments: "none",
      ...(input.lowerAsync ? { supported: loweredAsync } : {}),
    });
  } catch (error) {
    throw toSyntaxError(source.path, error);
  }
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
  const contents = source.map === undefined ? source.code : withInlineMap(source.code, source.map);
  try {
    return await esbuild.transform(contents, {
      loader: "js",
      sourcefile: source.path,
      sourcemap: "external",
      sourcesContent: false,
      charset: "utf8",
      define: { require: "$require" },
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
    else if (record.type === "dynamic" && (record.glob || record.specifier === undefined)) {
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

/** A pattern's leading `./` and `../` belong to the folder that it is relative to. */
function splitPattern(folder: string, pattern: string): [base: string, pattern: string] {
  const [, leading = "", rest = ""] = /^((?:\.{1,2}\/)+)(.*)$/s.exec(pattern) ?? [];
  return [joinPath(folder, leading), rest];
}
