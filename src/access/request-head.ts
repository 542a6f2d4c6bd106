/** A request as it came over the wire, but for its body. What is signed is this, not what a framework makes of it. */
export interface RequestHead {
  readonly method: string;
  /** From the request target up to `?`: as sent, percent-escapes kept. */
  readonly path: string;
  /** What follows `?`, as sent; empty without one. */
  readonly query: string;
  /** Flat, as sent: name, value, name, value … */
  readonly rawHeaders: readonly string[];
}

/** @param target The request target: path and query, as sent. */
export function toRequestHead(method: string, target: string, rawHeaders: readonly string[]): RequestHead {
  const mark = target.indexOf("?");
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    rawHeaders,
  };
}

export type QueryParameter = readonly [name: string, value: string];

/** Lower-case name → value; the values of a header that came more than once are joined by a comma, as SigV4 says. */
export function headersOf(head: RequestHead): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < head.rawHeaders.length; i += 2) {
    const name = (head.rawHeaders[i] ?? "").toLowerCase();
    const value = head.rawHeaders[i + 1] ?? "";
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

/** Decoded, in order. An empty piece between two `&` is a parameter too: it must not be added unseen. */
export function parametersOf(head: RequestHead): readonly QueryParameter[] {
  if (head.query === "") return [];
  return head.query.split("&").map((piece) => {
    const mark = piece.indexOf("=");
    return mark === -1 ? [decode(piece), ""] : [decode(piece.slice(0, mark)), decode(piece.slice(mark + 1))];
  });
}

/** `+` is a space to whoever reads the query later, so it is one here. A broken escape stays as it came. */
function decode(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
