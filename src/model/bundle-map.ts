import { originalPositionFor, TraceMap, traceSegment } from "@jridgewell/trace-mapping";

/**
 * A bundle's source map: an index map with one section for each part. Of a part that was hardly changed, the map has
 * one segment a line, and columns count on from it: `x_linear`, which other readers of maps ignore.
 */
interface Section {
  readonly offset: { readonly line: number; readonly column: number };
  readonly map: {
    readonly version: 3;
    readonly sources: (string | null)[];
    readonly names: string[];
    readonly mappings: string;
    readonly x_linear?: true;
  };
}

/** One-based line and column, as people and V8 count. */
export interface SourcePosition {
  readonly source: string;
  readonly line: number;
  readonly column: number;
}

/** What the bundler wrote to join modules has names of its own. */
const ownSource = /^(brisk|facade|exports):/;

/** Finds positions of a bundle in the files that it was made of. Of each part the map is decoded when it is first asked for. */
export class BundleMap {
  readonly #sections: readonly Section[];
  readonly #maps = new Map<Section, TraceMap>();

  /** @throws {SyntaxError} It is no JSON. */
  constructor(json: string) {
    const parsed = JSON.parse(json) as { sections?: Section[] } & Section["map"];
    this.#sections = parsed.sections ?? [{ offset: { line: 0, column: 0 }, map: parsed }];
  }

  /** undefined for what is no part of a user's file. */
  positionOf(line: number, column: number): SourcePosition | undefined {
    if (line < 1 || column < 1) return undefined;
    const section = this.#sections.findLast(({ offset }) => offset.line < line);
    if (section === undefined) return undefined;
    const map = this.#mapOf(section);
    const own = line - section.offset.line;
    const found = section.map.x_linear
      ? linearPosition(map, own, column - 1)
      : originalPositionFor(map, { line: own, column: column - 1 });
    if (found === undefined || found.source === null || ownSource.test(found.source)) return undefined;
    return { source: found.source, line: found.line, column: found.column + 1 };
  }

  #mapOf(section: Section): TraceMap {
    let map = this.#maps.get(section);
    if (map === undefined) {
      map = new TraceMap(section.map);
      this.#maps.set(section, map);
    }
    return map;
  }
}

function linearPosition(map: TraceMap, line: number, column: number) {
  const segment = traceSegment(map, line - 1, column);
  if (segment === null || segment.length === 1) return undefined;
  const [start, source, sourceLine, sourceColumn] = segment;
  return {
    source: map.sources[source] ?? null,
    line: sourceLine + 1,
    column: sourceColumn + column - start,
  };
}
