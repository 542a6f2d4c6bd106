import { InvalidParameterValueException } from "../../model/errors.ts";

/** What most lists of Lambda's show at once, whatever MaxItems says. */
const pageLength = 50;

/**
 * One page of a list that is in the order of its keys. A marker is the key of the last row shown, so a list
 * that changes between two pages neither repeats nor skips what stayed.
 * @param order Compares two keys as the list is ordered.
 */
export function page<T>(
  rows: readonly T[],
  keyOf: (row: T) => string,
  {
    Marker,
    MaxItems,
    longest = pageLength,
  }: {
    readonly Marker?: string | undefined;
    readonly MaxItems?: number | undefined;
    readonly longest?: number;
  },
  order: (a: string, b: string) => number = (a, b) => (a < b ? -1 : a > b ? 1 : 0),
): { readonly rows: readonly T[]; readonly NextMarker: string | undefined } {
  const after = Marker === undefined ? undefined : decode(Marker);
  const rest = after === undefined ? rows : rows.filter((row) => order(keyOf(row), after) > 0);
  const shown = rest.slice(0, Math.min(MaxItems ?? longest, longest));
  const last = shown.at(-1);
  const more = last !== undefined && rest.length > shown.length;
  return { rows: shown, NextMarker: more ? encode(keyOf(last)) : undefined };
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
