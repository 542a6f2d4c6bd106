const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** What iterates over name-value pairs: each step looks at the collection as it is then. */
export interface Pairs<V> {
  at(index: number): readonly [string, V] | undefined;
}

export type PairIterator<T> = IterableIterator<T>;

/** Makes the iterator class of a collection, with the name and the prototype that the web gives it. */
export function pairIterators<V>(collection: string) {
  class Iterator {
    readonly #pairs: Pairs<V>;
    readonly #kind: "key" | "value" | "entry";
    #index = 0;

    constructor(pairs: Pairs<V>, kind: "key" | "value" | "entry") {
      this.#pairs = pairs;
      this.#kind = kind;
    }
    next(): { value: unknown; done: boolean } {
      const pair = this.#pairs.at(this.#index);
      if (pair === undefined) return { value: undefined, done: true };
      this.#index++;
      const value = this.#kind === "key" ? pair[0] : this.#kind === "value" ? pair[1] : [pair[0], pair[1]];
      return { value, done: false };
    }
  }
  Object.setPrototypeOf(Iterator.prototype, iteratorPrototype);
  Object.defineProperty(Iterator.prototype, "next", { enumerable: true });
  Object.defineProperty(Iterator.prototype, "constructor", { value: Object, enumerable: false });
  Object.defineProperty(Iterator.prototype, Symbol.toStringTag, {
    value: `${collection} Iterator`,
    configurable: true,
  });
  return {
    keys: (pairs: Pairs<V>) => new Iterator(pairs, "key") as unknown as PairIterator<string>,
    values: (pairs: Pairs<V>) => new Iterator(pairs, "value") as unknown as PairIterator<V>,
    entries: (pairs: Pairs<V>) => new Iterator(pairs, "entry") as unknown as PairIterator<[string, V]>,
  };
}
