import { URL } from "../url.ts";

type Setter = "username" | "password" | "hostname" | "port" | "pathname" | "search" | "hash";

/** What `value` becomes as that component of a URL. @throws {TypeError} It can't be one. */
function assigned(setter: Setter, value: string, scheme: string, names: readonly [string, string]): string {
  // A setter ignores what it can't take: whether it did shows when two URLs keep what they had.
  for (const before of names) {
    const url = new URL(`${scheme}://${before}/`);
    url[setter] = value;
    if (url[setter] !== new URL(`${scheme}://${before}/`)[setter]) return url[setter];
  }
  throw new TypeError(`Cannot use "${value}" as the ${setter} of a URL`);
}

const hosts = ["dummy.invalid", "other.invalid"] as const;

export function protocol(value: string): string {
  if (value === "") return "";
  const url = URL.parse(`${value}://dummy.invalid/`);
  if (url === null) throw new TypeError(`Cannot use "${value}" as the protocol of a URL`);
  return url.protocol.slice(0, -1);
}

function component(setter: Setter, value: string): string {
  const url = new URL("https://dummy.invalid/");
  url[setter] = value;
  return url[setter];
}

export function username(value: string): string {
  return component("username", value);
}

export function password(value: string): string {
  return component("password", value);
}

export function hostname(value: string, scheme = "https"): string {
  return value === "" ? "" : assigned("hostname", value, knownScheme(scheme), hosts);
}

/** Of a pattern that begins with a bracket. */
export function ipv6Hostname(value: string): string {
  if (/[^0-9a-f[\]:]/i.test(value)) throw new TypeError(`Cannot use "${value}" as an IPv6 address`);
  return value.toLowerCase();
}

export function port(value: string, scheme = "https"): string {
  if (value === "") return "";
  const digits = value.replace(/[\t\n\r]/g, "");
  if (!/^[0-9]/.test(digits)) throw new TypeError(`Cannot use "${value}" as the port of a URL`);
  return assigned("port", value, knownScheme(scheme), ["dummy.invalid:1", "dummy.invalid:2"]);
}

export function pathname(value: string): string {
  if (value === "") return "";
  // What does not start at the root must not lose its dots against it.
  const isAbsolute = value[0] === "/";
  const path = component("pathname", isAbsolute ? value : `/-${value}`);
  return isAbsolute ? path : path.slice(2);
}

export function opaquePathname(value: string): string {
  return value === "" ? "" : new URL(`data:-${value}`).pathname.slice(1);
}

export function search(value: string): string {
  return value === "" ? "" : component("search", `?${value}`).slice(1);
}

export function hash(value: string): string {
  return value === "" ? "" : component("hash", `#${value}`).slice(1);
}

/** Hosts are read by the rules of special URLs, unless the scheme is known to be another one. */
function knownScheme(scheme: string): string {
  return /^[a-z][a-z0-9+.-]*$/.test(scheme) && scheme !== "file" ? scheme : "https";
}
