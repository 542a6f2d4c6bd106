import type { BuildResult, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from "esbuild-wasm";
import type { Resolution } from "../../snapshots/bundle/lazy/resolve-module.ts";
import { type Esbuild, loweredAsync, printing } from "./esbuild.ts";
import type { ModuleGraph } from "./module-graph.ts";
import { type GraphModule, withInlineMap } from "./module-reader.ts";
import type { PackageFiles } from "./package-files.ts";
import { esbuildMessages, SourceSyntaxError } from "./source-module.ts";

/** The ES modules of a function as one async function's text, with its map. */
export interface EsmPart {
  readonly code: string;
  readonly map: string;
  /** ES modules that await at their top level, or import such: require() has to refuse them. */
  readonly awaiting: readonly string[];
}

/** Files at fault for a build that did not succeed: they are marked as broken, and the build is tried again. */
export class BrokenSources extends Error {
  readonly sources: readonly SourceSyntaxError[];
  constructor(sources: readonly SourceSyntaxError[]) {
    super("some sources cannot be bundled");
    this.sources = sources;
  }
}

export interface EsmInput {
  readonly entry: string;
  readonly graph: ModuleGraph;
  readonly files: PackageFiles;
  readonly esbuild: Esbuild;
  readonly lowerAsync: boolean;
}

/**
 * Bundles the ES modules into one strict scope. All else that they import (CommonJS, JSON, `node:`, what is
 * missing) appears to esbuild as a facade, which at its place in the order of evaluation asks the module loader.
 */
export async function bundleEsm(input: EsmInput): Promise<EsmPart | undefined> {
  const { graph, entry } = input;
  const isEsm = (path: string) => graph.modules.get(path)?.format === "esm";
  const outside = [...graph.reachedFromOutside].filter(isEsm);
  if (!isEsm(entry) && outside.length === 0) return undefined;
  let result: BuildResult<{ write: false }>;
  try {
    result = await input.esbuild.build({
      entryPoints: ["start"],
      outfile: "/bundle.js",
      bundle: true,
      // What is imported is evaluated, as in Node, whatever packages say of side effects: left out is only what esbuild itself
      // finds to do nothing unless it is called, and that nobody names.
      ignoreAnnotations: true,
      write: false,
      format: "esm",
      platform: "node",
      // One scope for all modules renames what collides; a class's name shows in Lambda's errorType.
      keepNames: true,
      sourcemap: "external",
      sourcesContent: false,
      ...printing,
      legalComments: "none",
      logLevel: "silent",
      logLimit: 0,
      plugins: [taskPlugin(input, outside)],
    });
  } catch (error) {
    throw toBrokenSources(error);
  }
  const text = (extension: string) =>
    result.outputFiles.find((file) => file.path.endsWith(extension))?.text ?? "";
  const prelude = [...graph.modules.values()].flatMap((module) => module.prelude);
  const head = `async function () { "use strict";${prelude.length === 0 ? "" : ` var ${prelude.join(", ")};`}\n`;
  const code = text("bundle.js");
  // esbuild marks them so itself, having followed what they import.
  const awaiting = outside.filter((path) => code.includes(`\n  async ${JSON.stringify(`task:${path}`)}() {`));
  return wrap(head, code, text("bundle.js.map"), awaiting, input);
}

async function wrap(
  head: string,
  code: string,
  map: string,
  awaiting: readonly string[],
  input: EsmInput,
): Promise<EsmPart> {
  const shifted = JSON.parse(map) as { mappings: string; sources: string[] };
  // The head is one line: an empty group of mappings moves all others down by one.
  shifted.mappings = `;${shifted.mappings}`;
  shifted.sources = shifted.sources.map((source) => source.replace(/^task:/, ""));
  const part = { code: `${head}${code}}`, map: JSON.stringify(shifted), awaiting };
  if (!input.lowerAsync) return part;
  const lowered = await input.esbuild.transform(withInlineMap(`(${part.code})`, part.map), {
    sourcefile: "/bundle.js",
    sourcemap: "external",
    sourcesContent: false,
    ...printing,
    supported: loweredAsync,
  });
  // esbuild puts what lowered code needs before it: a function around both makes them one expression again.
  return { code: loweredExpression(lowered.code), map: lowered.map, awaiting };
}

/** `var __async = …; (function() {…});` becomes a function that declares the same and calls that expression. */
function loweredExpression(code: string): string {
  const start = code.indexOf("\n(function");
  const at = code.startsWith("(function") ? 0 : start + 1;
  return `function () { ${code.slice(0, at)}return ${code.slice(at).replace(/;\s*$/, "")}()\n}`;
}

/** At the end of a facade's path, so that esbuild does not take its kind from an extension such as .mjs. */
const noExtension = "!";

function taskPlugin(input: EsmInput, outside: readonly string[]): Plugin {
  const { graph } = input;
  const missing: Resolution[] = [];
  const target = (resolution: Resolution): OnResolveResult => {
    if (resolution.kind === "file" && graph.modules.get(resolution.path)?.format === "esm") {
      return { path: resolution.path, namespace: "task" };
    }
    if (resolution.kind === "file") return facade(resolution.path);
    // A `node:` module that is imported and not used need not be compiled.
    if (resolution.kind === "builtin") return { ...facade(resolution.name), sideEffects: false };
    return facade(`missing:${missing.push(resolution) - 1}`);
  };
  const facade = (name: string) => ({ path: name + noExtension, namespace: "facade" });
  const resolve = (args: OnResolveArgs): OnResolveResult => {
    if (args.kind === "entry-point") return { path: args.path, namespace: "brisk" };
    if (args.namespace === "facade") return { path: args.path, namespace: "exports" };
    if (args.namespace !== "task") {
      const name = args.path;
      return name.startsWith("/") ? { path: name, namespace: "task" } : { path: name, namespace: "brisk" };
    }
    // ES modules have no require: one that calls it anyway gets the error that Node gives, when it does.
    const isRequire = args.kind === "require-call" || args.kind === "require-resolve";
    if (isRequire) return { path: args.path, external: true };
    const resolution = graph.modules.get(args.importer)?.imports.get(args.path);
    return target(
      resolution ?? {
        kind: "missing",
        code: "ERR_MODULE_NOT_FOUND",
        message: `Cannot find module '${args.path}' imported from ${args.importer}`,
      },
    );
  };
  return {
    name: "task",
    setup(build) {
      build.onResolve({ filter: /.*/ }, resolve);
      build.onLoad({ filter: /.*/, namespace: "task" }, ({ path }) => loadModule(graph.modules.get(path)));
      build.onLoad({ filter: /.*/, namespace: "facade" }, ({ path }) => {
        const from = JSON.stringify(path);
        return { contents: `export * from ${from}; export { default } from ${from};` };
      });
      build.onLoad({ filter: /.*/, namespace: "exports" }, ({ path }) => ({
        contents: loadExports(path.slice(0, -noExtension.length), missing),
      }));
      build.onLoad({ filter: /.*/, namespace: "brisk" }, ({ path }) => ({
        contents: loadOwn(path, input, outside),
      }));
    },
  };
}

function loadModule(module: GraphModule | undefined): OnLoadResult {
  if (module === undefined) throw new Error("esbuild asked for a module outside of the graph");
  return {
    contents: module.map === undefined ? module.code : withInlineMap(module.code, module.map),
    loader: "js",
  };
}

/** A CommonJS module to esbuild, which therefore looks its names up when it is evaluated. */
function loadExports(path: string, missing: readonly Resolution[]): string {
  const error = path.startsWith("missing:") ? missing[Number(path.slice("missing:".length))] : undefined;
  if (error?.kind === "missing")
    return `$brisk.fail(${JSON.stringify(error.code)}, ${JSON.stringify(error.message)}); module.exports = {};`;
  return `module.exports = $brisk.namespace(${JSON.stringify(path)});`;
}

/** The modules that tie the part to the loader: first the table, so that it stands before anything runs. */
function loadOwn(path: string, input: EsmInput, outside: readonly string[]): string {
  if (path === "start") {
    const isEntry = input.graph.modules.get(input.entry)?.format === "esm";
    return `import "table";${isEntry ? ` import * as entry from ${JSON.stringify(input.entry)}; $brisk.entry(entry);` : ""}`;
  }
  if (path === "table") {
    return outside
      .map((file, index) => {
        const id = JSON.stringify(file);
        return `import require${index} from ${JSON.stringify(`require:${file}`)};
$brisk.table(${id}, { import: () => import(${id}), require: require${index} });`;
      })
      .join("\n");
  }
  return `export default () => require(${JSON.stringify(path.slice("require:".length))});`;
}

function toBrokenSources(error: unknown): Error {
  const sources: SourceSyntaxError[] = [];
  for (const { location, text } of esbuildMessages(error)) {
    const file = location?.file ?? "";
    if (file.startsWith("task:")) {
      sources.push(
        new SourceSyntaxError(
          file.slice("task:".length),
          text,
          location?.line ?? 1,
          (location?.column ?? 0) + 1,
        ),
      );
    } else return new Error(`esbuild failed: ${text} (${file})`, { cause: error });
  }
  if (sources.length === 0) return new Error("esbuild failed", { cause: error });
  return new BrokenSources(sources);
}
