import { isNameCharacter, type Token, tokenize } from "./tokenizer.ts";

export type Modifier = "" | "?" | "*" | "+";

export interface Part {
  readonly type: "fixed-text" | "regexp" | "segment-wildcard" | "full-wildcard";
  /** The text, or the source of the regular expression. */
  readonly value: string;
  readonly modifier: Modifier;
  readonly name: string;
  readonly prefix: string;
  readonly suffix: string;
}

export interface PatternOptions {
  /** What a segment ends at: none, or one character. */
  readonly delimiter: string;
  /** What belongs to the group behind it. */
  readonly prefix: string;
}

/** Brings fixed text into the form that it has in a URL. @throws {TypeError} It can't be there. */
export type Encode = (text: string) => string;

export function segmentWildcard({ delimiter }: PatternOptions): string {
  return `[^${escapeRegExp(delimiter)}]+?`;
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.+*?^${}()[\]|/\\]/g, "\\$&");
}

export function escapePattern(text: string): string {
  return text.replace(/[+*?:{}()\\]/g, "\\$&");
}

/** Reads a pattern string of one component. @throws {TypeError} It is malformed. */
export function parsePattern(pattern: string, options: PatternOptions, encode: Encode): Part[] {
  return new Parser(pattern, options, encode).parse();
}

class Parser {
  readonly #pattern: string;
  readonly #tokens: readonly Token[];
  readonly #options: PatternOptions;
  readonly #encode: Encode;
  readonly #segment: string;
  readonly #parts: Part[] = [];
  readonly #names = new Set<string>();
  #index = 0;
  #pending = "";
  #nextNumber = 0;

  constructor(pattern: string, options: PatternOptions, encode: Encode) {
    this.#pattern = pattern;
    this.#tokens = tokenize([...pattern], false);
    this.#options = options;
    this.#encode = encode;
    this.#segment = segmentWildcard(options);
  }

  parse(): Part[] {
    while (this.#index < this.#tokens.length) {
      const character = this.#take("char");
      const name = this.#take("name");
      const matcher = this.#takeMatcher(name);
      if (name !== undefined || matcher !== undefined) {
        let prefix = character?.value ?? "";
        if (prefix !== this.#options.prefix) {
          this.#pending += prefix;
          prefix = "";
        }
        this.#flush();
        this.#add(prefix, name, matcher, "", this.#takeModifier());
        continue;
      }
      const fixed = character ?? this.#take("escaped-char");
      if (fixed !== undefined) {
        this.#pending += fixed.value;
        continue;
      }
      if (this.#take("open") !== undefined) {
        const prefix = this.#takeText();
        const groupName = this.#take("name");
        const groupMatcher = this.#takeMatcher(groupName);
        const suffix = this.#takeText();
        this.#need("close");
        this.#add(prefix, groupName, groupMatcher, suffix, this.#takeModifier());
        continue;
      }
      this.#flush();
      this.#need("end");
    }
    return this.#parts;
  }

  #take(type: Token["type"]): Token | undefined {
    const token = this.#tokens[this.#index];
    if (token?.type !== type) return undefined;
    this.#index++;
    return token;
  }

  #need(type: Token["type"]): void {
    if (this.#take(type) !== undefined) return;
    const { value, index } = this.#tokens[this.#index]!;
    throw new TypeError(`Unexpected "${value}" at ${index} of the pattern "${this.#pattern}"`);
  }

  #takeMatcher(name: Token | undefined): Token | undefined {
    return this.#take("regexp") ?? (name === undefined ? this.#take("asterisk") : undefined);
  }

  #takeModifier(): Modifier {
    return ((this.#take("other-modifier") ?? this.#take("asterisk"))?.value ?? "") as Modifier;
  }

  #takeText(): string {
    let text = "";
    for (;;) {
      const token = this.#take("char") ?? this.#take("escaped-char");
      if (token === undefined) return text;
      text += token.value;
    }
  }

  #flush(): void {
    if (this.#pending === "") return;
    this.#addText(this.#pending, "");
    this.#pending = "";
  }

  #addText(text: string, modifier: Modifier): void {
    const value = this.#encode(text);
    this.#parts.push({ type: "fixed-text", value, modifier, name: "", prefix: "", suffix: "" });
  }

  #add(
    prefix: string,
    nameToken: Token | undefined,
    matcher: Token | undefined,
    suffix: string,
    modifier: Modifier,
  ): void {
    if (nameToken === undefined && matcher === undefined) {
      // Braces around text alone: without a modifier they do nothing.
      if (modifier === "") {
        this.#pending += prefix;
        return;
      }
      this.#flush();
      if (prefix !== "") this.#addText(prefix, modifier);
      return;
    }
    this.#flush();
    const source = matcher === undefined ? this.#segment : matcher.type === "asterisk" ? ".*" : matcher.value;
    const type = source === this.#segment ? "segment-wildcard" : source === ".*" ? "full-wildcard" : "regexp";
    const name = nameToken?.value ?? `${this.#nextNumber++}`;
    if (this.#names.has(name)) {
      throw new TypeError(`Two groups are named "${name}" in the pattern "${this.#pattern}"`);
    }
    this.#names.add(name);
    this.#parts.push({
      type,
      value: type === "regexp" ? source : "",
      modifier,
      name,
      prefix: this.#encode(prefix),
      suffix: this.#encode(suffix),
    });
  }
}

/** The pattern string that means these parts. */
export function patternString(parts: readonly Part[], options: PatternOptions): string {
  let text = "";
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (part.type === "fixed-text") {
      const value = escapePattern(part.value);
      text += part.modifier === "" ? value : `{${value}}${part.modifier}`;
      continue;
    }
    const before = parts[index - 1];
    const needsBraces = isGrouped(before, part, parts[index + 1], options);
    const inner =
      escapePattern(part.prefix) +
      matcherString(part, before, needsBraces, options) +
      escapePattern(part.suffix);
    text += (needsBraces ? `{${inner}}` : inner) + part.modifier;
  }
  return text;
}

function hasOwnName(part: Part): boolean {
  return !/^[0-9]/.test(part.name);
}

function isGrouped(before: Part | undefined, part: Part, next: Part | undefined, options: PatternOptions) {
  if (part.suffix !== "" || (part.prefix !== "" && part.prefix !== options.prefix)) return true;
  if (
    hasOwnName(part) &&
    part.type === "segment-wildcard" &&
    part.modifier === "" &&
    next !== undefined &&
    next.prefix === "" &&
    next.suffix === ""
  ) {
    // What follows would be read as more of the name.
    const joins = next.type === "fixed-text" ? isNameCharacter([...next.value][0], false) : !hasOwnName(next);
    if (joins) return true;
  }
  return (
    part.prefix === "" &&
    before?.type === "fixed-text" &&
    options.prefix !== "" &&
    before.value.endsWith(options.prefix)
  );
}

function matcherString(part: Part, before: Part | undefined, isInBraces: boolean, options: PatternOptions) {
  const isNamed = hasOwnName(part);
  const name = isNamed ? `:${part.name}` : "";
  switch (part.type) {
    case "regexp":
      return `${name}(${part.value})`;
    case "segment-wildcard": {
      if (!isNamed) return `(${segmentWildcard(options)})`;
      return isNameCharacter([...part.suffix][0], false) ? `${name}\\` : name;
    }
    default: {
      const isClear =
        before === undefined ||
        before.type === "fixed-text" ||
        before.modifier !== "" ||
        isInBraces ||
        part.prefix !== "";
      return !isNamed && isClear ? "*" : `${name}(.*)`;
    }
  }
}
