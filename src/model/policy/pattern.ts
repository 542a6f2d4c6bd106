import type { RequestContext } from "./access-request.ts";

/** Any characters, or none. */
const anyRun = -1;
/** The same, but no colon. */
const anyRunInSegment = -2;
/** One character. */
const anyOne = -3;
/** The same, but no colon. */
const anyOneInSegment = -4;

type Token = number | Variable;

/** A policy variable: `${aws:username}` or `${aws:username, 'nobody'}`. */
interface Variable {
  /** Lower case. */
  readonly key: string;
  readonly fallback: string | undefined;
}

export interface PatternSyntax {
  /** `*` and `?`. */
  readonly wildcards: boolean;
  /** Policy variables, which documents of Version 2012-10-17 have. */
  readonly variables: boolean;
  /**
   * A `*` or `?` within one of an ARN's segments does not match a colon, unless it is a `*` at its segment's end. That is
   * what IAM's reference says of the element Resource.
   */
  readonly segments?: boolean;
}

/**
 * Text with IAM's wildcards and variables. Never a regular expression: it is matched character by character, in steps
 * that are at most the pattern's length for each character of the text, whatever the two are.
 */
export class Pattern {
  readonly #tokens: readonly Token[];
  /** The text itself, where nothing in it is special. */
  readonly #literal: string | undefined;
  readonly #hasVariables: boolean;

  constructor(text: string, syntax: PatternSyntax) {
    this.#tokens = tokensOf(text, syntax);
    this.#hasVariables = this.#tokens.some((token) => typeof token !== "number");
    const isLiteral = this.#tokens.every((token) => typeof token === "number" && token >= 0);
    this.#literal = isLiteral ? String.fromCharCode(...(this.#tokens as readonly number[])) : undefined;
  }

  /** A variable that the request has no value for matches nothing. */
  matches(text: string, context: RequestContext): boolean {
    if (this.#literal !== undefined) return this.#literal === text;
    if (!this.#hasVariables) return matchTokens(this.#tokens as readonly number[], text);
    const tokens = substituted(this.#tokens, context);
    return tokens !== undefined && matchTokens(tokens, text);
  }
}

/** Whether the text has a `${` that no name and `}` follow. */
export function hasBrokenVariable(text: string): boolean {
  return text.replaceAll(variableForm, "").includes("${");
}

const variableForm = /\$\{(?:([*?$])|([a-zA-Z0-9-]+:[\p{L}\p{N} /_.:+=@-]+)(?:, ?'([^'{}$]*)')?)\}/gu;

function tokensOf(text: string, { wildcards, variables, segments = false }: PatternSyntax): Token[] {
  const tokens: Token[] = [];
  const add = (plain: string, end: string): void => {
    for (let i = 0; i < plain.length; i++) {
      const character = plain[i];
      if (wildcards && character === "*") {
        const isLast = (plain[i + 1] ?? end) === ":" || (plain[i + 1] ?? end) === "";
        tokens.push(segments && !isLast ? anyRunInSegment : anyRun);
      } else if (wildcards && character === "?") tokens.push(segments ? anyOneInSegment : anyOne);
      else tokens.push(plain.charCodeAt(i));
    }
  };
  let from = 0;
  for (const found of variables ? text.matchAll(variableForm) : []) {
    const [whole, special, key, fallback] = found;
    add(text.slice(from, found.index), "$");
    if (special !== undefined) tokens.push(special.charCodeAt(0));
    else tokens.push({ key: (key ?? "").toLowerCase(), fallback });
    from = found.index + whole.length;
  }
  add(text.slice(from), "");
  return tokens;
}

/** What a variable stands for is text: a `*` in it is a star. */
function substituted(tokens: readonly Token[], context: RequestContext): number[] | undefined {
  const filled: number[] = [];
  for (const token of tokens) {
    if (typeof token === "number") {
      filled.push(token);
      continue;
    }
    const value = context.get(token.key) ?? token.fallback;
    // Several values have no one text.
    if (typeof value !== "string") return undefined;
    for (let i = 0; i < value.length; i++) filled.push(value.charCodeAt(i));
  }
  return filled;
}

const colon = 58;

function matchTokens(tokens: readonly number[], text: string): boolean {
  // Up to the first wildcard there is one way to match, and most patterns end there or with a star.
  let at = 0;
  while (at < tokens.length && (tokens[at] ?? 0) >= 0) {
    if (text.charCodeAt(at) !== tokens[at]) return false;
    at++;
  }
  if (at === tokens.length) return at === text.length;
  if (at === tokens.length - 1 && tokens[at] === anyRun) return true;
  return tokens.includes(anyRunInSegment) ? matchEveryWay(tokens, text, at) : matchLazily(tokens, text, at);
}

/** Where runs match anything, only the last one has to be tried longer: what those before it took was enough. */
function matchLazily(tokens: readonly number[], text: string, from: number): boolean {
  let p = from;
  let run = -1;
  let runEnd = 0;
  for (let i = from; i < text.length; ) {
    const token = tokens[p];
    const code = text.charCodeAt(i);
    if (token === anyRun) {
      run = p++;
      runEnd = i;
    } else if (token === code || token === anyOne || (token === anyOneInSegment && code !== colon)) {
      p++;
      i++;
    } else if (run !== -1) {
      p = run + 1;
      i = ++runEnd;
    } else return false;
  }
  while (tokens[p] === anyRun) p++;
  return p === tokens.length;
}

/** A run that ends at colons may have to be given up for one before it. */
function matchEveryWay(tokens: readonly number[], text: string, at: number): boolean {
  // Every way at once: reached[p] says whether the first p tokens match the text so far.
  let reached = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  reached[at] = 1;
  skipRuns(tokens, reached);
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    next.fill(0);
    for (let p = at; p < tokens.length; p++) {
      if (reached[p] === 0) continue;
      const token = tokens[p];
      if (token === anyRun || (token === anyRunInSegment && code !== colon)) next[p] = 1;
      else if (token === anyOne || (token === anyOneInSegment && code !== colon) || token === code) {
        next[p + 1] = 1;
      }
    }
    skipRuns(tokens, next);
    [reached, next] = [next, reached];
  }
  return reached[tokens.length] === 1;
}

/** A run may be empty. */
function skipRuns(tokens: readonly number[], reached: Uint8Array): void {
  for (let p = 0; p < tokens.length; p++) {
    if (reached[p] === 1 && (tokens[p] === anyRun || tokens[p] === anyRunInSegment)) reached[p + 1] = 1;
  }
}
