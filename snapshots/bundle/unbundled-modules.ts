import type { EsmAccess, FunctionFiles, ModuleHost, Platform, UnbundledModule } from "./module.ts";

/** The function's files that are not in its bundle, each compiled when it is asked for. */
export class UnbundledModules {
  readonly #platform: Pick<Platform, "files">;
  readonly #host: ModuleHost;
  /** Compiled to see what they are, until they are evaluated. */
  readonly #compiled = new Map<string, UnbundledModule>();
  #files: FunctionFiles | undefined;
  #linked: ReturnType<FunctionFiles["linkEsm"]> | undefined;

  constructor(platform: Pick<Platform, "files">, host: ModuleHost) {
    this.#platform = platform;
    this.#host = host;
  }

  get files(): FunctionFiles {
    this.#files ??= this.#platform.files();
    return this.#files;
  }

  /** The ES module there, if it is one. @throws {SyntaxError} The file does not parse. */
  esm(path: string): EsmAccess | undefined {
    const found = this.module(path);
    if (found.kind !== "esm") {
      this.#compiled.set(path, found);
      return undefined;
    }
    this.#linked ??= this.files.linkEsm(this.#host);
    return this.#linked.add(path, found.text);
  }

  /** What is there. @throws {SyntaxError} The file does not parse. */
  module(path: string): UnbundledModule {
    const known = this.#compiled.get(path);
    this.#compiled.delete(path);
    return known ?? this.files.read(path);
  }
}
