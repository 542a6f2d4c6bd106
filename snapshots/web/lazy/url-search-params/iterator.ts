import type { Pair } from "./encoding.ts";

export interface Pairs {
  list: Pair[];
}

export type Kind = "key" | "value" | "entry";

type Inspect = (value: unknown, options?: object) => string;

const custom = Symbol.for("nodejs.util.inspect.custom");
const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** Each step looks at the pairs as they are then. */
export class PairsIterator<T> {
  readonly #pairs: Pairs;
  readonly #kind: Kind;
  #index = 0;

  constructor(pairs: Pairs, kind: Kind) {
    this.#pairs = pairs;
    this.#kind = kind;
  }
  next(): { value: T; done: boolean } {
    if (typeof this !== "object" || this === null || !(#pairs in this)) throw invalidThis();
    const pair = this.#pairs.list[this.#index];
    if (pair === undefined) return { value: undefined as T, done: true };
    this.#index++;
    return { value: this.#shown(pair) as T, done: false };
  }
  #shown(pair: Pair): unknown {
    return this.#kind === "key" ? pair[0] : this.#kind === "value" ? pair[1] : [pair[0], pair[1]];
  }
  [custom](depthLeft: unknown, options: object, inspect?: Inspect): unknown {
    if (typeof this !== "object" || this === null || !(#pairs in this)) throw invalidThis();
    if (typeof depthLeft === "number" && depthLeft < 0) return "[Object]";
    if (typeof inspect !== "function") return this;
    const left = this.#pairs.list.slice(this.#index).map((pair) => inspect(this.#shown(pair), options));
    const length = left.reduce((total, one) => total + one.length + 2, 0);
    const { breakLength = 80 } = options as { breakLength?: number };
    const text = length > breakLength ? `\n  ${left.join(",\n  ")}` : ` ${left.join(", ")}`;
    return `URLSearchParams Iterator {${text} }`;
  }
  declare [Symbol.iterator]: () => PairsIterator<T>;
}

const { prototype } = PairsIterator;
Object.setPrototypeOf(prototype, iteratorPrototype);
Object.defineProperty(prototype, "next", { enumerable: true });
Object.defineProperty(prototype, "constructor", { value: Object, enumerable: false });
Object.defineProperty(prototype, Symbol.toStringTag, {
  value: "URLSearchParams Iterator",
  configurable: true,
});

function invalidThis(): TypeError {
  return Object.assign(new TypeError('Value of "this" must be of type URLSearchParamsIterator'), {
    code: "ERR_INVALID_THIS",
  });
}
