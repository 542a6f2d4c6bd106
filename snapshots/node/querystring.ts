type Primitive = string | number | bigint | boolean | null | undefined;
type Input = Record<string, Primitive | readonly Primitive[]>;

const unreserved = /[^A-Za-z0-9!'()*\-._~]/;

/** @throws {URIError} For half of a surrogate pair. */
function escapeText(value: unknown): string {
  const text = typeof value === "string" ? value : typeof value === "object" ? String(value) : `${value}`;
  return unreserved.test(text) ? encodeURIComponent(text) : text;
}

/** Never throws: what is no valid escape stays as it is, and invalid UTF-8 becomes U+FFFD. */
function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return decoder().decode(unescapeBuffer(text));
  }
}

function decoder(): { decode(bytes: Uint8Array): string } {
  return new (
    globalThis as unknown as { TextDecoder: new () => { decode(bytes: Uint8Array): string } }
  ).TextDecoder();
}

function unescapeBuffer(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const hex = text[index] === "%" ? text.slice(index + 1, index + 3) : "";
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes[length++] = Number.parseInt(hex, 16);
      index += 2;
    } else bytes[length++] = text.charCodeAt(index);
  }
  return bytes.subarray(0, length);
}

function printed(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return `${value}`;
  if (typeof value === "bigint" || typeof value === "boolean") return `${value}`;
  return "";
}

function stringify(
  input: Input | null | undefined,
  separator = "&",
  equals = "=",
  options: { encodeURIComponent?: (text: string) => string } = {},
): string {
  if (input === null || typeof input !== "object") return "";
  const encode = options.encodeURIComponent ?? exported.escape;
  const parts: string[] = [];
  for (const [key, value] of Object.entries(input)) {
    const name = encode(key) + (equals || "=");
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) parts.push(name + encode(printed(one)));
  }
  return parts.join(separator || "&");
}

function parse(
  text: string,
  separator = "&",
  equals = "=",
  options: { maxKeys?: number; decodeURIComponent?: (text: string) => string } = {},
): Record<string, string | string[]> {
  // No prototype, so that no key of a query can reach one.
  const result = Object.create(null) as Record<string, string | string[]>;
  if (typeof text !== "string" || text.length === 0) return result;
  const decode = options.decodeURIComponent ?? exported.unescape;
  const safely = (part: string) => {
    if (!part.includes("%") && decode === unescapeText) return part;
    try {
      return decode(part);
    } catch {
      return unescapeText(part);
    }
  };
  const maxKeys = options.maxKeys ?? 1000;
  let pairs = text.split(separator || "&");
  if (maxKeys > 0) pairs = pairs.slice(0, maxKeys);
  for (const pair of pairs) {
    if (pair === "") continue;
    const at = pair.indexOf(equals || "=");
    const key = safely((at < 0 ? pair : pair.slice(0, at)).replaceAll("+", " "));
    const value = at < 0 ? "" : safely(pair.slice(at + (equals || "=").length).replaceAll("+", " "));
    const present = result[key];
    if (present === undefined) result[key] = value;
    else if (Array.isArray(present)) present.push(value);
    else result[key] = [present, value];
  }
  return result;
}

const exported = {
  parse,
  stringify,
  escape: escapeText,
  unescape: unescapeText,
  unescapeBuffer,
  decode: parse,
  encode: stringify,
};

export default exported;
