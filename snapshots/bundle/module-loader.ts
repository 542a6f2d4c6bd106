/**
 * Node's module loaders over the modules of one bundle. The builder writes this into each bundle, before the
 * code of the function; it runs in the guest, and trusts nothing that the function could not do anyway.
 */
export interface Platform {
  /** What `require("node:x")` gives. Throws for a module that is not provided. */
  require(specifier: string): unknown;
  /** Ends init with a loader error. */
  fail(errorType: string, message: string, trace: string[]): never;
}

/** Where a request leads: a file's path, a `node:` name, or the code and message of the error that it is. */
type Target = string | readonly [code: string, message: string];
type Requests = Readonly<Record<string, Target>>;
type Wrapper = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: Module,
  filename: string,
  dirname: string,
  load: (specifier: unknown) => Promise<object>,
) => void;
type EsmAccess = { import: () => Promise<object>; require: () => object };

interface Require {
  (specifier: unknown): unknown;
  resolve: (specifier: unknown) => string;
  cache: Record<string, Module>;
  main: undefined;
  extensions: object;
}

class Module {
  id: string;
  path: string;
  filename: string;
  exports: unknown = {};
  loaded = false;
  children: Module[] = [];
  parent: Module | undefined;
  paths: string[];
  declare require: (specifier: unknown) => unknown;

  constructor(id: string, parent?: Module) {
    this.id = id;
    this.filename = id;
    this.path = dirname(id);
    this.parent = parent;
    this.paths = nodeModulesPaths(this.path);
  }
}

const runtimeFile = "/var/runtime/index.mjs";
const extensions = ["", ".js", ".json", ".node", ".cjs", ".ts", ".cts", ".tsx", ".jsx", ".mjs", ".mts"];

export function createModuleLoader(platform: Platform) {
  const definitions = new Map<string, (module: Module) => void>();
  const requires = new Map<string, Requests>();
  const imports = new Map<string, Requests>();
  /** Where any literal request for a package leads, for requests whose name is computed. */
  const packages = new Map<string, string>();
  const esm = new Map<string, EsmAccess>();
  /** ES modules with top-level await, in them or in what they import. */
  const awaiting = new Set<string>();
  const namespaces = new Map<string, object>();
  const cache: Record<string, Module> = Object.create(null);
  let evaluateEsm: (() => Promise<void>) | undefined;
  let entryNamespace: object | undefined;
  let moduleBuiltin: unknown;

  function requests(path: string, required: Requests, imported: Requests): void {
    requires.set(path, required);
    imports.set(path, imported);
    for (const map of [required, imported]) {
      for (const [specifier, target] of Object.entries(map)) {
        if (typeof target === "string" && !packages.has(specifier)) packages.set(specifier, target);
      }
    }
  }

  function define(path: string, required: Requests, imported: Requests, run: Wrapper): void {
    requests(path, required, imported);
    definitions.set(path, (module) => {
      const load = (specifier: unknown) => importFrom(path, specifier);
      run.call(module.exports, module.exports, requireFrom(path, module), module, path, module.path, load);
    });
  }

  function json(path: string, text: string): void {
    definitions.set(path, (module) => {
      try {
        module.exports = JSON.parse(text);
      } catch (error) {
        throw new SyntaxError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
  }

  /** A file that does not parse: the error belongs to whoever evaluates it. */
  function broken(path: string, message: string, line: number, column: number): void {
    definitions.set(path, () => {
      const error = new SyntaxError(message);
      error.stack = `SyntaxError: ${message}\n    at ${path}:${line}:${column}`;
      throw error;
    });
  }

  function native(path: string): void {
    definitions.set(path, () =>
      fail(
        "ERR_DLOPEN_FAILED",
        `${path}: native addons and WebAssembly modules cannot be loaded in an isolate`,
      ),
    );
  }

  function fail(code: string, message: string, parent?: Module): never {
    if (code !== "MODULE_NOT_FOUND") throw Object.assign(new Error(message), { code });
    const requireStack: string[] = [];
    for (let module = parent; module !== undefined; module = module.parent)
      requireStack.push(module.filename);
    requireStack.push(runtimeFile);
    throw Object.assign(new Error(`${message}\nRequire stack:\n- ${requireStack.join("\n- ")}`), {
      code,
      requireStack,
    });
  }

  function requireFrom(path: string, module: Module): Require {
    const require = ((specifier: unknown) => load(target(specifier), module)) as Require;
    const target = (specifier: unknown): string => {
      const found = find(requires.get(path), checkedSpecifier(specifier), path, "MODULE_NOT_FOUND");
      return typeof found === "string" ? found : fail(found[0], found[1], module);
    };
    require.resolve = (specifier) => {
      const found = target(specifier);
      return found.startsWith("node:") ? String(specifier) : found;
    };
    require.cache = cache;
    require.main = undefined;
    require.extensions = {};
    module.require = require;
    return require;
  }

  function find(literal: Requests | undefined, specifier: string, path: string, code: string): Target {
    if (literal !== undefined && Object.hasOwn(literal, specifier)) return literal[specifier] as Target;
    return findComputed(specifier, path, code);
  }

  /** A name that was not in the code as a literal is looked for among the modules that the bundle has. */
  function findComputed(specifier: string, path: string, code: string): Target {
    if (specifier.startsWith("node:")) return specifier;
    const plain = specifier.startsWith("file://") ? decodeURIComponent(specifier.slice(7)) : specifier;
    if (/^(\.{0,2}\/|\.{1,2}$)/.test(plain)) {
      const base = normalize(plain.startsWith("/") ? plain : `${dirname(path)}/${plain}`);
      for (const stem of [base, `${base}/index`]) {
        for (const extension of extensions) {
          if (definitions.has(stem + extension) || esm.has(stem + extension)) return stem + extension;
        }
      }
      return [
        code,
        `Cannot find module '${specifier}'${code === "MODULE_NOT_FOUND" ? "" : ` imported from ${path}`}`,
      ];
    }
    const known = packages.get(specifier);
    if (known !== undefined) return known;
    try {
      platform.require(`node:${specifier}`);
      return `node:${specifier}`;
    } catch {
      return [
        code,
        `Cannot find ${code === "MODULE_NOT_FOUND" ? "module" : "package"} '${specifier}'${code === "MODULE_NOT_FOUND" ? "" : ` imported from ${path}`}`,
      ];
    }
  }

  function load(target: string, parent: Module | undefined): unknown {
    if (target.startsWith("node:")) return builtin(target);
    const cached = cache[target];
    if (cached !== undefined) {
      if (parent !== undefined && !parent.children.includes(cached)) parent.children.push(cached);
      return cached.exports;
    }
    const access = esm.get(target);
    const run = definitions.get(target);
    const module = new Module(target, parent);
    if (access !== undefined) {
      if (awaiting.has(target)) {
        fail(
          "ERR_REQUIRE_ASYNC_MODULE",
          `require() cannot be used on an ESM graph with top-level await. Use import() instead of require() for ${target}`,
        );
      }
      const namespace = access.require();
      // An ES module says with an export of this name what require() gives.
      module.exports = "module.exports" in namespace ? namespace["module.exports"] : namespace;
    } else {
      if (run === undefined) fail("MODULE_NOT_FOUND", `Cannot find module '${target}'`, parent);
      cache[target] = module;
      try {
        run(module);
      } catch (error) {
        delete cache[target];
        throw error;
      }
    }
    cache[target] = module;
    module.loaded = true;
    parent?.children.push(module);
    return module.exports;
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
    const createRequire = (file: unknown): Require => {
      const name = String(file);
      const path = name.startsWith("file://") ? decodeURIComponent(name.slice(7)) : name;
      if (!path.startsWith("/")) {
        throw Object.assign(
          new TypeError(
            `The argument 'filename' must be a file URL object, file URL string, or absolute path string. Received '${name}'`,
          ),
          { code: "ERR_INVALID_ARG_VALUE" },
        );
      }
      return requireFrom(path, new Module(path));
    };
    return Object.assign(Module, provided, { Module, createRequire, _cache: cache });
  }

  /** What an import of a CommonJS module, JSON or a `node:` module gives: `default` is all of it, as in Node. */
  function namespace(target: string): object {
    const cached = namespaces.get(target);
    if (cached !== undefined) return cached;
    const exports = load(target, undefined);
    const made: object = Object.defineProperty({}, "__esModule", { value: true });
    const names =
      typeof exports === "object" || typeof exports === "function" ? Object.keys(exports ?? {}) : [];
    for (const name of names) {
      if (name === "default" || name === "__esModule") continue;
      Object.defineProperty(made, name, {
        enumerable: true,
        get: () => (exports as Record<string, unknown>)[name],
      });
    }
    Object.defineProperty(made, "default", { enumerable: true, value: exports });
    Object.defineProperty(made, "module.exports", { enumerable: true, value: exports });
    namespaces.set(target, made);
    return made;
  }

  // No async functions in here: a native await would lose the async context of code that was lowered to keep it.
  function importFrom(path: string, specifier: unknown): Promise<object> {
    return new Promise((resolve) => {
      const found = find(imports.get(path), String(specifier), path, "ERR_MODULE_NOT_FOUND");
      if (typeof found !== "string") return fail(found[0], found[1]);
      const access = esm.get(found);
      resolve(access === undefined ? namespace(found) : access.import());
    });
  }

  function meta(path: string): object {
    return Object.assign(Object.create(null), {
      dirname: dirname(path),
      filename: path,
      main: false,
      resolve: (specifier: unknown) => {
        const found = find(imports.get(path), String(specifier), path, "ERR_MODULE_NOT_FOUND");
        if (typeof found !== "string") return fail(found[0], found[1]);
        return found.startsWith("node:") ? found : `file://${found}`;
      },
      url: `file://${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`,
    });
  }

  /** Lambda's loader gives these two kinds of error names of their own; others reach the caller as they are. */
  function failLoading(error: unknown): never {
    const type =
      error instanceof SyntaxError
        ? "Runtime.UserCodeSyntaxError"
        : error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND"
          ? "Runtime.ImportModuleError"
          : undefined;
    if (type === undefined) throw error;
    const message = String(error);
    const frames = String((error as Error).stack)
      .split("\n")
      .filter((line) => /^\s+at /.test(line));
    platform.fail(type, message, [...`${type}: ${message}`.split("\n"), ...frames]);
  }

  return {
    requests,
    define,
    json,
    broken,
    native,
    fail,
    namespace,
    meta,
    importer: (path: string) => (specifier: unknown) => importFrom(path, specifier),
    /** The ES modules that CommonJS modules or computed names can reach. */
    table: (path: string, access: EsmAccess) => void esm.set(path, access),
    awaiting: (paths: readonly string[]) => {
      for (const path of paths) awaiting.add(path);
    },
    entry: (exports: object) => {
      entryNamespace = exports;
    },
    esm: (evaluate: () => Promise<void>) => {
      evaluateEsm = evaluate;
    },
    startEsm: () => ({
      kind: "esm",
      load: () =>
        new Promise<void>((resolve) => resolve(evaluateEsm?.())).then(() => entryNamespace, failLoading),
    }),
    startCjs: (path: string) => ({
      kind: "cjs",
      load: () => {
        try {
          // Without an ES module as entry this only fills the table, before its first await.
          void evaluateEsm?.();
          return load(path, undefined);
        } catch (error) {
          failLoading(error);
        }
      },
    }),
  };
}

function checkedSpecifier(specifier: unknown): string {
  if (typeof specifier === "string" && specifier !== "") return specifier;
  throw typeof specifier === "string"
    ? Object.assign(new TypeError("The argument 'id' must be a non-empty string. Received ''"), {
        code: "ERR_INVALID_ARG_VALUE",
      })
    : Object.assign(new TypeError(`The "id" argument must be of type string. Received ${typeof specifier}`), {
        code: "ERR_INVALID_ARG_TYPE",
      });
}

function dirname(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";
}

function normalize(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

function nodeModulesPaths(folder: string): string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (!at.endsWith("/node_modules")) paths.push(at === "/" ? "/node_modules" : `${at}/node_modules`);
    if (at === "/") return paths;
  }
}
