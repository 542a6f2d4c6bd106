import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { toWellFormed } from "../utf8.ts";
import { URL } from "./url.ts";
import * as canonical from "./url-pattern/canonicalize.ts";
import {
  Component,
  type ComponentResult,
  hostnameOptions,
  matchesSpecialScheme,
  pathnameOptions,
  plainOptions,
} from "./url-pattern/component.ts";
import {
  type ComponentName,
  componentNames,
  type Init,
  parseConstructorString,
} from "./url-pattern/constructor-string.ts";
import { componentsOf, processInit } from "./url-pattern/process-init.ts";

type Input = string | Init;
type Components = Readonly<Record<ComponentName, Component>>;
type Result = Record<ComponentName, ComponentResult> & { inputs: Input[] };

let componentsOfPattern: (pattern: URLPattern) => Components;

/** The URL Pattern standard. What text becomes as part of a URL is asked of URL, and so of the host. */
export class URLPattern {
  static {
    componentsOfPattern = (pattern) => {
      if (typeof pattern !== "object" || pattern === null || !(#components in pattern)) {
        throw new TypeError("Illegal invocation");
      }
      return pattern.#components;
    };
  }

  readonly #components: Components;

  constructor(input: Input = {}, ...rest: unknown[]) {
    const [base, options] = typeof rest[0] === "string" ? rest : [undefined, ...rest];
    if (base === undefined && rest.length > 1) {
      throw invalidArgument("baseURL", "of type string", rest[0]);
    }
    this.#components = compile(patternInit(input, base), ignoresCase(options));
  }

  test(input?: Input, baseURL?: string): boolean {
    return match(componentsOfPattern(this), input, baseURL) !== null;
  }
  exec(input?: Input, baseURL?: string): Result | null {
    return match(componentsOfPattern(this), input, baseURL);
  }
  get protocol(): string {
    return componentsOfPattern(this).protocol.pattern;
  }
  get username(): string {
    return componentsOfPattern(this).username.pattern;
  }
  get password(): string {
    return componentsOfPattern(this).password.pattern;
  }
  get hostname(): string {
    return componentsOfPattern(this).hostname.pattern;
  }
  get port(): string {
    return componentsOfPattern(this).port.pattern;
  }
  get pathname(): string {
    return componentsOfPattern(this).pathname.pattern;
  }
  get search(): string {
    return componentsOfPattern(this).search.pattern;
  }
  get hash(): string {
    return componentsOfPattern(this).hash.pattern;
  }
  get hasRegExpGroups(): boolean {
    const components = componentsOfPattern(this);
    return componentNames.some((name) => components[name].hasRegExpGroups);
  }
}

asInterface(URLPattern, "URLPattern");
// Every argument may be left out.
Object.defineProperty(URLPattern, "length", { value: 0, configurable: true });
for (const method of ["test", "exec"] as const) {
  Object.defineProperty(URLPattern.prototype[method], "length", { value: 0, configurable: true });
}
showAs(URLPattern.prototype, componentNames);

function invalidArgument(name: string, expected: string, value: unknown): TypeError {
  const error = new TypeError(`The "${name}" argument must be ${expected}. Received type ${typeof value}`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

function ignoresCase(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  if (typeof options !== "object" && typeof options !== "function") {
    throw invalidArgument("options", "of type object", options);
  }
  const { ignoreCase } = options as { ignoreCase?: unknown };
  if (ignoreCase === undefined) return false;
  if (typeof ignoreCase !== "boolean") {
    throw invalidArgument("options.ignoreCase", "of type boolean", ignoreCase);
  }
  return ignoreCase;
}

/** Reads a dictionary once, in the order of its members' names. */
function readInit(input: object): Init {
  const init: Init = {};
  for (const name of ["baseURL", ...componentNames] as const) {
    const value = (input as Record<string, unknown>)[name];
    if (value !== undefined) init[name] = toWellFormed(`${value as string}`);
  }
  return init;
}

function inputOf(input: unknown): Input {
  if (typeof input === "string") return toWellFormed(input);
  if (input === null || typeof input !== "object") {
    throw invalidArgument("input", "a string or an object", input);
  }
  return input instanceof URL ? input.href : readInit(input);
}

function patternInit(given: unknown, base: unknown): Init {
  const input = inputOf(given);
  if (typeof input !== "string") {
    if (base !== undefined) throw new TypeError("A base URL goes with a pattern string, not with an object");
    return input;
  }
  const init = parseConstructorString(input);
  if (base !== undefined) init.baseURL = toWellFormed(base as string);
  else if (init.protocol === undefined) {
    throw new TypeError(`The pattern "${input}" is relative, and there is no base URL`);
  }
  return init;
}

const defaultPorts: Readonly<Record<string, string>> = {
  http: "80",
  https: "443",
  ws: "80",
  wss: "443",
  ftp: "21",
};

function compile(given: Init, ignoreCase: boolean): Components {
  const init = processInit(given, "pattern");
  if (init.port !== undefined && init.port === defaultPorts[init.protocol ?? ""]) init.port = "";
  const { protocol = "*", username = "*", password = "*", hostname = "*", port = "*" } = init;
  const { pathname = "*", search = "*", hash = "*" } = init;
  const scheme = new Component(protocol, canonical.protocol, plainOptions, false);
  const isIpv6 = /^(\[|\{\[|\\\[)/.test(hostname);
  const isPath = matchesSpecialScheme(scheme);
  const encodeHost = isIpv6 ? canonical.ipv6Hostname : (text: string) => canonical.hostname(text);
  return {
    protocol: scheme,
    username: new Component(username, canonical.username, plainOptions, false),
    password: new Component(password, canonical.password, plainOptions, false),
    hostname: new Component(hostname, encodeHost, hostnameOptions, false),
    port: new Component(port, (text) => canonical.port(text), plainOptions, false),
    pathname: isPath
      ? new Component(pathname, canonical.pathname, pathnameOptions, ignoreCase)
      : new Component(pathname, canonical.opaquePathname, plainOptions, ignoreCase),
    search: new Component(search, canonical.search, plainOptions, ignoreCase),
    hash: new Component(hash, canonical.hash, plainOptions, ignoreCase),
  };
}

function match(components: Components, given: unknown, base: unknown): Result | null {
  if (base !== undefined && typeof base !== "string")
    throw invalidArgument("baseURL", "of type string", base);
  const input = inputOf(given === undefined ? {} : given);
  const texts = componentsToMatch(input, base);
  if (texts === undefined) return null;
  const result = { inputs: base === undefined ? [input] : [input, base] } as Result;
  for (const name of componentNames) {
    const found = components[name].exec(texts[name] ?? "");
    if (found === undefined) return null;
    result[name] = found;
  }
  return result;
}

/** undefined: no URL, which nothing matches. */
function componentsToMatch(input: Input, base: string | undefined): Init | undefined {
  if (typeof input === "string") {
    const url = URL.parse(input, base);
    return url === null ? undefined : componentsOf(url);
  }
  if (base !== undefined) throw new TypeError("A base URL goes with a string, not with an object");
  try {
    return processInit(input, "url");
  } catch {
    return undefined;
  }
}
