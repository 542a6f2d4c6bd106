/** What the comments at the top of a test of web-platform-tests say. */
export interface Meta {
  /** As they stand there: relative to the file, or from the root of the suite. */
  readonly scripts: readonly string[];
  /** Query strings, each of which is a run of its own; one empty string for none. */
  readonly variants: readonly string[];
  readonly title: string | undefined;
}

/** Reads lines as `// META: script=/common/gc.js`. */
export function parseMeta(text: string): Meta {
  const scripts: string[] = [];
  const variants: string[] = [];
  let title: string | undefined;
  for (const [, key, value = ""] of text.matchAll(/^\/\/ META: ([^=\n]+?)=(.*)$/gm)) {
    if (key === "script") scripts.push(value.trim());
    else if (key === "variant") variants.push(value.trim());
    else if (key === "title") title = value.trim();
  }
  return { scripts, variants: variants.length === 0 ? [""] : variants, title };
}
