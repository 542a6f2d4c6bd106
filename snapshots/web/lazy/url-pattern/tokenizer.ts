/** A piece of a pattern string. `index` counts code points, as the standard does. */
export interface Token {
  readonly type:
    | "open"
    | "close"
    | "regexp"
    | "name"
    | "char"
    | "escaped-char"
    | "other-modifier"
    | "asterisk"
    | "end"
    | "invalid-char";
  readonly index: number;
  readonly value: string;
}

const single: Readonly<Record<string, Token["type"]>> = {
  "*": "asterisk",
  "+": "other-modifier",
  "?": "other-modifier",
  "{": "open",
  "}": "close",
};

const nameStart = /^[$_\p{ID_Start}]$/u;
const namePart = /^(?:[$\p{ID_Continue}]|\u200c|\u200d)$/u;

export function isNameCharacter(character: string | undefined, isFirst: boolean): boolean {
  return character !== undefined && (isFirst ? nameStart : namePart).test(character);
}

/**
 * @param characters The pattern's code points.
 * @param isLenient What makes no sense becomes an `invalid-char`.
 * @throws {TypeError} It makes no sense, and `isLenient` is false.
 */
export function tokenize(characters: readonly string[], isLenient: boolean): Token[] {
  const tokens: Token[] = [];
  let index = 0;
  const add = (type: Token["type"], end: number, from = index, to = end): void => {
    tokens.push({ type, index, value: characters.slice(from, to).join("") });
    index = end;
  };
  const fail = (reason: string, end: number): void => {
    if (!isLenient) throw new TypeError(`${reason} at ${index} of the pattern "${characters.join("")}"`);
    add("invalid-char", end);
  };
  while (index < characters.length) {
    const character = characters[index]!;
    const type = single[character];
    if (type !== undefined) add(type, index + 1);
    else if (character === "\\") {
      if (index + 1 === characters.length) fail("Nothing follows the backslash", index + 1);
      else add("escaped-char", index + 2, index + 1);
    } else if (character === ":") {
      const end = endOfName(characters, index + 1);
      if (end === index + 1) fail("There is no name behind the colon", end);
      else add("name", end, index + 1);
    } else if (character === "(") {
      const end = endOfGroup(characters, index + 1);
      if (typeof end === "string") fail(end, index + 1);
      else add("regexp", end, index + 1, end - 1);
    } else add("char", index + 1);
  }
  tokens.push({ type: "end", index, value: "" });
  return tokens;
}

function endOfName(characters: readonly string[], start: number): number {
  let end = start;
  while (isNameCharacter(characters[end], end === start)) end++;
  return end;
}

/** Behind the parenthesis that closes the group, or what is wrong with it. */
function endOfGroup(characters: readonly string[], start: number): number | string {
  let depth = 1;
  let at = start;
  for (; at < characters.length && depth > 0; at++) {
    let character = characters[at]!;
    if (at === start && character === "?") return "A group starts with a question mark";
    const isEscaped = character === "\\";
    if (isEscaped) {
      at++;
      if (at === characters.length) return "Nothing follows the backslash";
      character = characters[at]!;
    }
    if (character > "\x7f") return "A group holds a character that is not ASCII";
    if (isEscaped) continue;
    if (character === ")") depth--;
    else if (character === "(") {
      depth++;
      if (characters[at + 1] !== "?") return "A group holds a capturing group";
    }
  }
  if (depth > 0) return "A group is not closed";
  return at - 1 === start ? "A group is empty" : at;
}
