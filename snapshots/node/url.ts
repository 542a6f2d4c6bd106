import path from "node:path";
import punycode from "node:punycode";
import querystring from "node:querystring";
import * as legacy from "url/url.js";
import { assertString, nodeError } from "./internal/errors.ts";
import { type URLLike, web } from "./internal/web.ts";

const { Url } = legacy;

/** A request's target, as servers parse it: the path and the query, without the general parser's cost. */
const simplePath = /^\/(?!\/)[^\s?#\\@<>"`{}|^';]*(\?[^\s#<>"`{}|\\^'; ]*)?$/;

function parse(url: string, parseQueryString = false, slashesDenoteHost = false): legacy.Url {
  if ((url as unknown) instanceof Url) return url as unknown as legacy.Url;
  assertString(url, "url");
  const parsed = simplePath.test(url) ? fromPath(url) : legacy.parse(url, false, slashesDenoteHost);
  // The package parses queries by its own rules; Node by node:querystring's.
  if (parseQueryString) {
    const text = typeof parsed.search === "string" ? parsed.search.slice(1) : "";
    parsed.query = querystring.parse(text);
    parsed.search ??= "";
  }
  return parsed;
}

function fromPath(url: string): legacy.Url {
  const parsed = new Url();
  const at = url.indexOf("?");
  parsed.pathname = at < 0 ? url : url.slice(0, at);
  parsed.path = url;
  parsed.href = url;
  parsed.search = at < 0 ? null : url.slice(at);
  parsed.query = at < 0 ? null : url.slice(at + 1);
  return parsed;
}

interface FormatOptions {
  auth?: boolean;
  fragment?: boolean;
  search?: boolean;
  unicode?: boolean;
}

function format(url: unknown, options: FormatOptions = {}): string {
  if (isURL(url)) return formatURL(url, options);
  if (typeof url === "object" && url !== null && !(url instanceof Url)) {
    const { query, search } = url as { query?: unknown; search?: unknown };
    if (typeof query === "object" && query !== null && !search) {
      return legacy.format({ ...url, query: undefined, search: searchOf(query) });
    }
  }
  return legacy.format(url);
}

function searchOf(query: object): string {
  const text = querystring.stringify(query as Record<string, string>);
  return text === "" ? "" : `?${text}`;
}

function formatURL(
  url: URLLike,
  { auth = true, fragment = true, search = true, unicode = false }: FormatOptions,
) {
  const copy = new web.URL(url.href);
  if (!auth) {
    copy.username = "";
    copy.password = "";
  }
  if (!fragment) copy.hash = "";
  if (!search) copy.search = "";
  return unicode ? copy.href.replace(copy.hostname, punycode.toUnicode(copy.hostname)) : copy.href;
}

function isURL(value: unknown): value is URLLike {
  const url = value as Partial<URLLike> | null;
  return (
    typeof url === "object" && url !== null && !!url.href && !!url.protocol && url.searchParams !== undefined
  );
}

/** @throws {TypeError} ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST or ERR_INVALID_FILE_URL_PATH */
function fileURLToPath(input: unknown): string {
  const url = typeof input === "string" ? new web.URL(input) : input;
  if (!isURL(url)) {
    throw nodeError(
      TypeError,
      "ERR_INVALID_ARG_TYPE",
      'The "path" argument must be of type string or an instance of URL.',
    );
  }
  if (url.protocol !== "file:") {
    throw nodeError(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  }
  if (url.hostname !== "") {
    throw nodeError(
      TypeError,
      "ERR_INVALID_FILE_URL_HOST",
      'File URL host must be "localhost" or empty on linux',
    );
  }
  if (/%2f/i.test(url.pathname)) {
    throw nodeError(
      TypeError,
      "ERR_INVALID_FILE_URL_PATH",
      "File URL path must not include encoded / characters",
    );
  }
  return decodeURIComponent(url.pathname);
}

const escapes: Record<string, string> = {
  "%": "%25",
  "\\": "%5C",
  "\n": "%0A",
  "\r": "%0D",
  "\t": "%09",
  "?": "%3F",
  "#": "%23",
};

function pathToFileURL(filepath: string): URLLike {
  assertString(filepath, "path");
  let resolved = path.resolve(filepath);
  if (filepath.endsWith("/") && !resolved.endsWith("/")) resolved += "/";
  return new web.URL(`file://${resolved.replace(/[%\\\n\r\t?#]/g, (found) => escapes[found] as string)}`);
}

function urlToHttpOptions(url: URLLike): Record<string, unknown> {
  const { hostname, port, username, password } = url;
  return {
    protocol: url.protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search: url.search,
    pathname: url.pathname,
    path: `${url.pathname || ""}${url.search || ""}`,
    href: url.href,
    ...(port === "" ? {} : { port: Number(port) }),
    ...(username || password
      ? { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` }
      : {}),
  };
}

const exported = {
  Url,
  parse,
  resolve: (from: string, to: string) => legacy.resolve(from, to),
  resolveObject: (from: string, to: string) => legacy.resolveObject(from, to),
  format,
  fileURLToPath,
  pathToFileURL,
  urlToHttpOptions,
  domainToASCII(domain: string): string {
    try {
      return new web.URL(`ws://${domain}`).hostname;
    } catch {
      return "";
    }
  },
  domainToUnicode: (domain: string) => punycode.toUnicode(domain),
};
Object.defineProperties(exported, {
  URL: { enumerable: true, get: () => web.URL },
  URLSearchParams: { enumerable: true, get: () => web.URLSearchParams },
  URLPattern: { enumerable: true, get: () => (web as unknown as { URLPattern: unknown }).URLPattern },
});

export default exported;
