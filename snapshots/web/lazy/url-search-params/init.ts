import { toWellFormed } from "../../utf8.ts";
import { type Pair, parseQuery } from "./encoding.ts";

/** What a URLSearchParams is made from: text, pairs, or an object whose properties are pairs. */
export function pairsOf(init: unknown): Pair[] {
  if (init === undefined) return [];
  if (init === null || (typeof init !== "object" && typeof init !== "function")) {
    const query = text(init);
    return parseQuery(query[0] === "?" ? query.slice(1) : query);
  }
  const iterate = (init as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (iterate === undefined || iterate === null) return pairsOfRecord(init);
  if (typeof iterate !== "function") throw refused("Query pairs must be iterable", "ERR_ARG_NOT_ITERABLE");
  const pairs: Pair[] = [];
  for (const entry of init as Iterable<unknown>) pairs.push(pairOf(entry));
  return pairs;
}

function pairsOfRecord(init: object): Pair[] {
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

function pairOf(entry: unknown): Pair {
  const isObject = (typeof entry === "object" && entry !== null) || typeof entry === "function";
  const isTuple = isObject && typeof (entry as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
  const tuple = isTuple ? [...(entry as Iterable<unknown>)] : [];
  if (tuple.length !== 2) {
    throw refused("Each query pair must be an iterable [name, value] tuple", "ERR_INVALID_TUPLE");
  }
  return [text(tuple[0]), text(tuple[1])];
}

function text(value: unknown): string {
  return toWellFormed(`${value as string}`);
}

function refused(message: string, code: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}
