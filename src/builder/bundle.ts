import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { extname, join } from "node:path";
import { init } from "es-module-lexer";
import { findEntryModule } from "./entry-module.ts";
import type { Esbuild } from "./esbuild.ts";
import { BrokenSources, bundleEsm } from "./esm-part.ts";
import { readModuleGraph } from "./module-graph.ts";
import { ModuleReader } from "./module-reader.ts";
import type { PackageFiles } from "./package-files.ts";
import { ModuleResolver } from "./resolve-module.ts";
import { type BundleScript, failingScript, writeScript } from "./script.ts";
import { SourceSyntaxError } from "./source-module.ts";

export interface BuiltBundle extends BundleScript {
  readonly builtins: readonly string[];
}

/** Each attempt leaves out what the one before found unfit; a package with more broken files than this fails. */
const maxAttempts = 50;

/** Makes one script of a function's code. What is wrong with the code is reported by that script. */
export async function bundleFunction(
  files: PackageFiles,
  { handler, runtime }: { readonly handler: string; readonly runtime: string },
  esbuild: Esbuild,
): Promise<BuiltBundle> {
  await init();
  const resolver = new ModuleResolver(files, runtime);
  const entry = findEntryModule(handler, files, resolver);
  if (entry.kind === "error") return { ...failingScript(entry.errorType, entry.message), builtins: [] };

  const loader = await readModuleLoader(esbuild);
  const reader = new ModuleReader(files, resolver, esbuild);
  let lowerAsync = false;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const graph = await readModuleGraph(entry.path, files, reader);
    if (graph.builtins.has("node:async_hooks") && !lowerAsync) {
      lowerAsync = true;
      reader.lowerAsync();
      continue;
    }
    try {
      const esm = await bundleEsm({ entry: entry.path, graph, files, esbuild, lowerAsync });
      const builtins = [...graph.builtins].filter((name) => isBuiltin(name)).sort();
      return { ...writeScript(entry.path, graph, esm, loader), builtins };
    } catch (error) {
      const sources = error instanceof BrokenSources ? error.sources : [error];
      for (const source of sources) {
        if (!(source instanceof SourceSyntaxError)) throw error;
        // The same complaint again would go on for ever.
        if (graph.modules.get(source.path)?.format === "broken") throw error;
        reader.markBroken(source);
      }
    }
  }
  throw new Error(`more than ${maxAttempts} attempts to leave out files with syntax errors`);
}

/** The loader's text as an expression. It is guest code: a builder reads it and never runs it. */
async function readModuleLoader(esbuild: Esbuild): Promise<string> {
  const extension = extname(import.meta.filename);
  const file = join(import.meta.dirname, "..", "..", "snapshots", "bundle", `module-loader${extension}`);
  const { code } = await esbuild.transform(await readFile(file, "utf8"), {
    loader: "ts",
    format: "iife",
    globalName: "loader",
    minify: true,
    banner: "(function () {",
    footer: "return loader.createModuleLoader; })()",
  });
  return code.trim();
}
