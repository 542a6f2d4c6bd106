import { type Import, parse } from "es-module-lexer";

/** What a module's code asks for by name, and the places where it asks for names that it computes. */
export interface ModuleRequests {
  /** Literal arguments of require() and require.resolve(). */
  readonly requires: ReadonlySet<string>;
  /** Specifiers of import statements and literal arguments of import(). */
  readonly imports: ReadonlySet<string>;
  /** Relative paths with one computed part, such as `./locale/*.js`: every file that fits may be asked for. */
  readonly patterns: ReadonlySet<string>;
  /** Whether there is an import() of which not even a folder is known. */
  readonly hasComputedImport: boolean;
  /** The same of require(). */
  readonly hasComputedRequire: boolean;
}

/** The lexer's list of imports; empty for code that it cannot read, which is then no ES module. */
export function importsOf(code: string): readonly Import[] {
  try {
    return parse(code)[0];
  } catch {
    return [];
  }
}

/**
 * Reads the requests of a module. Finding a request that is none (in a string, say) costs a module that
 * nobody evaluates; so require() is found by its looks.
 */
export function findRequests(code: string, imports: readonly Import[]): ModuleRequests {
  const found = { requires: new Set<string>(), imports: new Set<string>(), patterns: new Set<string>() };
  let hasComputedImport = false;
  for (const record of imports) {
    if (record.type === "import-meta" || isWrittenLater(record.specifier ?? "")) continue;
    if (record.specifier === undefined) {
      if (!addPattern(code.slice(record.start, record.end), found.patterns)) hasComputedImport = true;
    } else if (record.type === "dynamic" && record.glob) found.patterns.add(record.specifier);
    else found.imports.add(record.specifier);
  }
  const call =
    /\b(?:require|require\.resolve|__require)\(\s*(?:\/\*[^*]*\*\/\s*)?("[^"\n]*"|'[^'\n]*'|`[^`\n]*`)\s*(\)|\+[^)]*\))?/g;
  for (const [, quoted = "", end] of code.matchAll(call)) {
    const text = quoted.slice(1, -1);
    if (isWrittenLater(text)) continue;
    if (end === ")" && !text.includes("${")) found.requires.add(unescapeText(text));
    else addPattern(`${quoted}${end ?? ""}`, found.patterns);
  }
  const hasComputedRequire = /\brequire\(\s*[^"'`\s)]|\bcreateRequire\b/.test(code);
  return { ...found, hasComputedImport, hasComputedRequire };
}

/** What a function writes itself is there when it runs, or is not: no builder knows. */
export function isWrittenLater(specifier: string): boolean {
  return /^(?:file:\/\/)?\/tmp\//.test(specifier);
}

/** `"./locale/" + name` and `./locale/${name}.js` in backquotes both say which folder is meant. @returns Whether it does. */
function addPattern(expression: string, patterns: Set<string>): boolean {
  const match = /^\s*(?:(["'])(\.{1,2}\/[^"'\n]*)\1\s*\+|`(\.{1,2}\/[^`]*)`)/.exec(expression);
  const pattern = match?.[2] !== undefined ? `${match[2]}*` : match?.[3]?.replace(/\$\{[^}]*\}/g, "*");
  if (pattern?.includes("*") !== true) return false;
  patterns.add(pattern);
  return true;
}

/** Whether a path fits a pattern; extensions may be left out, as in require(). */
export function patternToRegExp(base: string, pattern: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const segments = pattern.split("*").map(literal);
  return new RegExp(`^${literal(base)}/${segments.join(".*")}(?:\\.[cm]?[jt]sx?|\\.json)?$`);
}

function unescapeText(text: string): string {
  return text.includes("\\") ? text.replace(/\\(.)/g, "$1") : text;
}
