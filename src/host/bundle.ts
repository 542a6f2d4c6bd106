import { FlattenMap, originalPositionFor, type TraceMap } from "@jridgewell/trace-mapping";

/** Where a user's files lie, by their paths in the zip. */
const taskFolder = "/var/task/";

/** A function's script in this host, shared by all its environments. Its source map is parsed when first asked. */
export class LoadedBundle {
  static readonly filename = "/var/task/.brisk/bundle.js";
  readonly hash: string;
  readonly script: string;
  readonly #mapJson: Buffer;
  #map: TraceMap | undefined;

  constructor(hash: string, script: string, mapJson: Buffer) {
    this.hash = hash;
    this.script = script;
    this.#mapJson = mapJson;
  }

  /** @param line From 1. @param column From 1, as V8 counts. */
  position(line: number, column: number): string | undefined {
    if (line < 1 || column < 1) return undefined;
    this.#map ??= new FlattenMap(this.#mapJson.toString("utf8"));
    const found = originalPositionFor(this.#map, { line, column: column - 1 });
    // The map also names what the bundler wrote to join modules, under names of its own.
    if (!found.source?.startsWith(taskFolder)) return undefined;
    return `${found.source}:${found.line}:${found.column + 1}`;
  }
}
