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

/** A file that is not in the bundle, ready to be evaluated. */
export type UnbundledModule =
  | { readonly kind: "cjs"; readonly run: Wrapper }
  | { readonly kind: "json"; readonly text: string }
  | { readonly kind: "native" }
  /** It had to be compiled when the function was deployed, and was not. */
  | { readonly kind: "esm" };

/** The function's files, for what its code asks for by names that it computes. */
export interface FunctionFiles {
  resolve(specifier: string, importer: string, kind: RequestKind): Target;
  /** @throws {SyntaxError} The file does not parse. */
  read(path: string): UnbundledModule;
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
