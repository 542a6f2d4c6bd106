import { showAs } from "../../inspection.ts";
import { asInterface } from "../../interface.ts";
import { type PairIterator, pairIterators } from "../../pair-iterator.ts";

export type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, string>;

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const forbiddenInValue = /[\0\r\n]/;
const beyondByte = /[^\0-\xff]/;
const edges = /^[\t\n\r ]+|[\t\n\r ]+$/g;

const iterators = pairIterators<string>("Headers");

let lock: (headers: Headers) => void;
let fill: (headers: Headers, pairs: Iterable<readonly [string, string]>) => void;

export class Headers {
  static {
    lock = (headers) => {
      headers.#isImmutable = true;
    };
    fill = (headers, pairs) => {
      for (const [name, value] of pairs) headers.#append(name, value);
    };
  }

  /** By lower-case name; several values of one name are joined, but for set-cookie. */
  readonly #values = new Map<string, string>();
  #cookies: string[] = [];
  #isImmutable = false;
  #sorted: [string, string][] | undefined;
  readonly #pairs = { at: (index: number) => this.#list()[index] };

  constructor(init: HeadersInit | undefined = undefined) {
    if (init === undefined) return;
    if ((typeof init !== "object" && typeof init !== "function") || init === null) {
      throw new TypeError("Headers must be made of pairs, of an object or of other Headers");
    }
    if (isPlainHeaders(init)) {
      for (const [name, value] of init.#values) this.#values.set(name, value);
      this.#cookies = [...init.#cookies];
      return;
    }
    const iterate = (init as Partial<Iterable<unknown>>)[Symbol.iterator];
    if (iterate !== undefined && iterate !== null) {
      for (const pair of init as Iterable<Iterable<string>>) {
        if (typeof pair !== "object" || pair === null) throw new TypeError("Each header must be a pair");
        const both = [...pair];
        if (both.length !== 2) throw new TypeError("Each header must be a name and a value");
        this.#append(both[0], both[1]);
      }
      return;
    }
    for (const name of Reflect.ownKeys(init)) {
      if (!Object.getOwnPropertyDescriptor(init, name)?.enumerable) continue;
      if (typeof name === "symbol") throw new TypeError("A header's name cannot be a symbol");
      this.#append(name, (init as Record<string, string>)[name]);
    }
  }

  #append(name: unknown, value: unknown): void {
    const key = nameOf(name);
    const text = valueText(key, value);
    this.#change();
    if (key === "set-cookie") {
      this.#cookies.push(text);
      return;
    }
    const known = this.#values.get(key);
    this.#values.set(key, known === undefined ? text : `${known}${key === "cookie" ? "; " : ", "}${text}`);
  }

  #change(): void {
    if (this.#isImmutable) throw new TypeError("immutable");
    this.#sorted = undefined;
  }

  append(name: string, value: string): void {
    needs("append", arguments.length, 2);
    this.#append(name, value);
  }
  delete(name: string): void {
    needs("delete", arguments.length, 1);
    const key = nameOf(name);
    this.#change();
    if (key === "set-cookie") this.#cookies = [];
    else this.#values.delete(key);
  }
  get(name: string): string | null {
    needs("get", arguments.length, 1);
    const key = nameOf(name);
    if (key !== "set-cookie") return this.#values.get(key) ?? null;
    return this.#cookies.length === 0 ? null : this.#cookies.join(", ");
  }
  getSetCookie(): string[] {
    return [...this.#cookies];
  }
  has(name: string): boolean {
    needs("has", arguments.length, 1);
    const key = nameOf(name);
    return key === "set-cookie" ? this.#cookies.length > 0 : this.#values.has(key);
  }
  set(name: string, value: string): void {
    needs("set", arguments.length, 2);
    const key = nameOf(name);
    const text = valueText(key, value);
    this.#change();
    if (key === "set-cookie") this.#cookies = [text];
    else this.#values.set(key, text);
  }
  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    if (typeof callback !== "function") throw new TypeError("Headers.forEach needs a function");
    for (const [name, value] of this.entries()) callback.call(thisArg, value, name, this);
  }
  keys(): PairIterator<string> {
    return iterators.keys(this.#pairs);
  }
  values(): PairIterator<string> {
    return iterators.values(this.#pairs);
  }
  entries(): PairIterator<[string, string]> {
    return iterators.entries(this.#pairs);
  }

  #list(): [string, string][] {
    if (this.#sorted === undefined) {
      const list: [string, string][] = [...this.#values];
      for (const cookie of this.#cookies) list.push(["set-cookie", cookie]);
      this.#sorted = list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    }
    return this.#sorted;
  }
  declare [Symbol.iterator]: () => PairIterator<[string, string]>;
}
// Not in the class: a bundler renames a class that names itself, visibly.
function isPlainHeaders(value: object): value is Headers {
  return value instanceof Headers && Object.getPrototypeOf(value) === Headers.prototype;
}

Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries,
  writable: true,
  configurable: true,
});
asInterface(Headers, "Headers");

/** Headers of a response that came from the network: nobody may change them. */
export function immutableHeaders(pairs: Iterable<readonly [string, string]>): Headers {
  const headers = new Headers();
  fill(headers, pairs);
  lock(headers);
  return headers;
}

function needs(method: string, given: number, wanted: number): void {
  if (given < wanted)
    throw new TypeError(`Headers.${method} needs ${wanted} argument${wanted > 1 ? "s" : ""}`);
}

function nameOf(name: unknown): string {
  const text = `${name as string}`;
  if (!token.test(text)) throw new TypeError(`Headers: ${JSON.stringify(text)} is an invalid header name.`);
  return text.toLowerCase();
}

function valueText(name: string, value: unknown): string {
  const text = `${value as string}`.replace(edges, "");
  if (beyondByte.test(text)) throw new TypeError(`Headers: the value of ${name} has a character above 255.`);
  if (forbiddenInValue.test(text))
    throw new TypeError(`Headers: ${JSON.stringify(text)} is an invalid header value.`);
  return text;
}

showAs(Headers.prototype, (headers) => {
  const shown: Record<string, string> = {};
  for (const name of new Set(headers.keys())) shown[name] = headers.get(name) ?? "";
  return shown;
});
