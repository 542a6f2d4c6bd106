import type { RequestContext } from "./access-request.ts";
import { Pattern, type PatternSyntax } from "./pattern.ts";

const parts = 6;

/** An ARN as the ARN operators compare it: each of its six parts by itself, with wildcards in each. */
export class ArnPattern {
  readonly #parts: readonly Pattern[];

  /** @returns undefined for what is no ARN. */
  static read(text: string, syntax: Omit<PatternSyntax, "segments">): ArnPattern | undefined {
    const found = split(text);
    return found && new ArnPattern(found.map((part) => new Pattern(part, syntax)));
  }

  private constructor(patterns: readonly Pattern[]) {
    this.#parts = patterns;
  }

  matches(text: string, context: RequestContext): boolean {
    return split(text)?.every((part, at) => this.#parts[at]?.matches(part, context) === true) ?? false;
  }
}

/** The sixth part may have colons. Those within a variable are its own. */
function split(text: string): string[] | undefined {
  const found: string[] = [];
  let from = 0;
  let depth = 0;
  for (let i = 0; i < text.length && found.length < parts - 1; i++) {
    if (text[i] === "{" && text[i - 1] === "$") depth = 1;
    else if (text[i] === "}") depth = 0;
    else if (text[i] === ":" && depth === 0) {
      found.push(text.slice(from, i));
      from = i + 1;
    }
  }
  if (found.length < parts - 1) return undefined;
  found.push(text.slice(from));
  return found;
}
