import { showAs } from "../inspection.ts";
import { type PairIterator, pairIterators } from "../pair-iterator.ts";
import { toWellFormed, utf8Decode, utf8Encode } from "../utf8.ts";

type Pair = [string, string];

const iterators = pairIterators<string>("URLSearchParams");

let attach: (parameters: URLSearchParams, onChange: () => void) => void;
let replace: (parameters: URLSearchParams, search: string) => void;

export class URLSearchParams {
  static {
    attach = (parameters, onChange) => {
      parameters.#onChange = onChange;
    };
    replace = (parameters, search) => {
      parameters.#list = parse(withoutQuestionMark(search));
    };
  }

  #list: Pair[];
  /** Tells the URL that this belongs to. */
  #onChange: (() => void) | undefined;
  readonly #pairs = { at: (index: number) => this.#list[index] };

  constructor(init?: unknown) {
    this.#list = pairsOf(init);
  }

  get size(): number {
    return this.#list.length;
  }
  append(name: string, value: string): void {
    needs(arguments.length, 2, '"name" and "value"');
    this.#list.push([text(name), text(value)]);
    this.#onChange?.();
  }
  delete(name: string, value?: string): void {
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    const only = value === undefined ? undefined : text(value);
    this.#list = this.#list.filter((pair) => pair[0] !== key || (only !== undefined && pair[1] !== only));
    this.#onChange?.();
  }
  get(name: string): string | null {
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    for (const pair of this.#list) if (pair[0] === key) return pair[1];
    return null;
  }
  getAll(name: string): string[] {
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    return this.#list.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  }
  has(name: string, value?: string): boolean {
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    const only = value === undefined ? undefined : text(value);
    return this.#list.some((pair) => pair[0] === key && (only === undefined || pair[1] === only));
  }
  set(name: string, value: string): void {
    needs(arguments.length, 2, '"name" and "value"');
    const key = text(name);
    const replacement: Pair = [key, text(value)];
    const first = this.#list.findIndex((pair) => pair[0] === key);
    if (first === -1) this.#list.push(replacement);
    else {
      this.#list = this.#list.filter((pair, index) => index <= first || pair[0] !== key);
      this.#list[first] = replacement;
    }
    this.#onChange?.();
  }
  sort(): void {
    // By UTF-16 code units, as < compares; Array.prototype.sort is stable.
    this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#onChange?.();
  }
  forEach(
    callback: (value: string, name: string, parameters: URLSearchParams) => void,
    thisArg?: unknown,
  ): void {
    if (typeof callback !== "function") {
      throw Object.assign(new TypeError('The "callback" argument must be of type function'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    }
    for (let index = 0; index < this.#list.length; index++) {
      const pair = this.#list[index]!;
      callback.call(thisArg, pair[1], pair[0], this);
    }
  }
  keys(): PairIterator<string> {
    return iterators.keys(this.#pairs);
  }
  values(): PairIterator<string> {
    return iterators.values(this.#pairs);
  }
  entries(): PairIterator<Pair> {
    return iterators.entries(this.#pairs);
  }
  toString(): string {
    return this.#list.map((pair) => `${escapePart(pair[0])}=${escapePart(pair[1])}`).join("&");
  }
  declare [Symbol.iterator]: () => PairIterator<Pair>;
  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }
}

const { prototype } = URLSearchParams;
Object.defineProperty(prototype, Symbol.iterator, {
  value: prototype.entries,
  writable: true,
  configurable: true,
});
for (const name of ["size", "append", "delete", "get", "getAll", "has", "set", "sort", "forEach", "keys"]) {
  Object.defineProperty(prototype, name, { enumerable: true });
}
for (const name of ["values", "entries", "toString"]) {
  Object.defineProperty(prototype, name, { enumerable: true });
}

/** From now on `onChange` hears of every change of `parameters`. */
export function attachParameters(parameters: URLSearchParams, onChange: () => void): void {
  attach(parameters, onChange);
}

/** Sets the pairs from a URL's new query, without telling the URL. */
export function replaceParameters(parameters: URLSearchParams, search: string): void {
  replace(parameters, search);
}

const serialize = prototype.toString;
export function serializeParameters(parameters: URLSearchParams): string {
  return Reflect.apply(serialize, parameters, []);
}

/** Parses application/x-www-form-urlencoded text. */
export function parse(query: string): Pair[] {
  const pairs: Pair[] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    pairs.push(
      equals === -1
        ? [unescapePart(part), ""]
        : [unescapePart(part.slice(0, equals)), unescapePart(part.slice(equals + 1))],
    );
  }
  return pairs;
}

function pairsOf(init: unknown): Pair[] {
  if (init === undefined || init === null) return init === null ? parse("null") : [];
  if (typeof init !== "object" && typeof init !== "function") return parse(withoutQuestionMark(text(init)));
  const iterate = (init as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (iterate === undefined || iterate === null) {
    const pairs: Pair[] = [];
    const seen = new Map<string, Pair>();
    for (const key of Reflect.ownKeys(init)) {
      if (!Object.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
      if (typeof key === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
      const name = text(key);
      const value = text((init as Record<string, unknown>)[key]);
      const known = seen.get(name);
      // Two keys that differ in lone surrogates only are one name here, and the last wins.
      if (known !== undefined) known[1] = value;
      else {
        const pair: Pair = [name, value];
        seen.set(name, pair);
        pairs.push(pair);
      }
    }
    return pairs;
  }
  if (typeof iterate !== "function")
    throw notIterable("Query pairs must be iterable", "ERR_ARG_NOT_ITERABLE");
  const pairs: Pair[] = [];
  for (const entry of init as Iterable<unknown>) {
    const isTuple = typeof entry === "object" || typeof entry === "function";
    const iterable =
      isTuple && entry !== null && typeof (entry as Iterable<unknown>)[Symbol.iterator] === "function";
    if (!iterable)
      throw notIterable("Each query pair must be an iterable [name, value] tuple", "ERR_INVALID_TUPLE");
    const tuple = [...(entry as Iterable<unknown>)];
    if (tuple.length !== 2) {
      throw notIterable("Each query pair must be an iterable [name, value] tuple", "ERR_INVALID_TUPLE");
    }
    pairs.push([text(tuple[0]), text(tuple[1])]);
  }
  return pairs;
}

function notIterable(message: string, code: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}

function needs(given: number, wanted: number, names: string): void {
  if (given >= wanted) return;
  throw Object.assign(new TypeError(`The ${names} argument${wanted > 1 ? "s" : ""} must be specified`), {
    code: "ERR_MISSING_ARGS",
  });
}

function text(value: unknown): string {
  return toWellFormed(`${value as string}`);
}

function withoutQuestionMark(search: string): string {
  return search[0] === "?" ? search.slice(1) : search;
}

const simple = /^[\w*.-]*$/;

function escapePart(part: string): string {
  if (simple.test(part)) return part;
  return encodeURIComponent(part)
    .replace(/%20/g, "+")
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescapePart(part: string): string {
  const spaced = part.includes("+") ? part.replaceAll("+", " ") : part;
  if (!spaced.includes("%")) return spaced;
  try {
    // Faithful wherever it does not throw, but for a byte order mark, which it keeps as the standard does.
    return decodeURIComponent(spaced);
  } catch {
    return utf8Decode(percentDecode(utf8Encode(spaced)), false) ?? "";
  }
}

function percentDecode(bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    const high = bytes[index] === 0x25 ? hexValue(bytes[index + 1]) : -1;
    const low = high === -1 ? -1 : hexValue(bytes[index + 2]);
    if (low === -1) result[length++] = bytes[index]!;
    else {
      result[length++] = high * 16 + low;
      index += 2;
    }
  }
  return result.slice(0, length);
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

showAs(prototype, (parameters, inspect) => {
  const shown: string[] = [];
  for (const [name, value] of parameters) shown.push(`${inspect(name)} => ${inspect(value)}`);
  return shown.length === 0 ? "{}" : `{ ${shown.join(", ")} }`;
});
