import { requireNode } from "../registry.ts";
import { builtinNames } from "./internal/builtin-names.ts";
import { nodeError, unavailable } from "./internal/errors.ts";

const names = new Set([...builtinNames, "test"]);

const isBuiltin = (specifier: string): boolean =>
  names.has(specifier.startsWith("node:") ? specifier.slice(5) : specifier);

/** Loads node modules only: every other one was bundled, and a bundle has no files to look in. */
function createRequire(_from: unknown) {
  const require = (specifier: string): unknown => {
    if (isBuiltin(specifier)) return requireNode(specifier);
    throw nodeError(
      Error,
      "MODULE_NOT_FOUND",
      `Cannot find module '${specifier}': only what the bundler could see is in the function; import it by a literal name`,
    );
  };
  return Object.assign(require, {
    cache: Object.create(null) as object,
    main: undefined,
    resolve(specifier: string): string {
      if (isBuiltin(specifier)) return specifier;
      throw nodeError(Error, "MODULE_NOT_FOUND", `Cannot find module '${specifier}'`);
    },
  });
}

function Module(this: { id: string; exports: object; loaded: boolean }, id = ""): void {
  this.id = id;
  this.exports = {};
  this.loaded = false;
}

export default Object.assign(Module, {
  Module,
  builtinModules: [...builtinNames],
  isBuiltin,
  createRequire,
  _extensions: { ".js": undefined, ".json": undefined, ".node": undefined },
  _cache: Object.create(null) as object,
  _load: (specifier: string) => createRequire("")(specifier),
  _resolveFilename: (specifier: string) => specifier,
  findSourceMap: () => undefined,
  syncBuiltinESMExports() {},
  enableCompileCache: () => ({ status: 3 }),
  flushCompileCache() {},
  getCompileCacheDir: () => undefined,
  wrap: (script: string) => `(function (exports, require, module, __filename, __dirname) { ${script}\n});`,
  register() {
    throw unavailable("module.register", "a function is bundled before it runs");
  },
  registerHooks() {
    throw unavailable("module.registerHooks", "a function is bundled before it runs");
  },
  stripTypeScriptTypes() {
    throw unavailable("module.stripTypeScriptTypes", "TypeScript is compiled when the function is deployed");
  },
});
