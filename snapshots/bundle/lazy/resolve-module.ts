import { exports as resolveExports, imports as resolveImports } from "resolve.exports";
import { dirname, extname, joinPath, nodeModulesPaths } from "../paths.ts";
import { packageScope } from "./resolve-module/package-scope.ts";

export { packageScope };

/** Where Lambda puts a function's code, and what its layers hold (mirrored in src/model/function-folders.ts). */
const taskRoot = "/var/task";
const layerRoot = "/opt";

/** `require`: require() and require.resolve(). `import`: import statements and import(). */
export type RequestKind = "require" | "import";

export type Resolution =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "missing"; readonly code: string; readonly message: string };

/** There is nothing elsewhere. */
const roots = [taskRoot, layerRoot, "/tmp"];
// Lambda's Node matches these besides import/require, node and default, which the package adds itself.
const conditions = ["module-sync", "node-addons"];
const requireExtensions = [".js", ".json", ".node", ".cjs", ".ts", ".cts", ".tsx", ".jsx", ".mjs", ".mts"];
/** TypeScript names the file that the compiler would have written. */
const typescriptSources: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};

/** What resolution asks of a file system: a zip's where a function is bundled, an environment's where it runs. */
export interface ModuleFiles {
  isFile(path: string): boolean;
  isDirectory(path: string): boolean;
  /** The path that links on the way lead to. */
  real(path: string): string;
  /** A folder's package.json as an object; undefined where there is none, or none that can be read. */
  packageJson(folder: string): Record<string, unknown> | undefined;
}

/**
 * Node's module resolution over a function's files, plus TypeScript's names for its own sources. Builders follow it for what
 * code names literally, environments for what it computes.
 */
export class ModuleResolver {
  readonly #files: ModuleFiles;
  readonly #isBuiltin: (name: string) => boolean;
  readonly #globalFolders: readonly string[];

  /**
   * @param runtime As `nodejs22.x`.
   * @param isBuiltin Whether a name without `node:` is one of Node's own modules.
   */
  constructor(files: ModuleFiles, runtime: string, isBuiltin: (name: string) => boolean) {
    this.#files = files;
    this.#isBuiltin = isBuiltin;
    this.#globalFolders = globalFolders(runtime);
  }

  /** The folders that a package is looked for in. */
  packageFolders(importer: string): string[] {
    return [...nodeModulesPaths(dirname(importer)), ...this.#globalFolders];
  }

  resolve(specifier: string, importer: string, kind: RequestKind): Resolution {
    if (specifier.startsWith("node:")) return { kind: "builtin", name: specifier };
    if (this.#isBuiltin(specifier)) return { kind: "builtin", name: `node:${specifier}` };
    const path = this.#resolvePath(specifier, importer, kind);
    if (typeof path !== "string") return path;
    // A module is what links lead to: found by two ways, it is still one.
    return { kind: "file", path: this.#files.real(path) };
  }

  /** `path` itself, or with an extension, or as a folder: what require() does with a path. */
  resolveAsPath(path: string): string | undefined {
    return this.#asFile(path) ?? this.#asDirectory(path);
  }

  #resolvePath(specifier: string, importer: string, kind: RequestKind): string | Resolution {
    if (/^(\.{1,2}(\/|$)|\/|file:)/.test(specifier)) {
      const target = asPath(specifier, importer, kind);
      const found =
        target &&
        (kind === "require" ? this.#requirePath(target, specifier) : this.#importPath(target, importer));
      return found ?? notFound(kind, specifier, target ?? specifier, importer);
    }
    if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) {
      return missing(
        "ERR_UNSUPPORTED_ESM_URL_SCHEME",
        `Only file: and node: URLs can be loaded. Received '${specifier}'`,
      );
    }
    if (specifier.startsWith("#")) return this.#packageImport(specifier, importer, kind);
    return this.#package(specifier, importer, kind);
  }

  #requirePath(target: string, specifier: string): string | undefined {
    // A trailing slash asks for the folder even where a file of that name lies beside it.
    if (/(^|\/)\.{0,2}$/.test(specifier)) return this.#asDirectory(target);
    return this.resolveAsPath(target);
  }

  #importPath(target: string, importer: string): string | undefined {
    if (this.#files.isFile(target)) return target;
    const source = this.#typescriptSource(target);
    if (source !== undefined) return source;
    // TypeScript written for a bundler leaves extensions out; Node's own ES modules may not.
    return /\.[cm]?tsx?$/.test(importer) ? this.resolveAsPath(target) : undefined;
  }

  #asFile(path: string): string | undefined {
    if (this.#files.isFile(path)) return path;
    for (const extension of requireExtensions) {
      if (this.#files.isFile(path + extension)) return path + extension;
    }
    return this.#typescriptSource(path);
  }

  #asDirectory(path: string): string | undefined {
    if (!this.#files.isDirectory(path)) return undefined;
    const main = this.#files.packageJson(path)?.["main"];
    if (typeof main === "string" && main !== "") {
      const target = joinPath(path, main);
      const found = this.#asFile(target) ?? this.#asFile(`${target}/index`);
      if (found !== undefined) return found;
    }
    return this.#asFile(`${path}/index`);
  }

  #typescriptSource(path: string): string | undefined {
    const extension = extname(path);
    for (const source of typescriptSources[extension] ?? []) {
      const candidate = path.slice(0, -extension.length) + source;
      if (this.#files.isFile(candidate)) return candidate;
    }
    return undefined;
  }

  #packageImport(specifier: string, importer: string, kind: RequestKind): string | Resolution {
    const scope = packageScope(this.#files, importer);
    const targets = scope && attempt(() => resolveImports(scope.json, specifier, optionsFor(kind)));
    for (const target of targets || []) {
      if (target.startsWith("node:") || this.#isBuiltin(target)) return this.resolve(target, importer, kind);
      // Another `#` name is no valid target, and following it could go round for ever.
      if (target.startsWith("#")) break;
      if (!target.startsWith("./")) return this.#package(target, importer, kind);
      const path = joinPath(scope?.folder ?? taskRoot, target);
      if (this.#files.isFile(path)) return path;
    }
    return missing(
      "ERR_PACKAGE_IMPORT_NOT_DEFINED",
      `Package import specifier "${specifier}" is not defined${scope ? ` in package ${scope.folder}/package.json` : ""} imported from ${importer}`,
    );
  }

  #package(specifier: string, importer: string, kind: RequestKind): string | Resolution {
    const match = /^((?:@[^/\\%]+\/)?[^./\\%@][^/\\%]*)(\/.*)?$/.exec(specifier);
    const name = match?.[1];
    if (name === undefined) return notFound(kind, specifier, specifier, importer);
    const subpath = `.${match?.[2] ?? ""}`;
    const scope = packageScope(this.#files, importer);
    if (scope?.json["name"] === name && scope.json["exports"] !== undefined) {
      return this.#packageTarget(scope.folder, scope.json, subpath, kind, specifier, importer);
    }
    for (let folder = dirname(importer); folder !== "/"; folder = dirname(folder)) {
      if (folder.endsWith("/node_modules")) continue;
      const home = `${folder}/node_modules/${name}`;
      if (this.#files.isDirectory(home)) {
        return this.#packageTarget(home, this.#files.packageJson(home), subpath, kind, specifier, importer);
      }
      const single = kind === "require" ? this.#asFile(`${folder}/node_modules/${specifier}`) : undefined;
      if (single !== undefined) return single;
    }
    return (
      this.#globalPackage(name, subpath, kind, specifier, importer) ??
      notFound(kind, specifier, specifier, importer)
    );
  }

  /** A package of NODE_PATH, which is where layers have theirs. */
  #globalPackage(
    name: string,
    subpath: string,
    kind: RequestKind,
    specifier: string,
    importer: string,
  ): string | Resolution | undefined {
    for (const folder of this.#globalFolders) {
      const home = `${folder}/${name}`;
      const json = this.#files.packageJson(home);
      const hasExports = json?.["exports"] !== undefined && json["exports"] !== null;
      if (hasExports || (kind === "import" && this.#files.isDirectory(home))) {
        return this.#packageTarget(home, json, subpath, kind, specifier, importer);
      }
      const found = kind === "require" ? this.resolveAsPath(`${folder}/${specifier}`) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #packageTarget(
    home: string,
    json: Record<string, unknown> | undefined,
    subpath: string,
    kind: RequestKind,
    specifier: string,
    importer: string,
  ): string | Resolution {
    if (json?.["exports"] !== undefined && json["exports"] !== null) {
      const targets = attempt(() => resolveExports(json, subpath, optionsFor(kind))) || [];
      if (targets.length === 0) return notExported(home, subpath);
      for (const target of targets) {
        const path = joinPath(home, target);
        if (path.startsWith(`${home}/`) && this.#files.isFile(path)) return path;
      }
      return notFound(kind, specifier, joinPath(home, targets[0] ?? ""), importer);
    }
    const target = joinPath(home, subpath);
    const found =
      subpath === "."
        ? this.#asDirectory(home)
        : kind === "require"
          ? this.resolveAsPath(target)
          : this.#importPath(target, importer);
    return found ?? notFound(kind, specifier, target, importer);
  }
}

function optionsFor(kind: RequestKind): { require: boolean; conditions: readonly string[] } {
  return { require: kind === "require", conditions };
}

/**
 * Of Lambda's NODE_PATH the folders that can hold anything here. Unlike Node itself, Lambda's looks there for import, too, from
 * nodejs18.x on (docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html, "Designating a function handler as an ES module").
 */
function globalFolders(runtime: string): readonly string[] {
  const major = /\d+/.exec(runtime)?.[0] ?? "";
  return [`${layerRoot}/nodejs/node${major}/node_modules`, `${layerRoot}/nodejs/node_modules`, taskRoot];
}

/** The package throws for a name that is not exported, with a message of its own. */
function attempt<T>(resolve: () => T): T | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

/** The absolute path that a relative, absolute or file: specifier means; undefined outside of the function's files. */
function asPath(specifier: string, importer: string, kind: RequestKind): string | undefined {
  let path = specifier;
  if (kind === "import") {
    path = path.replace(/[?#].*$/, "").replace(/^file:\/\//, "");
    try {
      path = decodeURIComponent(path);
    } catch {
      return undefined;
    }
  }
  const target = path.startsWith("/") ? joinPath("/", path) : joinPath(dirname(importer), path);
  return roots.some((root) => `${target}/`.startsWith(`${root}/`)) ? target : undefined;
}

function notExported(home: string, subpath: string): Resolution {
  return missing(
    "ERR_PACKAGE_PATH_NOT_EXPORTED",
    subpath === "."
      ? `No "exports" main defined in ${home}/package.json`
      : `Package subpath '${subpath}' is not defined by "exports" in ${home}/package.json`,
  );
}

function notFound(kind: RequestKind, specifier: string, target: string, importer: string): Resolution {
  if (kind === "require") return missing("MODULE_NOT_FOUND", `Cannot find module '${specifier}'`);
  const what = target.startsWith("/") ? "module" : "package";
  const name = what === "module" ? target : packageName(target);
  return missing("ERR_MODULE_NOT_FOUND", `Cannot find ${what} '${name}' imported from ${importer}`);
}

function packageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function missing(code: string, message: string): Resolution {
  return { kind: "missing", code, message };
}
