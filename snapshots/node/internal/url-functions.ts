import path from "node:path";
import { callSync } from "../../bridge.ts";
import { requireInternal } from "../../registry.ts";
import { invalidArgType, type NodeError, nodeError } from "./errors.ts";

/** What functions for URLs take: the guest's class, or one that looks like it. */
interface URLLike {
  readonly href: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

interface PathOptions {
  /** Paths are those of Windows. */
  windows?: boolean;
}

// Not the global, which a function may have replaced.
export const { URL } = requireInternal("brisk:web/lazy/url") as { URL: new (url: string) => URLLike };
export const { URLSearchParams } = requireInternal("brisk:web/lazy/url-search-params") as {
  URLSearchParams: new (init?: unknown) => object;
};

/** Not by its class: there are URLs of other realms, and of packages. */
export function isURL(value: unknown): value is URLLike {
  const url = value as (Partial<URLLike> & { auth?: unknown; path?: unknown }) | null | undefined;
  return Boolean(url?.href && url.protocol && url.auth === undefined && url.path === undefined);
}

/** @throws {TypeError} ERR_INVALID_URL_SCHEME, ERR_INVALID_FILE_URL_HOST or ERR_INVALID_FILE_URL_PATH */
export function fileURLToPath(input: unknown, options: PathOptions = {}): string {
  const url = fileURLOf(input);
  if (options?.windows === true) return windowsPath(url);
  expectLocal(url);
  return decodeURIComponent(url.pathname);
}

/** As fileURLToPath, for names that are no UTF-8. */
export function fileURLToPathBuffer(input: unknown, options: PathOptions = {}): Uint8Array {
  const { Buffer } = globalThis as unknown as {
    Buffer: { from(text: string | number[], encoding?: string): Uint8Array };
  };
  const url = fileURLOf(input);
  if (options?.windows === true) return Buffer.from(windowsPath(url));
  expectLocal(url);
  const bytes: number[] = [];
  const { pathname } = url;
  for (let index = 0; index < pathname.length; index++) {
    const isEncoded = /^%[0-9a-f]{2}/i.test(pathname.slice(index, index + 3));
    bytes.push(
      isEncoded ? Number.parseInt(pathname.slice(index + 1, index + 3), 16) : pathname.charCodeAt(index),
    );
    if (isEncoded) index += 2;
  }
  return Buffer.from(bytes);
}

function fileURLOf(input: unknown): URLLike {
  const url = typeof input === "string" ? new URL(input) : input;
  if (!isURL(url)) throw invalidArgType("path", "of type string or an instance of URL", input);
  if (url.protocol !== "file:") {
    throw nodeError(TypeError, "ERR_INVALID_URL_SCHEME", "The URL must be of scheme file");
  }
  return url;
}

function expectLocal(url: URLLike): void {
  if (url.hostname !== "") {
    throw nodeError(
      TypeError,
      "ERR_INVALID_FILE_URL_HOST",
      'File URL host must be "localhost" or empty on linux',
    );
  }
  if (/%2f/i.test(url.pathname)) throw invalidPath(url, "must not include encoded / characters");
}

function windowsPath(url: URLLike): string {
  if (/%(2f|5c)/i.test(url.pathname)) throw invalidPath(url, "must not include encoded \\ or / characters");
  const name = decodeURIComponent(url.pathname.replaceAll("/", "\\"));
  if (url.hostname !== "") return `\\\\${domainToUnicode(url.hostname)}${name}`;
  if (!/^.[a-z]:/i.test(name)) throw invalidPath(url, "must be absolute");
  return name.slice(1);
}

function invalidPath(input: URLLike, reason: string): NodeError {
  const error = nodeError(TypeError, "ERR_INVALID_FILE_URL_PATH", `File URL path ${reason}`);
  return Object.assign(error, { input });
}

const escapes: Readonly<Record<string, string>> = {
  "%": "%25",
  "\\": "%5C",
  "\n": "%0A",
  "\r": "%0D",
  "\t": "%09",
  "?": "%3F",
  "#": "%23",
  "[": "%5B",
  "]": "%5D",
  "|": "%7C",
  "~": "%7E",
};

export function pathToFileURL(filepath: string, options: PathOptions = {}): URLLike {
  if (typeof filepath !== "string") throw invalidArgType("path", "of type string", filepath);
  if (options?.windows === true) return windowsFileURL(filepath);
  let resolved = path.posix.resolve(filepath);
  if (filepath.endsWith("/") && !resolved.endsWith("/")) resolved += "/";
  return new URL(`file://${resolved.replace(/[%\\\n\r\t?#[\]|~]/g, (found) => escapes[found]!)}`);
}

function windowsFileURL(given: string): URLLike {
  // A long path of a drive, with the prefix that says so.
  const filepath = /^\\\\\?\\[a-z]:/i.test(given) ? given.slice(4) : given;
  const isShare = filepath.startsWith("\\\\");
  let resolved = isShare ? filepath : path.win32.resolve(filepath);
  let host = "";
  if (isShare) {
    const start = resolved.startsWith("\\\\?\\UNC\\") ? 8 : 2;
    const end = resolved.indexOf("\\", start);
    if (end === -1) throw invalidShare(resolved, "Missing UNC resource path");
    if (end === 2) throw invalidShare(resolved, "Empty UNC servername");
    host = resolved.slice(start, end);
    resolved = resolved.slice(end);
  } else if (/[/\\]$/.test(filepath) && !resolved.endsWith("\\")) resolved += "\\";
  const slashed = resolved.replaceAll("\\", "/").replace(/[%\n\r\t?#[\]|~]/g, (found) => escapes[found]!);
  return new URL(`file://${host}${slashed.startsWith("/") ? "" : "/"}${slashed}`);
}

function invalidShare(filepath: string, reason: string): NodeError {
  return nodeError(
    TypeError,
    "ERR_INVALID_ARG_VALUE",
    `The argument 'path' ${reason}. Received '${filepath.replaceAll("\\", "\\\\")}'`,
  );
}

export function urlToHttpOptions(url: URLLike): Record<string, unknown> {
  if (typeof url !== "object" || url === null) throw invalidArgType("url", "of type object", url);
  const { hostname, pathname, port, username, password, search } = url;
  const options: Record<string, unknown> = {
    __proto__: null,
    // What a program added to it, such as an agent.
    ...url,
    protocol: url.protocol,
    hostname: hostname?.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search,
    pathname,
    path: `${pathname || ""}${search || ""}`,
    href: url.href,
  };
  if (port !== "") options["port"] = Number(port);
  if (username || password) {
    options["auth"] = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  }
  return options;
}

export function domainToASCII(domain: string): string {
  if (arguments.length === 0) throw missingDomain();
  return callSync("url.domainToASCII", `${domain}`.toWellFormed()) as string;
}

export function domainToUnicode(domain: string): string {
  if (arguments.length === 0) throw missingDomain();
  return callSync("url.domainToUnicode", `${domain}`.toWellFormed()) as string;
}

function missingDomain(): NodeError {
  return nodeError(TypeError, "ERR_MISSING_ARGS", 'The "domain" argument must be specified');
}

/** A URL as text, less what is not wanted of it; `unicode`: its host as people read it. */
export function formatURL(
  href: string,
  { fragment, unicode, search, auth }: Record<"fragment" | "unicode" | "search" | "auth", boolean>,
): string {
  const copy = new URL(href) as { -readonly [K in keyof URLLike]: URLLike[K] };
  if (!auth) {
    copy.username = "";
    copy.password = "";
  }
  if (!fragment) copy.hash = "";
  if (!search) copy.search = "";
  const { hostname } = copy;
  if (!unicode || hostname === "") return copy.href;
  const start = copy.href.indexOf(hostname, copy.protocol.length + 2);
  return copy.href.slice(0, start) + domainToUnicode(hostname) + copy.href.slice(start + hostname.length);
}
