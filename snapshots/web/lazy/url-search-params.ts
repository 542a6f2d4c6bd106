import { asInterface } from "../interface.ts";
import { toWellFormed } from "../utf8.ts";
import { escapePart, type Pair, parseQuery } from "./url-search-params/encoding.ts";
import { pairsOf } from "./url-search-params/init.ts";
import { type Kind, type Pairs, PairsIterator } from "./url-search-params/iterator.ts";

export { parseQuery as parse } from "./url-search-params/encoding.ts";

const custom = Symbol.for("nodejs.util.inspect.custom");

type Inspect = (value: unknown, options?: object) => string;

let pairsIn: (parameters: URLSearchParams) => Pairs;
let attach: (parameters: URLSearchParams, onChange: () => void) => void;

/** Name-value pairs of a query. Those of a URL's tell it of every change. */
export class URLSearchParams {
  static {
    pairsIn = (parameters) => {
      if (typeof parameters !== "object" || parameters === null || !(#pairs in parameters)) {
        throw Object.assign(new TypeError('Value of "this" must be of type URLSearchParams'), {
          code: "ERR_INVALID_THIS",
        });
      }
      return parameters.#pairs;
    };
    attach = (parameters, onChange) => {
      parameters.#onChange = onChange;
    };
  }

  readonly #pairs: Pairs;
  #onChange: (() => void) | undefined;

  constructor(init: unknown = undefined) {
    this.#pairs = { list: pairsOf(init) };
  }

  get size(): number {
    return pairsIn(this).list.length;
  }
  append(name: string, value: string): void {
    const { list } = pairsIn(this);
    needs(arguments.length, 2, '"name" and "value"');
    list.push([text(name), text(value)]);
    this.#onChange?.();
  }
  delete(name: string, value: string | undefined = undefined): void {
    const pairs = pairsIn(this);
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    const only = value === undefined ? undefined : text(value);
    pairs.list = pairs.list.filter((pair) => pair[0] !== key || (only !== undefined && pair[1] !== only));
    this.#onChange?.();
  }
  get(name: string): string | null {
    const { list } = pairsIn(this);
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    for (let index = 0; index < list.length; index++) if (list[index]![0] === key) return list[index]![1];
    return null;
  }
  getAll(name: string): string[] {
    const { list } = pairsIn(this);
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    return list.filter((pair) => pair[0] === key).map((pair) => pair[1]);
  }
  has(name: string, value: string | undefined = undefined): boolean {
    const { list } = pairsIn(this);
    needs(arguments.length, 1, '"name"');
    const key = text(name);
    const only = value === undefined ? undefined : text(value);
    return list.some((pair) => pair[0] === key && (only === undefined || pair[1] === only));
  }
  set(name: string, value: string): void {
    const pairs = pairsIn(this);
    needs(arguments.length, 2, '"name" and "value"');
    const key = text(name);
    const replacement: Pair = [key, text(value)];
    const first = pairs.list.findIndex((pair) => pair[0] === key);
    if (first === -1) pairs.list.push(replacement);
    else {
      pairs.list = pairs.list.filter((pair, index) => index <= first || pair[0] !== key);
      pairs.list[first] = replacement;
    }
    this.#onChange?.();
  }
  sort(): void {
    // By UTF-16 code units, as < compares; Array.prototype.sort is stable.
    pairsIn(this).list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#onChange?.();
  }
  entries(): PairsIterator<Pair> {
    return iterate(pairsIn(this), "entry");
  }
  forEach(
    callback: (value: string, name: string, parameters: URLSearchParams) => void,
    thisArg: unknown = undefined,
  ): void {
    const pairs = pairsIn(this);
    if (typeof callback !== "function") {
      throw Object.assign(new TypeError('The "callback" argument must be of type function'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    }
    for (let index = 0; index < pairs.list.length; index++) {
      const pair = pairs.list[index]!;
      callback.call(thisArg, pair[1], pair[0], this);
    }
  }
  keys(): PairsIterator<string> {
    return iterate(pairsIn(this), "key");
  }
  values(): PairsIterator<string> {
    return iterate(pairsIn(this), "value");
  }
  toString(): string {
    return pairsIn(this)
      .list.map((pair) => `${escapePart(pair[0])}=${escapePart(pair[1])}`)
      .join("&");
  }
  [custom](depthLeft: unknown, options: object, inspect?: Inspect): unknown {
    const { list } = pairsIn(this);
    if (typeof depthLeft === "number" && depthLeft < 0) return "[Object]";
    if (typeof inspect !== "function") return this;
    const shown = list.map(([name, value]) => `${inspect(name, options)} => ${inspect(value, options)}`);
    const length = shown.reduce((total, one) => total + one.length + 2, 0);
    const { breakLength = 80 } = options as { breakLength?: number };
    if (length > breakLength) return `${this.constructor.name} {\n  ${shown.join(",\n  ")} }`;
    return shown.length === 0
      ? `${this.constructor.name} {}`
      : `${this.constructor.name} { ${shown.join(", ")} }`;
  }
  declare [Symbol.iterator]: () => PairsIterator<Pair>;
}

const { prototype } = URLSearchParams;
asInterface(URLSearchParams, "URLSearchParams");
Object.defineProperty(prototype, Symbol.iterator, {
  value: prototype.entries,
  writable: true,
  configurable: true,
});

function iterate<T>(pairs: Pairs, kind: Kind): PairsIterator<T> {
  return new PairsIterator<T>(pairs, kind);
}

/** From now on `onChange` hears of every change of `parameters`. */
export function attachParameters(parameters: URLSearchParams, onChange: () => void): void {
  attach(parameters, onChange);
}

/** Sets the pairs from a URL's new query, without telling the URL. */
export function replaceParameters(parameters: URLSearchParams, search: string): void {
  pairsIn(parameters).list = parseQuery(search[0] === "?" ? search.slice(1) : search);
}

const serialize = prototype.toString;
export function serializeParameters(parameters: URLSearchParams): string {
  return Reflect.apply(serialize, parameters, []);
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
