import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type BuildOptions, build, type Message, type Plugin, stop } from "esbuild-wasm";
import { commonJsRequests } from "./sloppy-common-js.ts";

/** What is wrong with a source file. Line and column count from 1. */
export interface SourceProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface SourceGraph {
  /** Of all that the entry imports by literal names, itself among them; empty while there is a problem. */
  readonly files: readonly string[];
  readonly problems: readonly SourceProblem[];
}

/**
 * What a function's entry imports, and whether all of it parses. Only that: its builder makes the bundle. Runs esbuild in a
 * process of its own, which stays for the next save.
 */
export class SourceReader {
  readonly #entry: string;
  readonly #packages: "bundle" | "external";

  /** @param packages Whether the files of packages are part of the graph. */
  constructor(entry: string, packages: "bundle" | "external") {
    this.#entry = entry;
    this.#packages = packages;
  }

  async read(): Promise<SourceGraph> {
    // esbuild takes all code for strict; what Node would run all the same is read without it, in another attempt.
    const sloppy = new Map<string, string>();
    for (;;) {
      const graph = await this.#build(sloppy);
      const known = sloppy.size;
      for (const { file } of graph.problems) {
        const requests = sloppy.has(file) ? undefined : await commonJsRequests(file);
        if (requests !== undefined) sloppy.set(file, requests);
      }
      if (sloppy.size === known) return graph;
    }
  }

  /** @param sloppy By file, what stands for its text. */
  async #build(sloppy: ReadonlyMap<string, string>): Promise<SourceGraph> {
    const folder = dirname(this.#entry);
    const options = {
      entryPoints: [this.#entry],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      metafile: true,
      platform: "node",
      format: "esm",
      target: "esnext",
      packages: this.#packages,
      logLevel: "silent",
      logLimit: 20,
      loader: { ".node": "empty", ".wasm": "empty" },
      plugins: [unresolvedIsExternal, standIns(sloppy)],
    } satisfies BuildOptions;
    try {
      const { metafile } = await build(options);
      return { files: Object.keys(metafile.inputs).map((name) => resolve(folder, name)), problems: [] };
    } catch (error) {
      const { errors } = error as { errors?: readonly Message[] };
      if (errors === undefined) throw error;
      return { files: [], problems: errors.map((message) => toProblem(message, folder, this.#entry)) };
    }
  }

  async close(): Promise<void> {
    await stop();
  }
}

/** What is not there is missing when it is asked for, as on Lambda. */
const unresolvedIsExternal: Plugin = {
  name: "unresolved is external",
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === "inner" || options.kind === "entry-point") return undefined;
      const found = await builder.resolve(path, { ...options, pluginData: "inner" });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

function standIns(texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: "stand-ins",
    setup(builder) {
      if (texts.size === 0) return;
      builder.onLoad({ filter: /\.c?js$/ }, ({ path }) => {
        const contents = texts.get(path);
        return contents === undefined ? undefined : { contents };
      });
    },
  };
}

function toProblem({ location, text }: Message, folder: string, entry: string): SourceProblem {
  return {
    file: location === null ? entry : resolve(folder, location.file),
    line: location?.line ?? 1,
    column: (location?.column ?? 0) + 1,
    message: text,
  };
}

/** The nearest folder with a package.json, from the file's own up; its own where there is none. */
export function projectRoot(file: string): string {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (dirname(folder) === folder) return dirname(file);
  }
}
