import { dirname, nodeModulesPaths } from "./paths.ts";

export interface Require {
  (specifier: unknown): unknown;
  resolve: ((specifier: unknown, options?: { paths?: unknown }) => string) & {
    paths(specifier: unknown): string[] | null;
  };
  cache: Record<string, Module>;
  /** As on Lambda, whose own program is an ES module. */
  main: undefined;
  extensions: object;
}

/** A CommonJS module as its own code sees it. */
export class Module {
  id: string;
  path: string;
  filename: string;
  exports: unknown = {};
  loaded = false;
  children: Module[] = [];
  parent: Module | undefined;
  paths: string[];
  isPreloading = false;
  declare require: Require;

  constructor(id = "", parent?: Module) {
    this.id = id;
    this.filename = id;
    this.path = dirname(id);
    this.parent = parent;
    this.paths = nodeModulesPaths(this.path);
    parent?.children.push(this);
  }
}

/** Where a request leads: a file's path, a `node:` name, or the code and message of the error that it is. */
export type Target = string | readonly [code: string, message: string];

export type RequestKind = "require" | "import";

/** What stands around a CommonJS module's code. */
export type Wrapper = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: Module,
  filename: string,
  dirname: string,
  load: (specifier: unknown) => Promise<object>,
) => void;

/** How an ES module is reached from outside of what it was compiled with. */
export interface EsmAccess {
  readonly import: () => Promise<object>;
  readonly require: () => object;
}

/** An ES module that was compiled where it runs. @see parsed-code/es-module.ts for what the members are. */
export interface EsmText {
  readonly requests: readonly string[];
  readonly imported: readonly (readonly [request: number, name: string])[];
  readonly stars: readonly number[];
  readonly isAsync: boolean;
  readonly run: (scope: object) => () => Iterator<undefined> | AsyncIterator<undefined>;
}

/** A file that is not in the bundle, ready to be evaluated. */
export type UnbundledModule =
  /** @param compile Throws a SyntaxError when the file does not parse. */
  | { readonly kind: "cjs"; readonly compile: () => Wrapper }
  | { readonly kind: "esm"; readonly text: EsmText }
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "native" }
  /** TypeScript or JSX: it had to be compiled when the function was deployed, and was not. */
  | { readonly kind: "typed" };

/** What the module loader does for ES modules that are compiled where they run. */
export interface ModuleHost {
  /** Where an import leads. @throws {Error} Nowhere. */
  find(specifier: string, importer: string): string;
  /** The ES module there, in the bundle or not; undefined where something else is. */
  access(target: string): EsmAccess | undefined;
  /** Whether an ES module of the bundle awaits at its top level. */
  isAsync(target: string): boolean;
  /** What an import of something else gives; it is evaluated. */
  namespace(target: string): object;
  import(path: string, specifier: unknown): Promise<object>;
  meta(path: string): object;
}

/** The function's files, for what its code asks for by names that it computes. */
export interface FunctionFiles {
  resolve(specifier: string, importer: string, kind: RequestKind): Target;
  /** @throws {SyntaxError} The file does not parse. */
  read(path: string): UnbundledModule;
  /** Links ES modules that are not in the bundle. */
  linkEsm(host: ModuleHost): { add(path: string, text: EsmText): EsmAccess };
  /** Folders that packages are looked for in. */
  packageFolders(importer: string): string[];
}

/** What a bundle finds outside of itself. */
export interface Platform {
  /** What `require("node:x")` gives. Throws for a module that is not provided. */
  require(specifier: string): unknown;
  /** Ends init with a loader error. */
  fail(errorType: string, message: string, trace: string[]): never;
  /** Compiled at its first use: most functions name all their modules literally. */
  files(): FunctionFiles;
}
