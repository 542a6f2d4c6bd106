import { taskRoot } from "../model/function-folders.ts";
import { asyncHooks, type GraphModule, type ModuleReader } from "./module-reader.ts";
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

/** Of modules that no code names. */
const maxUnnamedBytes = 4 * 1024 * 1024;

/** Follows every request that the code makes by name, beginning with the entry. */
export async function readModuleGraph(
  entry: string,
  files: PackageFiles,
  reader: ModuleReader,
): Promise<ModuleGraph> {
  const modules = new Map<string, GraphModule>();
  const reachedFromOutside = new Set(entry.startsWith(`${taskRoot}/`) ? [] : ownModules(files));
  const builtins = new Set<string>();
  let hasOwnModules = false;
  const queued = new Set([entry, ...reachedFromOutside]);
  let queue = [...queued];
  const reach = (path: string) => {
    if (queued.has(path)) return;
    queued.add(path);
    queue.push(path);
  };
  while (queue.length > 0) {
    // Whoever asked for the graph asks again, for lowered code.
    if (builtins.has(asyncHooks) && !reader.lowersAsync) break;
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
      const named = filesThatFit(module, files);
      if (module.asksForAny && !hasOwnModules) {
        hasOwnModules = true;
        named.push(...modulesToCompile(files, reader, queued));
      }
      for (const path of named) {
        reachedFromOutside.add(path);
        reach(path);
      }
    }
  }
  // What is found by a computed name, or imported by that, is the bundle's own where the bundle has it.
  if (hasOwnModules) for (const path of modules.keys()) reachedFromOutside.add(path);
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

/**
 * The function's own modules that a name may lead to of which nothing is known before it runs, and that cannot be compiled
 * then. What they come to is in every heap, so it is bounded: what is over it is refused when it is asked for.
 */
function modulesToCompile(files: PackageFiles, reader: ModuleReader, known: ReadonlySet<string>): string[] {
  const found: string[] = [];
  let bytes = 0;
  for (const path of ownModules(files)) {
    if (known.has(path) || !reader.mustBeBundled(path)) continue;
    bytes += files.read(path).length;
    if (bytes > maxUnnamedBytes) break;
    found.push(path);
  }
  return found;
}

function isModule(path: string): boolean {
  return /\.([cm]?[jt]sx?|json)$/.test(path) && !/\.d\.[cm]?ts$/.test(path);
}

/** A pattern's leading `./` and `../` belong to the folder that it is relative to. */
function splitPattern(folder: string, pattern: string): [base: string, pattern: string] {
  const [, leading = "", rest = ""] = /^((?:\.{1,2}\/)+)(.*)$/s.exec(pattern) ?? [];
  return [joinPath(folder, leading), rest];
}
