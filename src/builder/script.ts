import { Script } from "node:vm";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { Resolution } from "../../snapshots/bundle/lazy/resolve-module.ts";
import type { EsmPart } from "./esm-part.ts";
import type { ModuleGraph } from "./module-graph.ts";
import type { GraphModule } from "./module-reader.ts";
import { positionOf, SourceSyntaxError } from "./source-module.ts";

/** A finished bundle: the classic script, and an index map of its parts. */
export interface BundleScript {
  readonly code: string;
  readonly map: string;
}

interface Section {
  /** Zero-based line of the script where the part begins, at column 0. */
  readonly line: number;
  readonly map: string;
  /** The file, where the part is one file. */
  readonly path: string | undefined;
}

/** Puts the parts together: line by line, so that each part keeps its columns and its map only moves down. */
export class ScriptWriter {
  #chunks: string[] = [];
  #line = 0;
  readonly #sections: Section[] = [];

  write(text: string): this {
    this.#chunks.push(text);
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#line++;
    return this;
  }

  /** Writes a part; it must stand at the beginning of a line. */
  writeMapped(text: string, map: string | undefined, path?: string): this {
    if (map !== undefined) this.#sections.push({ line: this.#line, map, path });
    return this.write(text);
  }

  finish(): { script: BundleScript; sections: readonly Section[] } {
    const sections = this.#sections.map(
      ({ line, map }) => `{"offset":{"line":${line},"column":0},"map":${map}}`,
    );
    return {
      script: { code: this.#chunks.join(""), map: `{"version":3,"sections":[${sections.join(",")}]}` },
      sections: this.#sections,
    };
  }
}

/** A script whose only act is to end init with a loader error. */
export function failingScript(errorType: string, message: string): BundleScript {
  const trace = `${errorType}: ${message}`.split("\n");
  const args = [errorType, message, trace].map((value) => JSON.stringify(value)).join(", ");
  return {
    code: `(function ($brisk) { return $brisk.startFailing(${args}); })`,
    map: `{"version":3,"sections":[]}`,
  };
}

/**
 * Writes the script of a function.
 * The script is a function of the module loader (snapshots/bundle/module-loader.ts), which every heap has.
 * @throws {SourceSyntaxError} When the engine refuses what esbuild let pass, such as a bad regular expression.
 */
export function writeScript(entry: string, graph: ModuleGraph, esm: EsmPart | undefined): BundleScript {
  const writer = new ScriptWriter();
  writer.write("(function ($brisk) {\n");
  for (const module of graph.modules.values()) writeModule(writer, module);
  if (esm !== undefined) writer.write("$brisk.esm(\n").writeMapped(esm.code, esm.map).write("\n);\n");
  const awaiting = esm?.awaiting ?? [];
  if (awaiting.length > 0) writer.write(`$brisk.awaiting(${JSON.stringify(awaiting)});\n`);
  const start =
    graph.modules.get(entry)?.format === "esm" ? "startEsm()" : `startCjs(${JSON.stringify(entry)})`;
  writer.write(`return $brisk.${start};\n})`);
  const { script, sections } = writer.finish();
  checkScript(script.code, sections);
  return script;
}

function writeModule(writer: ScriptWriter, module: GraphModule): void {
  const id = JSON.stringify(module.path);
  const requests = `${requestsOf(module.requires)}, ${requestsOf(module.imports)}`;
  switch (module.format) {
    case "cjs":
      writer
        .write(
          `$brisk.define(${id}, ${requests}, function (exports, require, module, __filename, __dirname, $load$) {\n`,
        )
        .writeMapped(module.code, module.map, module.path)
        .write("\n});\n");
      return;
    case "json":
      // As text: parsing JSON is faster than parsing a literal, and costs nothing until it is asked for.
      writer.write(`$brisk.json(${id}, ${JSON.stringify(module.code)});\n`);
      return;
    case "native":
      writer.write(`$brisk.native(${id});\n`);
      return;
    case "broken": {
      const { message = "", line = 1, column = 1 } = module.error ?? {};
      writer.write(`$brisk.broken(${id}, ${JSON.stringify(message)}, ${line}, ${column});\n`);
      return;
    }
    case "esm":
      // For createRequire() and computed import(); its own imports are esbuild's.
      if (module.requires.size > 0 || module.prelude.length > 0)
        writer.write(`$brisk.requests(${id}, ${requests});\n`);
  }
}

function requestsOf(requests: ReadonlyMap<string, Resolution>): string {
  const members = [...requests].map(([specifier, target]) => {
    const value =
      target.kind === "file"
        ? target.path
        : target.kind === "builtin"
          ? target.name
          : [target.code, target.message];
    return `${JSON.stringify(specifier)}: ${JSON.stringify(value)}`;
  });
  return `{${members.join(", ")}}`;
}

/** Compiles without running. One bad file would otherwise take the whole script with it. */
function checkScript(code: string, sections: readonly Section[]): void {
  try {
    new Script(code, { filename: "bundle.js" });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line, column } = positionOf(error);
    const section = sections.findLast((candidate) => candidate.line < line);
    if (section === undefined) throw error;
    const original = originalPositionFor(new TraceMap(section.map), {
      line: line - section.line,
      column: column - 1,
    });
    const path = section.path ?? original.source;
    if (path === null) throw error;
    throw new SourceSyntaxError(path, error.message, original.line ?? 1, (original.column ?? 0) + 1);
  }
}
