import {
  type Encode,
  escapeRegExp,
  type Part,
  type PatternOptions,
  parsePattern,
  patternString,
  segmentWildcard,
} from "./part-list.ts";

const { apply } = Reflect;
const { exec } = RegExp.prototype;

export interface ComponentResult {
  input: string;
  groups: Record<string, string | undefined>;
}

/**
 * One compiled component of a pattern. Its regular expression is the user's own and runs here, in the guest: one that
 * takes for ever costs nobody but who wrote it.
 */
export class Component {
  readonly pattern: string;
  readonly hasRegExpGroups: boolean;
  readonly #names: readonly string[];
  readonly #regExp: RegExp;

  /** @throws {TypeError} The pattern is malformed. */
  constructor(pattern: string, encode: Encode, options: PatternOptions, ignoreCase: boolean) {
    const parts = parsePattern(pattern, options, encode);
    const names: string[] = [];
    const source = regExpSource(parts, options, names);
    try {
      this.#regExp = new RegExp(source, ignoreCase ? "vi" : "v");
    } catch (cause) {
      throw new TypeError(`The pattern "${pattern}" holds no valid regular expression`, { cause });
    }
    this.#names = names;
    this.pattern = patternString(parts, options);
    this.hasRegExpGroups = parts.some((part) => part.type === "regexp");
  }

  exec(input: string): ComponentResult | undefined {
    const found = apply(exec, this.#regExp, [input]) as RegExpExecArray | null;
    if (found === null) return undefined;
    const groups: Record<string, string | undefined> = {};
    for (let index = 0; index < this.#names.length; index++) groups[this.#names[index]!] = found[index + 1];
    return { input, groups };
  }

  matches(input: string): boolean {
    return apply(exec, this.#regExp, [input]) !== null;
  }
}

function regExpSource(parts: readonly Part[], options: PatternOptions, names: string[]): string {
  let source = "^";
  for (const part of parts) {
    const { modifier } = part;
    if (part.type === "fixed-text") {
      const text = escapeRegExp(part.value);
      source += modifier === "" ? text : `(?:${text})${modifier}`;
      continue;
    }
    names.push(part.name);
    const inner =
      part.type === "segment-wildcard"
        ? segmentWildcard(options)
        : part.type === "full-wildcard"
          ? ".*"
          : part.value;
    const isOnce = modifier === "" || modifier === "?";
    const prefix = escapeRegExp(part.prefix);
    const suffix = escapeRegExp(part.suffix);
    if (prefix === "" && suffix === "") {
      source += isOnce ? `(${inner})${modifier}` : `((?:${inner})${modifier})`;
    } else if (isOnce) source += `(?:${prefix}(${inner})${suffix})${modifier}`;
    else {
      // Between two repetitions stand the suffix of one and the prefix of the next.
      source += `(?:${prefix}((?:${inner})(?:${suffix}${prefix}(?:${inner}))*)${suffix})${modifier === "*" ? "?" : ""}`;
    }
  }
  return `${source}$`;
}

export const plainOptions: PatternOptions = { delimiter: "", prefix: "" };
export const hostnameOptions: PatternOptions = { delimiter: ".", prefix: "" };
export const pathnameOptions: PatternOptions = { delimiter: "/", prefix: "/" };

const specialSchemes = ["http", "https", "ws", "wss", "ftp", "file"];

export function matchesSpecialScheme(protocol: Component): boolean {
  return specialSchemes.some((scheme) => protocol.matches(scheme));
}

export function isSpecialScheme(scheme: string): boolean {
  return specialSchemes.includes(scheme);
}
