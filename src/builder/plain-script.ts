import { decodedMappings, encodedMappings, TraceMap } from "@jridgewell/trace-mapping";
import jsTokens from "js-tokens";
import { importsOf } from "./module-requests.ts";

/**
 * From this length on, CommonJS stands in the bundle as it was written where it can. Printing it anew takes esbuild two
 * seconds a megabyte, and makes it a quarter shorter; of what is short that is hardly noticed, and every heap has less to hold.
 */
const plainCharacters = 64 * 1024;

/** What has to be written in another way before V8 can freeze it; the word alone stands in many a message. */
const unfreezable = /\busing(?:[^\S\n]+[^\s=;,.()]+\s*(?:=[^=>]|of\b)|\s*\/\*)/;
const notLatin1 = /[^\0-\xff]/;
const notLatin1Each = /[^\0-\xff]/g;
/** Characters that an escape has more than what it stands for. */
const escapeGrowth = 5;
/** What ends lines or parts words where it stands outside of a text: escaped there, it would be something else. */
const separators = /[\p{Z}\u2028\u2029\ufeff]/u;

/** A part of the bundle, with the map that leads from it to the file. */
export interface PlainCode {
  readonly code: string;
  readonly map: string;
}

/**
 * A CommonJS file's text as it can stand in a bundle beside others, or undefined when it has to be printed anew. That it
 * parses by itself is the caller's to know.
 * @param map From the text to what it was made of, if that is known.
 */
export function plainCommonJs(
  path: string,
  text: string,
  map: string | undefined,
  lowerAsync: boolean,
): PlainCode | undefined {
  if (text.length < plainCharacters || unfreezable.test(text)) return undefined;
  if (lowerAsync && /\basync\b/.test(text)) return undefined;
  // What the lexer cannot read may hold an import() that nobody would find.
  if (/\bimport\s*[(.]/.test(text) && importsOf(text).length === 0) return undefined;
  const isLatin1 = !notLatin1.test(text);
  const code = isLatin1 ? text : withEscapes(text);
  if (code === undefined) return undefined;
  if (map === undefined) return { code, map: linearMap(path, text) };
  return { code, map: isLatin1 ? map : withShiftedColumns(map, text) };
}

/**
 * One character that is not of Latin-1 would have V8 keep the whole script with two bytes for each. As an escape it means the
 * same in strings, templates, regular expressions, names and comments, unless a backslash stands before it, or a template's tag
 * looks at it as it is written.
 */
function withEscapes(text: string): string | undefined {
  let isSafe = true;
  const escaped = text.replace(notLatin1Each, (character, at: number) => {
    if (text[at - 1] === "\\" || separators.test(character)) isSafe = false;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return isSafe && !hasTaggedText(text) ? escaped : undefined;
}

/** @see BundleMap: a segment at the beginning of each line, and one behind each character that became longer. */
function linearMap(path: string, text: string): string {
  const mappings = text.split("\n").map((line, index) => {
    const segments: [number, number, number, number][] = [[0, 0, index, 0]];
    for (const at of escapesIn(line)) {
      const column = at + 1;
      segments.push([column + segments.length * escapeGrowth, 0, index, column]);
    }
    return segments;
  });
  const traced = new TraceMap({ version: 3, sources: [path], names: [], mappings });
  const encoded = encodedMappings(traced);
  return JSON.stringify({ version: 3, sources: [path], names: [], mappings: encoded, x_linear: true });
}

function withShiftedColumns(map: string, text: string): string {
  const lines = text.split("\n");
  const parsed = JSON.parse(map) as { sources: string[] };
  const mappings = decodedMappings(new TraceMap(map)).map((segments, index) => {
    const escapes = escapesIn(lines[index] ?? "");
    if (escapes.length === 0) return [...segments];
    return segments.map((segment) => {
      const before = escapes.filter((at) => at < segment[0]).length;
      return [segment[0] + before * escapeGrowth, ...segment.slice(1)] as typeof segment;
    });
  });
  const traced = new TraceMap({ version: 3, sources: parsed.sources, names: [], mappings });
  return JSON.stringify({ ...parsed, names: [], mappings: encodedMappings(traced) });
}

/** Columns of the characters that are escaped. */
function escapesIn(line: string): readonly number[] {
  return notLatin1.test(line) ? Array.from(line.matchAll(notLatin1Each), ({ index }) => index) : [];
}

function hasTaggedText(text: string): boolean {
  let mayBeTag = false;
  let depth = 0;
  /** Whether the template is tagged that the token belongs to, from the outermost in. */
  const tagged: boolean[] = [];
  for (const { type, value } of jsTokens(text)) {
    if (type === "WhiteSpace" || type.endsWith("Comment") || type === "LineTerminatorSequence") continue;
    if (type === "NoSubstitutionTemplate" && mayBeTag && notLatin1.test(value)) return true;
    if (type === "TemplateHead") tagged[depth++] = mayBeTag;
    if (type.startsWith("Template") && tagged[depth - 1] && notLatin1.test(value)) return true;
    if (type === "TemplateTail") depth = Math.max(0, depth - 1);
    mayBeTag =
      type === "IdentifierName" ||
      type === "PrivateIdentifier" ||
      type === "NoSubstitutionTemplate" ||
      type === "TemplateTail" ||
      value === ")" ||
      value === "]" ||
      value === "}";
  }
  return false;
}
