import * as canonical from "./canonicalize.ts";
import { Component, matchesSpecialScheme, plainOptions } from "./component.ts";
import { type Token, tokenize } from "./tokenizer.ts";

export const componentNames = [
  "protocol",
  "username",
  "password",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;

export type ComponentName = (typeof componentNames)[number];

/** What a pattern or an input is given as. */
export type Init = { -readonly [N in ComponentName | "baseURL"]?: string };

type State = "init" | "authority" | "done" | ComponentName;

/** Takes a pattern of a whole URL apart, component by component. @throws {TypeError} Its protocol is malformed. */
export function parseConstructorString(input: string): Init {
  return new ConstructorStringParser(input).parse();
}

const order: readonly State[] = [
  ...(["protocol", "authority", "username", "password", "hostname", "port", "pathname", "search"] as const),
  "hash",
];

/** Whether `state` stands before `end` in a URL. */
function isBefore(state: State, end: ComponentName): boolean {
  const at = order.indexOf(state);
  return at >= 0 && at < order.indexOf(end);
}

class ConstructorStringParser {
  readonly #characters: readonly string[];
  readonly #tokens: readonly Token[];
  readonly #result: Init = {};
  #state: State = "init";
  #start = 0;
  #index = 0;
  #step = 1;
  #depth = 0;
  #brackets = 0;
  #isSpecial = false;

  constructor(input: string) {
    this.#characters = [...input];
    this.#tokens = tokenize(this.#characters, true);
  }

  parse(): Init {
    for (; this.#index < this.#tokens.length; this.#index += this.#step) {
      this.#step = 1;
      const { type } = this.#tokens[this.#index]!;
      if (type === "end") {
        if (this.#state === "init") {
          this.#rewind();
          if (this.#is("#")) this.#change("hash", 1);
          else if (this.#isSearchPrefix()) this.#change("search", 1);
          else this.#change("pathname", 0);
          continue;
        }
        if (this.#state === "authority") {
          this.#rewindTo("hostname");
          continue;
        }
        this.#change("done", 0);
        break;
      }
      if (type === "open") {
        this.#depth++;
        continue;
      }
      if (this.#depth > 0) {
        if (type !== "close") continue;
        this.#depth--;
      }
      this.#advance();
    }
    if (this.#result.hostname !== undefined) this.#result.port ??= "";
    return this.#result;
  }

  #advance(): void {
    switch (this.#state) {
      case "init":
        if (this.#is(":")) this.#rewindTo("protocol");
        break;
      case "protocol":
        if (this.#is(":")) this.#endProtocol();
        break;
      case "authority":
        if (this.#is("@")) this.#rewindTo("username");
        else if (this.#is("/") || this.#isSearchPrefix() || this.#is("#")) this.#rewindTo("hostname");
        break;
      case "username":
        if (this.#is(":")) this.#change("password", 1);
        else if (this.#is("@")) this.#change("hostname", 1);
        break;
      case "password":
        if (this.#is("@")) this.#change("hostname", 1);
        break;
      case "hostname":
        if (this.#is("[")) this.#brackets++;
        else if (this.#is("]")) this.#brackets--;
        else if (this.#is(":") && this.#brackets === 0) this.#change("port", 1);
        else this.#endAuthority();
        break;
      case "port":
        this.#endAuthority();
        break;
      case "pathname":
        this.#endPath();
        break;
      case "search":
        if (this.#is("#")) this.#change("hash", 1);
        break;
      default:
    }
  }

  #endProtocol(): void {
    const protocol = new Component(this.#text(), canonical.protocol, plainOptions, false);
    this.#isSpecial = matchesSpecialScheme(protocol);
    if (this.#is("/", 1) && this.#is("/", 2)) this.#change("authority", 3);
    else this.#change(this.#isSpecial ? "authority" : "pathname", 1);
  }

  #endAuthority(): void {
    if (this.#is("/")) this.#change("pathname", 0);
    else this.#endPath();
  }

  #endPath(): void {
    if (this.#isSearchPrefix()) this.#change("search", 1);
    else if (this.#is("#")) this.#change("hash", 1);
  }

  #change(next: State, skip: number): void {
    const state = this.#state;
    const result = this.#result;
    if (state !== "init" && state !== "authority" && state !== "done") result[state] = this.#text();
    if (state !== "init" && next !== "done") {
      // What a URL leaves out before a component that it has is empty, and no wildcard.
      if (isBefore(state, "hostname") && !isBefore(next, "port")) result.hostname ??= "";
      if (isBefore(state, "pathname") && !isBefore(next, "search")) {
        result.pathname ??= this.#isSpecial ? "/" : "";
      }
      if (isBefore(state, "search") && next === "hash") result.search ??= "";
    }
    this.#state = next;
    this.#index += skip;
    this.#start = this.#index;
    this.#step = 0;
  }

  #rewind(): void {
    this.#index = this.#start;
    this.#step = 0;
  }

  #rewindTo(state: State): void {
    this.#rewind();
    this.#state = state;
  }

  #text(): string {
    const from = this.#token(this.#start).index;
    return this.#characters.slice(from, this.#token(this.#index).index).join("");
  }

  #token(index: number): Token {
    return this.#tokens[Math.min(index, this.#tokens.length - 1)]!;
  }

  /** Whether that character stands there for itself, rather than for something of the pattern's syntax. */
  #is(character: string, ahead = 0): boolean {
    const { type, value } = this.#token(this.#index + ahead);
    return value === character && (type === "char" || type === "escaped-char" || type === "invalid-char");
  }

  #isSearchPrefix(): boolean {
    if (this.#is("?")) return true;
    if (this.#token(this.#index).value !== "?") return false;
    // Behind a group it says that the group is optional.
    const before = this.#tokens[this.#index - 1]?.type;
    return before !== "name" && before !== "regexp" && before !== "close" && before !== "asterisk";
  }
}
