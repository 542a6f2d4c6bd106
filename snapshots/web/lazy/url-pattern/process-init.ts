import { URL } from "../url.ts";
import * as canonical from "./canonicalize.ts";
import { isSpecialScheme } from "./component.ts";
import { type ComponentName, componentNames, type Init } from "./constructor-string.ts";
import { escapePattern } from "./part-list.ts";

/**
 * Completes what was given by its base URL. A pattern is left to be compiled; what is matched is brought into the form
 * that it has in a URL, and is empty where it is missing.
 * @throws {TypeError} It is not part of any URL.
 */
export function processInit(init: Init, type: "pattern" | "url"): Init {
  const isPattern = type === "pattern";
  const result: Init = {};
  if (!isPattern) for (const name of componentNames) result[name] = "";
  const base = init.baseURL === undefined ? undefined : baseOf(init.baseURL);
  if (base !== undefined) inherit(result, init, base, isPattern);
  const { protocol, username, password, hostname, port, pathname, search, hash } = init;
  if (protocol !== undefined) {
    const scheme = protocol.endsWith(":") ? protocol.slice(0, -1) : protocol;
    result.protocol = isPattern ? scheme : canonical.protocol(scheme);
  }
  const scheme = result.protocol || undefined;
  if (username !== undefined) result.username = isPattern ? username : canonical.username(username);
  if (password !== undefined) result.password = isPattern ? password : canonical.password(password);
  if (hostname !== undefined) result.hostname = isPattern ? hostname : canonical.hostname(hostname, scheme);
  if (port !== undefined) result.port = isPattern ? port : canonical.port(port, scheme);
  if (pathname !== undefined) {
    const path = base === undefined ? pathname : resolvedPath(pathname, base, isPattern);
    const encode =
      scheme === undefined || isSpecialScheme(scheme) ? canonical.pathname : canonical.opaquePathname;
    result.pathname = isPattern ? path : encode(path);
  }
  if (search !== undefined) {
    const query = search[0] === "?" ? search.slice(1) : search;
    result.search = isPattern ? query : canonical.search(query);
  }
  if (hash !== undefined) {
    const fragment = hash[0] === "#" ? hash.slice(1) : hash;
    result.hash = isPattern ? fragment : canonical.hash(fragment);
  }
  return result;
}

function baseOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw new TypeError(`The base URL "${text}" is no URL`);
  return url;
}

/** The components of a URL as a pattern has them: without their separators. */
export function componentsOf(url: URL): Required<Omit<Init, "baseURL">> {
  return {
    protocol: url.protocol.slice(0, -1),
    username: url.username,
    password: url.password,
    hostname: url.hostname,
    port: url.port,
    pathname: url.pathname,
    search: url.search.slice(1),
    hash: url.hash.slice(1),
  };
}

const hierarchy: readonly ComponentName[] = ["protocol", "hostname", "port", "pathname", "search", "hash"];

/** A component comes from the base URL if nothing before it, nor itself, was given. */
function inherit(result: Init, init: Init, base: URL, isPattern: boolean): void {
  const components = componentsOf(base);
  const take = (name: ComponentName) => {
    result[name] = isPattern ? escapePattern(components[name]) : components[name];
  };
  for (const name of hierarchy) {
    if (init[name] !== undefined) break;
    take(name);
  }
  const { protocol, hostname, port, username, password } = init;
  // A pattern never asks for the credentials of its base.
  if (isPattern || protocol !== undefined || hostname !== undefined || port !== undefined) return;
  if (username !== undefined) return;
  take("username");
  if (password === undefined) take("password");
}

function resolvedPath(path: string, base: URL, isPattern: boolean): string {
  const hasOpaquePath = base.pathname[0] !== "/" && base.host === "" && !base.href.includes("://");
  if (hasOpaquePath || isAbsolute(path, isPattern)) return path;
  const basePath = isPattern ? escapePattern(base.pathname) : base.pathname;
  return basePath.slice(0, basePath.lastIndexOf("/") + 1) + path;
}

function isAbsolute(path: string, isPattern: boolean): boolean {
  return path[0] === "/" || (isPattern && path[1] === "/" && (path[0] === "\\" || path[0] === "{"));
}
