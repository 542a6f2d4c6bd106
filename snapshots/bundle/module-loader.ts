import { current } from "./current.ts";
import { failLoading, moduleNotFound, nodeError } from "./loader-errors.ts";
import { type EsmAccess, Module, type Platform, type Require, type Target, type Wrapper } from "./module.ts";
import { parseJson, refuseNative, refuseTyped } from "./module-kinds.ts";
import { namespaceOf } from "./namespace.ts";
import { dirname, fromFileUrl, joinPath } from "./paths.ts";
import { checkedSpecifier, resolveFirst } from "./specifiers.ts";
import { UnbundledModules } from "./unbundled-modules.ts";

type Requests = Readonly<Record<string, Target>>;
type Kind = "require" | "import";

/**
 * Node's module loaders over the modules of one bundle, which fills it, and over the function's files for what is not in
 * the bundle. It runs in the guest, and trusts nothing that the function could not do anyway.
 */
export function createModuleLoader(platform: Platform) {
  const definitions = new Map<string, (module: Module) => void>();
  const requests = new Map<string, Record<Kind, Requests>>();
  const esm = new Map<string, EsmAccess>();
  /** ES modules with top-level await, in them or in what they import. */
  const awaiting = new Set<string>();
  const namespaces = new Map<string, object>();
  const cache: Record<string, Module> = Object.create(null);
  let evaluateEsm: (() => Promise<void>) | undefined;
  let entryNamespace: object | undefined;
  let moduleBuiltin: unknown;
  const unbundled = new UnbundledModules(platform, {
    find: (specifier, importer) => required(find("import", specifier, importer)),
    access: esmAccess,
    isAsync: (path) => awaiting.has(path),
    namespace,
    import: importFrom,
    meta,
  });

  function define(path: string, required: Requests, imported: Requests, run: Wrapper): void {
    requests.set(path, { require: required, import: imported });
    definitions.set(path, (module) => evaluate(path, module, run));
  }

  function evaluate(path: string, module: Module, run: Wrapper): void {
    const load = (specifier: unknown) => importFrom(path, specifier);
    run.call(module.exports, module.exports, requireFrom(path, module), module, path, module.path, load);
  }

  /** A file that does not parse: the error belongs to whoever evaluates it. */
  function broken(path: string, message: string, line: number, column: number): void {
    definitions.set(path, () => {
      const error = new SyntaxError(message);
      error.stack = `SyntaxError: ${message}\n    at ${path}:${line}:${column}`;
      throw error;
    });
  }

  function fail(code: string, message: string, parent?: Module): never {
    throw code === "MODULE_NOT_FOUND" ? moduleNotFound(message, parent) : nodeError(code, message);
  }

  function required(found: Target): string {
    return typeof found === "string" ? found : fail(found[0], found[1]);
  }

  function find(kind: Kind, specifier: string, path: string): Target {
    const literal = requests.get(path)?.[kind];
    if (literal !== undefined && Object.hasOwn(literal, specifier)) return literal[specifier] as Target;
    if (specifier.startsWith("node:")) return specifier;
    if (specifier.startsWith("data:"))
      return ["ERR_UNSUPPORTED_ESM_URL_SCHEME", "data: URLs cannot be imported"];
    const exact = exactPath(kind, specifier, path);
    return exact !== undefined && isBundled(exact) ? exact : unbundled.files.resolve(specifier, path, kind);
  }

  /** The path that a name with its extension says outright. */
  function exactPath(kind: Kind, specifier: string, path: string): string | undefined {
    const name = kind === "import" ? fromFileUrl(specifier) : specifier;
    if (name.startsWith("/")) return joinPath("/", name);
    return /^\.{1,2}\//.test(name) ? joinPath(dirname(path), name) : undefined;
  }

  const isBundled = (path: string): boolean => definitions.has(path) || esm.has(path);

  function requireFrom(path: string, module: Module): Require {
    const target = (specifier: unknown, from = path): string => {
      const found = find("require", checkedSpecifier(specifier), from);
      return typeof found === "string" ? found : fail(found[0], found[1], module);
    };
    const require = ((specifier: unknown) => load(target(specifier), module)) as Require;
    const resolve = (specifier: unknown, options?: { paths?: unknown }): string => {
      const from = Array.isArray(options?.paths)
        ? options.paths.map((folder) => `${folder}/noop.js`)
        : [path];
      const found = resolveFirst(from, (one) => target(specifier, one));
      return found.startsWith("node:") ? String(specifier) : found;
    };
    const paths = (specifier: unknown): string[] | null => {
      const name = checkedSpecifier(specifier);
      if (/^\.{0,2}\//.test(name)) return [dirname(path)];
      const found = find("require", name, path);
      return typeof found === "string" && found.startsWith("node:")
        ? null
        : unbundled.files.packageFolders(path);
    };
    require.resolve = Object.assign(resolve, { paths });
    require.cache = cache;
    require.main = undefined;
    require.extensions = { ".js": undefined, ".json": undefined, ".node": undefined };
    module.require = require;
    return require;
  }

  function load(target: string, parent: Module | undefined): unknown {
    if (target.startsWith("node:")) return builtin(target);
    const cached = cache[target];
    if (cached !== undefined) {
      if (parent !== undefined && !parent.children.includes(cached)) parent.children.push(cached);
      return cached.exports;
    }
    const access = esmAccess(target);
    const module = new Module(target, parent);
    if (access === undefined) evaluateInCache(target, module);
    else {
      if (awaiting.has(target)) {
        fail(
          "ERR_REQUIRE_ASYNC_MODULE",
          `require() cannot be used on an ESM graph with top-level await. Use import() instead of require() for ${target}`,
        );
      }
      const namespace = access.require();
      // An ES module says with an export of this name what require() gives.
      module.exports = "module.exports" in namespace ? namespace["module.exports"] : namespace;
      cache[target] = module;
    }
    module.loaded = true;
    return module.exports;
  }

  function evaluateInCache(target: string, module: Module): void {
    cache[target] = module;
    try {
      (definitions.get(target) ?? definitionOf(target))(module);
    } catch (error) {
      delete cache[target];
      const siblings = module.parent?.children ?? [];
      if (siblings.includes(module)) siblings.splice(siblings.indexOf(module), 1);
      throw error;
    }
  }

  /** The ES module there, if one is there. */
  function esmAccess(target: string): EsmAccess | undefined {
    const known = esm.get(target);
    if (known !== undefined || target.startsWith("node:") || definitions.has(target) || target in cache)
      return known;
    const access = unbundled.esm(target);
    if (access !== undefined) esm.set(target, access);
    return access;
  }

  function definitionOf(path: string): (module: Module) => void {
    const found = unbundled.module(path);
    switch (found.kind) {
      case "cjs":
        return (module) => evaluate(path, module, found.compile());
      case "json":
        return (module) => parseJson(path, found.text, module);
      case "native":
        return () => refuseNative(path);
      default:
        return () => refuseTyped(path);
    }
  }

  function builtin(name: string): unknown {
    if (name !== "node:module") return platform.require(name);
    moduleBuiltin ??= moduleModule();
    return moduleBuiltin;
  }

  /** `node:module`, with what belongs to this bundle in the place of what the platform has. */
  function moduleModule(): unknown {
    let provided: object = {};
    try {
      provided = platform.require("node:module") as object;
    } catch {
      // Its parts below need nothing from the platform.
    }
    return Object.assign(Module, provided, { Module, createRequire, _cache: cache });
  }

  function createRequire(file: unknown): Require {
    const name = String(file);
    const path = fromFileUrl(name);
    if (!path.startsWith("/")) {
      throw nodeError(
        "ERR_INVALID_ARG_VALUE",
        `The argument 'filename' must be a file URL object, file URL string, or absolute path string. Received '${name}'`,
        TypeError,
      );
    }
    return requireFrom(path, new Module(path));
  }

  /** What an import of a CommonJS module, JSON or a `node:` module gives: `default` is all of it, as in Node. */
  function namespace(target: string): object {
    const cached = namespaces.get(target);
    if (cached !== undefined) return cached;
    const made = namespaceOf(load(target, undefined));
    namespaces.set(target, made);
    return made;
  }

  // No async functions in here: a native await would lose the async context of code that was lowered to keep it.
  function importFrom(path: string, specifier: unknown): Promise<object> {
    return new Promise((resolve) => {
      const found = required(find("import", String(specifier), path));
      const access = esmAccess(found);
      resolve(access === undefined ? namespace(found) : access.import());
    });
  }

  function meta(path: string): object {
    return Object.assign(Object.create(null), {
      dirname: dirname(path),
      filename: path,
      main: false,
      resolve: (specifier: unknown) => {
        const found = required(find("import", String(specifier), path));
        return found.startsWith("node:") ? found : `file://${found}`;
      },
      url: `file://${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`,
    });
  }

  current.modules = { Module, cache, createRequire };
  const failInit = (error: unknown): never => failLoading(error, platform);
  return {
    define,
    broken,
    fail,
    namespace,
    meta,
    /** Node's own modules, for scripts that no builder made. */
    require: platform.require,
    requests: (path: string, required: Requests, imported: Requests) =>
      void requests.set(path, { require: required, import: imported }),
    json: (path: string, text: string) =>
      void definitions.set(path, (module) => parseJson(path, text, module)),
    native: (path: string) => void definitions.set(path, () => refuseNative(path)),
    importer: (path: string) => (specifier: unknown) => importFrom(path, specifier),
    /** The ES modules that CommonJS modules or computed names can reach. */
    table: (path: string, access: EsmAccess) => void esm.set(path, access),
    awaiting: (paths: readonly string[]) => {
      for (const path of paths) awaiting.add(path);
    },
    entry: (exports: object) => {
      entryNamespace = exports;
    },
    esm: (evaluatePart: () => Promise<void>) => {
      evaluateEsm = evaluatePart;
    },
    startFailing: (errorType: string, message: string, trace: string[]) => ({
      kind: "cjs" as const,
      load: () => platform.fail(errorType, message, trace),
    }),
    startEsm: () => ({
      kind: "esm" as const,
      load: () =>
        new Promise<void>((resolve) => resolve(evaluateEsm?.())).then(() => entryNamespace, failInit),
    }),
    startCjs: (path: string) => ({
      kind: "cjs" as const,
      load: () => {
        try {
          // Without an ES module as entry this only fills the table, before its first await.
          void evaluateEsm?.();
          return load(path, undefined);
        } catch (error) {
          return failInit(error);
        }
      },
    }),
  };
}
