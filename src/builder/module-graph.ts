import { taskRoot } from "../model/function-folders.ts";
import type { GraphModule, ModuleReader } from "./module-reader.ts";
import { patternToRegExp } from "./module-requests.ts";
import { dirname, joinPath, type PackageFiles } from "./package-files.ts";

/** The modules that a function can reach from its entry. */
export interface ModuleGraph {
  readonly modules: ReadonlyMap<string, GraphModule>;
  /** ES modules that are reached by require(), or by import() from outside of the ES modules' own part. */
  readonly reachedFromOutside: ReadonlySet<string>;
  /** `node:` modules by literal name. */
  readonly builtins: ReadonlySet<string>;
}

/** esbuild in WebAssembly answers many requests at once ten times faster than one after another. */
const readsAtOnce = 64;

/** Follows every request that the code makes by name, beginning with the entry. */
export async function readModuleGraph(
  entry: string,
  files: PackageFiles,
  reader: ModuleReader,
): Promise<ModuleGraph> {
  const modules = new Map<string, GraphModule>();
  const reachedFromOutside = new Set(entry.startsWith(`${taskRoot}/`) ? [] : ownModules(files));
  const builtins = new Set<string>();
  const queued = new Set([entry, ...reachedFromOutside]);
  let queue = [...queued];
  const reach = (path: string) => {
    if (queued.has(path)) return;
    queued.add(path);
    queue.push(path);
  };
  while (queue.length > 0) {
    const batch = queue.slice(0, readsAtOnce);
    queue = queue.slice(readsAtOnce);
    // Taken in the order of the requests, so that the same zip always gives the same script.
    for (const module of await Promise.all(batch.map((path) => reader.read(path)))) {
      modules.set(module.path, module);
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
      for (const path of filesThatFit(module, files)) {
        reachedFromOutside.add(path);
        reach(path);
      }
    }
  }
  return { modules, reachedFromOutside, builtins };
}

/** The modules that a computed name may mean; those of packages below are asked for in other ways. */
function filesThatFit(module: GraphModule, files: PackageFiles): string[] {
  const found: string[] = [];
  for (const pattern of module.patterns) {
    const [base, rest] = splitPattern(dirname(module.path), pattern);
    const fits = patternToRegExp(base, rest);
    for (const path of files.paths) {
      if (isModule(path) && fits.test(path) && !path.slice(base.length).includes("/node_modules/"))
        found.push(path);
    }
  }
  return found;
}

/**
 * What a handler in a layer may ask for: it wraps the function's own, whose name it has from a variable. Packages are
 * asked for by those.
 */
function ownModules(files: PackageFiles): string[] {
  return [...files.paths].filter(
    (path) => path.startsWith(`${taskRoot}/`) && isModule(path) && !path.includes("/node_modules/"),
  );
}

function isModule(path: string): boolean {
  return /\.([cm]?[jt]sx?|json)$/.test(path) && !/\.d\.[cm]?ts$/.test(path);
}

/** A pattern's leading `./` and `../` belong to the folder that it is relative to. */
function splitPattern(folder: string, pattern: string): [base: string, pattern: string] {
  const [, leading = "", rest = ""] = /^((?:\.{1,2}\/)+)(.*)$/s.exec(pattern) ?? [];
  return [joinPath(folder, leading), rest];
}
