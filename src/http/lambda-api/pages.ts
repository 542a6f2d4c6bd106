import { InvalidParameterValueException } from "../../model/errors.ts";

/** What most lists of Lambda's show at once, whatever MaxItems says. */
const pageLength = 50;

export interface Page<T> {
  readonly rows: readonly T[];
  readonly NextMarker: string | undefined;
}

interface Paging {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
  readonly longest?: number;
}

/**
 * One page of a list that is in the order of its keys. A marker is the key of the last row shown, so a list
 * that changes between two pages neither repeats nor skips what stayed.
 * @param order Compares two keys as the list is ordered.
 */
export function page<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  { Marker, MaxItems, longest = pageLength }: Paging,
  order: (a: string, b: string) => number = (a, b) => (a < b ? -1 : a > b ? 1 : 0),
): Page<T> {
  const rowsAfter = (after: string | undefined) =>
    after === undefined ? rows : rows.filter((row) => order(keyOf(row), after) > 0);
  return pageFrom(rowsAfter, keyOf, { Marker, MaxItems, longest });
}

/**
 * As `page`, of a list that can be read from any of its rows on: no more of it is read than is shown.
 * @param rowsAfter The rows behind the one that has this key, or had it; all of them for undefined.
 */
export function pageFrom<T>(
  rowsAfter: (after: string | undefined) => Iterable<T>,
  keyOf: (row: T) => string,
  { Marker, MaxItems, longest = pageLength }: Paging,
): Page<T> {
  const length = Math.min(MaxItems ?? longest, longest);
  const rows: T[] = [];
  for (const row of rowsAfter(Marker === undefined ? undefined : decode(Marker))) {
    const last = rows[length - 1];
    if (last !== undefined) return { rows, NextMarker: encode(keyOf(last)) };
    rows.push(row);
  }
  return { rows, NextMarker: undefined };
}

const mark = "brisk:";

function encode(key: string): string {
  return Buffer.from(mark + key).toString("base64url");
}

function decode(marker: string): string {
  const text = Buffer.from(marker, "base64url").toString("utf8");
  if (!text.startsWith(mark)) throw new InvalidParameterValueException("The provided Marker is invalid");
  return text.slice(mark.length);
}
