import { DOMException } from "../dom-exception.ts";
import { URL } from "../url.ts";

/** Node's own third way to call the constructor. */
export interface Options {
  protocols?: string | string[];
  headers?: Record<string, string> | Iterable<[string, string]>;
}

export interface ChannelOptions {
  readonly protocols: readonly string[];
  readonly headers: readonly (readonly [string, string])[];
}

/** @throws {DOMException} SyntaxError: no WebSocket is there. */
export function urlOf(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new DOMException((error as Error).message, "SyntaxError");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new DOMException("expected a ws: or wss: url", "SyntaxError");
  }
  if (url.hash !== "" || url.href.endsWith("#")) throw new DOMException("hash", "SyntaxError");
  return url;
}

/** @throws {DOMException} SyntaxError: a protocol is no token, or is there twice. */
export function optionsOf(given: string | string[] | Options): ChannelOptions {
  const isList = typeof given !== "object" || given === null || Symbol.iterator in given;
  const options: Options = isList ? { protocols: given as string | string[] } : given;
  const { protocols = [], headers = [] } = options;
  const names = (typeof protocols === "string" ? [protocols] : [...protocols]).map((name) => `${name}`);
  const isValid = names.every((name) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name));
  if (!isValid || new Set(names.map((name) => name.toLowerCase())).size !== names.length) {
    throw new DOMException("Invalid Sec-WebSocket-Protocol value", "SyntaxError");
  }
  const pairs = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  return { protocols: names, headers: pairs.map(([name, value]) => [`${name}`, `${value}`] as const) };
}
