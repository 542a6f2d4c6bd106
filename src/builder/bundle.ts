import { isBuiltin } from "node:module";
import { init } from "es-module-lexer";
import { ModuleResolver } from "../../snapshots/bundle/lazy/resolve-module.ts";
import { findEntryModule } from "./entry-module.ts";
import type { Esbuild } from "./esbuild.ts";
import { BrokenSources, bundleEsm } from "./esm-part.ts";
import { readModuleGraph } from "./module-graph.ts";
import { asyncHooks, ModuleReader } from "./module-reader.ts";
import type { PackageFiles } from "./package-files.ts";
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
  const resolver = new ModuleResolver(files, runtime, isBuiltin);
  const entry = findEntryModule(handler, files, resolver);
  if (entry.kind === "error") return { ...failingScript(entry.errorType, entry.message), builtins: [] };

  const reader = new ModuleReader(files, resolver, esbuild);
  let lowerAsync = false;
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const graph = await readModuleGraph(entry.path, files, reader);
    if (graph.builtins.has(asyncHooks) && !lowerAsync) {
      lowerAsync = true;
      reader.lowerAsync();
      continue;
    }
    try {
      const esm = await bundleEsm({ entry: entry.path, graph, files, esbuild, lowerAsync });
      const builtins = [...graph.builtins].filter((name) => isBuiltin(name)).sort();
      return { ...writeScript(entry.path, graph, esm), builtins };
    } catch (error) {
      const sources = error instanceof BrokenSources ? error.sources : [error];
      for (const source of sources) {
        if (!(source instanceof SourceSyntaxError)) throw error;
        // Of a file that the map leads to, which is not the one that was uploaded.
        if (!graph.modules.has(source.path)) {
          reader.forgetMaps();
          continue;
        }
        // The same complaint again would go on for ever.
        if (graph.modules.get(source.path)?.format === "broken") throw error;
        reader.markBroken(source);
      }
    }
  }
  throw new Error(`more than ${maxAttempts} attempts to leave out files with syntax errors`);
}
