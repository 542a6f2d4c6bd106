import { current } from "../bundle/current.ts";
import { Module } from "../bundle/module.ts";
import { nodeModulesPaths } from "../bundle/paths.ts";
import { requireNode } from "../registry.ts";
import { builtinNames } from "./internal/builtin-names.ts";
import { nodeError, unavailable } from "./internal/errors.ts";

const names = new Set([...builtinNames, "test"]);

const isBuiltin = (specifier: string): boolean =>
  names.has(specifier.startsWith("node:") ? specifier.slice(5) : specifier);

/** The function's modules are its bundle's to find; before there is one, there are Node's own. */
function createRequire(from: unknown) {
  if (current.modules !== undefined) return current.modules.createRequire(from);
  const require = (specifier: string): unknown => {
    if (isBuiltin(specifier)) return requireNode(specifier);
    throw nodeError(Error, "MODULE_NOT_FOUND", `Cannot find module '${specifier}'`);
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

interface Parent {
  readonly filename?: string;
}

const requireFrom = (parent?: Parent) => createRequire(parent?.filename ?? "/var/task/index.js");

export default Object.assign(Module, {
  Module,
  builtinModules: [...builtinNames],
  isBuiltin,
  createRequire,
  _extensions: { ".js": undefined, ".json": undefined, ".node": undefined },
  _cache: current.modules?.cache ?? (Object.create(null) as object),
  _load: (specifier: string, parent?: Parent) => requireFrom(parent)(specifier),
  _resolveFilename: (specifier: string, parent?: Parent) => requireFrom(parent).resolve(specifier),
  _nodeModulePaths: nodeModulesPaths,
  globalPaths: ["/opt/nodejs/node_modules", "/var/task"],
  findSourceMap: () => undefined,
  syncBuiltinESMExports() {},
  enableCompileCache: () => ({ status: 3 }),
  constants: {
    compileCacheStatus: Object.freeze({ FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 }),
  },
  getSourceMapsSupport: () => Object.freeze({ enabled: true, nodeModules: true, generatedCode: false }),
  setSourceMapsSupport() {},
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
