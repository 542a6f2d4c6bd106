import { callSync } from "../../bridge.ts";
import { showAs } from "../inspection.ts";
import { toWellFormed } from "../utf8.ts";
import {
  attachParameters,
  replaceParameters,
  serializeParameters,
  URLSearchParams,
} from "./url-search-params.ts";

type Settable =
  | "href"
  | "protocol"
  | "username"
  | "password"
  | "host"
  | "hostname"
  | "port"
  | "pathname"
  | "search"
  | "hash";

/** Where the components lie in a serialised URL. Each is an offset; a missing part has its end as its start. */
interface Layout {
  readonly scheme: number;
  readonly userStart: number;
  readonly userEnd: number;
  readonly passwordStart: number;
  readonly passwordEnd: number;
  readonly hostStart: number;
  readonly hostEnd: number;
  readonly portStart: number;
  readonly portEnd: number;
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly queryEnd: number;
}

/**
 * The host parses and serialises (in Node that is ada, and one crossing costs under two microseconds); what it
 * answers is in the standard's one serialised form, whose parts need no parser to be found.
 */
export class URL {
  #href: string;
  #layout: Layout | undefined;
  #parameters: URLSearchParams | undefined;

  constructor(url: string, base?: string | URL) {
    if (arguments.length === 0) {
      throw Object.assign(new TypeError('The "url" argument must be specified'), {
        code: "ERR_MISSING_ARGS",
      });
    }
    const input = toWellFormed(`${url}`);
    const against = base === undefined ? undefined : toWellFormed(`${base}`);
    const href = callSync("url.parse", input, against);
    if (typeof href !== "string") {
      const properties = against === undefined ? { input } : { input, base: against };
      throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", ...properties });
    }
    this.#href = href;
  }

  static canParse(url: string, base?: string | URL): boolean {
    return typeof parsed(url, base) === "string";
  }
  static parse(url: string, base?: string | URL): URL | null {
    return parseUrl(url, base);
  }

  get #parts(): Layout {
    this.#layout ??= layoutOf(this.#href);
    return this.#layout;
  }

  #set(component: Settable, value: unknown): void {
    const text = toWellFormed(`${value}`);
    const href = callSync("url.set", this.#href, component, text);
    if (typeof href !== "string") {
      if (component !== "href") return;
      throw Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: text });
    }
    this.#href = href;
    this.#layout = undefined;
    if (this.#parameters !== undefined && (component === "href" || component === "search")) {
      replaceParameters(this.#parameters, this.search);
    }
  }

  get href(): string {
    return this.#href;
  }
  set href(value: string) {
    this.#set("href", value);
  }
  get origin(): string {
    const { protocol } = this;
    switch (protocol) {
      case "http:":
      case "https:":
      case "ws:":
      case "wss:":
      case "ftp:":
        return `${protocol}//${this.host}`;
      case "blob:": {
        const inner = parseUrl(this.pathname);
        return inner?.protocol === "http:" || inner?.protocol === "https:" ? inner.origin : "null";
      }
      default:
        return "null";
    }
  }
  get protocol(): string {
    return this.#href.slice(0, this.#parts.scheme);
  }
  set protocol(value: string) {
    this.#set("protocol", value);
  }
  get username(): string {
    return this.#href.slice(this.#parts.userStart, this.#parts.userEnd);
  }
  set username(value: string) {
    this.#set("username", value);
  }
  get password(): string {
    return this.#href.slice(this.#parts.passwordStart, this.#parts.passwordEnd);
  }
  set password(value: string) {
    this.#set("password", value);
  }
  get host(): string {
    return this.#href.slice(this.#parts.hostStart, this.#parts.portEnd);
  }
  set host(value: string) {
    this.#set("host", value);
  }
  get hostname(): string {
    return this.#href.slice(this.#parts.hostStart, this.#parts.hostEnd);
  }
  set hostname(value: string) {
    this.#set("hostname", value);
  }
  get port(): string {
    return this.#href.slice(this.#parts.portStart, this.#parts.portEnd);
  }
  set port(value: string) {
    this.#set("port", value);
  }
  get pathname(): string {
    return this.#href.slice(this.#parts.pathStart, this.#parts.pathEnd);
  }
  set pathname(value: string) {
    this.#set("pathname", value);
  }
  get search(): string {
    const { pathEnd, queryEnd } = this.#parts;
    return queryEnd - pathEnd > 1 ? this.#href.slice(pathEnd, queryEnd) : "";
  }
  set search(value: string) {
    this.#set("search", value);
  }
  get searchParams(): URLSearchParams {
    if (this.#parameters === undefined) {
      const parameters = new URLSearchParams(this.search);
      attachParameters(parameters, () => {
        const search = serializeParameters(parameters);
        const href = callSync("url.set", this.#href, "search", search);
        if (typeof href !== "string") return;
        this.#href = href;
        this.#layout = undefined;
      });
      this.#parameters = parameters;
    }
    return this.#parameters;
  }
  get hash(): string {
    const { queryEnd } = this.#parts;
    return this.#href.length - queryEnd > 1 ? this.#href.slice(queryEnd) : "";
  }
  set hash(value: string) {
    this.#set("hash", value);
  }
  toString(): string {
    return this.#href;
  }
  toJSON(): string {
    return this.#href;
  }
  get [Symbol.toStringTag](): string {
    return "URL";
  }
}

for (const name of [
  ...["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search"],
  ...["searchParams", "hash", "toString", "toJSON"],
]) {
  Object.defineProperty(URL.prototype, name, { enumerable: true });
}

function parsed(url: unknown, base: unknown): unknown {
  const against = base === undefined ? undefined : toWellFormed(`${base}`);
  return callSync("url.parse", toWellFormed(`${url}`), against);
}

// Outside its class, as all that makes instances here: a bundler renames a class that names itself, visibly.
function parseUrl(url: string, base?: string | URL): URL | null {
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
}

/** A serialised URL is unambiguous: user info, host and path have their separators percent-encoded. */
function layoutOf(href: string): Layout {
  const scheme = href.indexOf(":") + 1;
  const hash = href.indexOf("#", scheme);
  const queryEnd = hash === -1 ? href.length : hash;
  const question = href.indexOf("?", scheme);
  const pathEnd = question === -1 || question > queryEnd ? queryEnd : question;
  if (!href.startsWith("//", scheme)) {
    // "/." guards a path that begins with two slashes where there is no host; it is no part of the path.
    const pathStart = href.startsWith("/.//", scheme) ? scheme + 2 : scheme;
    return {
      scheme,
      userStart: scheme,
      userEnd: scheme,
      passwordStart: scheme,
      passwordEnd: scheme,
      hostStart: scheme,
      hostEnd: scheme,
      portStart: scheme,
      portEnd: scheme,
      pathStart,
      pathEnd,
      queryEnd,
    };
  }
  const userStart = scheme + 2;
  const slash = href.indexOf("/", userStart);
  const authorityEnd = slash === -1 || slash > pathEnd ? pathEnd : slash;
  const at = href.lastIndexOf("@", authorityEnd - 1);
  const hasUser = at >= userStart;
  const hostStart = hasUser ? at + 1 : userStart;
  const colonInUser = hasUser ? href.indexOf(":", userStart) : -1;
  const hasPassword = colonInUser !== -1 && colonInUser < at;
  const bracket = href[hostStart] === "[" ? href.indexOf("]", hostStart) : hostStart;
  const colon = href.indexOf(":", bracket);
  const hasPort = colon !== -1 && colon < authorityEnd;
  return {
    scheme,
    userStart,
    userEnd: hasUser ? (hasPassword ? colonInUser : at) : userStart,
    passwordStart: hasPassword ? colonInUser + 1 : hostStart,
    passwordEnd: hasPassword ? at : hostStart,
    hostStart,
    hostEnd: hasPort ? colon : authorityEnd,
    portStart: hasPort ? colon + 1 : authorityEnd,
    portEnd: authorityEnd,
    pathStart: authorityEnd,
    pathEnd,
    queryEnd,
  };
}

showAs(URL.prototype, [
  ...([
    "href",
    "origin",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
  ] as const),
  ...(["search", "searchParams", "hash"] as const),
]);
