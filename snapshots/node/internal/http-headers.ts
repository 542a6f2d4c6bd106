import { nodeError } from "./errors.ts";

export type HeaderValue = string | number | readonly string[];

const token = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/;
const invalidCharacter = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws {TypeError} ERR_INVALID_HTTP_TOKEN */
export function validateHeaderName(name: unknown, label = "Header name"): asserts name is string {
  if (typeof name === "string" && token.test(name)) return;
  throw nodeError(
    TypeError,
    "ERR_INVALID_HTTP_TOKEN",
    `${label} must be a valid HTTP token ["${String(name)}"]`,
  );
}

/** @throws {TypeError} ERR_HTTP_INVALID_HEADER_VALUE, ERR_INVALID_CHAR */
export function validateHeaderValue(name: string, value: unknown): asserts value is HeaderValue {
  if (value === undefined || value === null) {
    throw nodeError(
      TypeError,
      "ERR_HTTP_INVALID_HEADER_VALUE",
      `Invalid value "${String(value)}" for header "${name}"`,
    );
  }
  for (const one of Array.isArray(value) ? value : [value]) {
    if (invalidCharacter.test(String(one))) {
      throw nodeError(TypeError, "ERR_INVALID_CHAR", `Invalid character in header content ["${name}"]`);
    }
  }
}

/** Headers that a message has once, however often they were sent: the first wins. */
const single = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** `[name, value, name, value…]` as IncomingMessage.headers joins them. */
export function joinHeaders(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    const present = headers[name];
    if (name === "set-cookie") {
      if (Array.isArray(present)) present.push(value);
      else headers[name] = [value];
    } else if (present === undefined) headers[name] = value;
    else if (!single.has(name))
      headers[name] = `${present as string}${name === "cookie" ? "; " : ", "}${value}`;
  }
  return headers;
}

export function distinctHeaders(raw: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const values = headers[name] ?? [];
    values.push(raw[index + 1] as string);
    headers[name] = values;
  }
  return headers;
}
