import { showAs } from "../../inspection.ts";
import { asInterface } from "../../interface.ts";
import { AbortController, AbortSignal, isAbortSignal } from "../abort.ts";
import { URL } from "../url.ts";
import { Body, type BodyContent, bodyContent, copyBody, extractBody, mixBodyInto, takeBody } from "./body.ts";
import { Headers, type HeadersInit } from "./headers.ts";

export type RequestRedirect = "follow" | "manual" | "error";

export interface RequestInit {
  method?: string;
  headers?: HeadersInit;
  body?: unknown;
  redirect?: RequestRedirect;
  signal?: AbortSignal | null;
  duplex?: "half";
  keepalive?: boolean;
  integrity?: string;
  referrer?: string;
  referrerPolicy?: string;
  mode?: string;
  credentials?: string;
  cache?: string;
  priority?: string;
  window?: null;
}

/** Settings that have a fixed set of values. Here only `redirect` changes what happens: there is no origin and no cache. */
const choices = {
  redirect: ["follow", "manual", "error"],
  mode: ["cors", "no-cors", "same-origin", "navigate"],
  credentials: ["same-origin", "include", "omit"],
  cache: ["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"],
  referrerPolicy: [
    ...["", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin"],
    ...["origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url"],
  ],
} as const;

type Choice = keyof typeof choices;

const internal = Symbol("Request");

interface State {
  readonly [internal]: true;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly settings: Readonly<Record<Choice, string>>;
  readonly integrity: string;
  readonly keepalive: boolean;
  readonly referrer: string;
  /** The signal to follow; a Request has one of its own only for who asks. */
  readonly signal: AbortSignal | undefined;
  readonly content: BodyContent | null;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const normalized = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);
const forbidden = new Set(["CONNECT", "TRACE", "TRACK"]);

let stateOf: (request: Request) => State;

export class Request extends Body {
  static {
    stateOf = (request) => request.#state;
  }

  readonly #state: State;
  #signal: AbortSignal | undefined;

  constructor(input: string | URL | Request, init: RequestInit | null | undefined = undefined) {
    if (arguments.length === 0) throw new TypeError("Request needs a URL or a Request");
    const state = isState(input) ? input : stateFrom(input, init ?? {});
    super(state.content);
    this.#state = state;
  }

  override get headers(): Headers {
    return this.#state.headers;
  }
  get method(): string {
    return this.#state.method;
  }
  get url(): string {
    return this.#state.url;
  }
  get signal(): AbortSignal {
    const followed = this.#state.signal;
    this.#signal ??= followed === undefined ? new AbortController().signal : AbortSignal.any([followed]);
    return this.#signal;
  }
  get redirect(): string {
    return this.#state.settings.redirect;
  }
  get mode(): string {
    return this.#state.settings.mode;
  }
  get credentials(): string {
    return this.#state.settings.credentials;
  }
  get cache(): string {
    return this.#state.settings.cache;
  }
  get referrerPolicy(): string {
    return this.#state.settings.referrerPolicy;
  }
  get referrer(): string {
    return this.#state.referrer;
  }
  get integrity(): string {
    return this.#state.integrity;
  }
  get keepalive(): boolean {
    return this.#state.keepalive;
  }
  get destination(): string {
    return "";
  }
  get duplex(): string {
    return "half";
  }
  get isReloadNavigation(): boolean {
    return false;
  }
  get isHistoryNavigation(): boolean {
    return false;
  }
  clone(): Request {
    return cloneOf(this);
  }
}

// Not in the class: a bundler renames a class that names itself, visibly.
function cloneOf(request: Request): Request {
  const state = stateOf(request);
  const headers = new Headers(state.headers);
  const signal = state.signal === undefined ? undefined : request.signal;
  return new Request({ ...state, headers, signal, content: copyBody(request) } as unknown as Request);
}

/** The signal a request follows, without making one. */
export function requestSignal(request: Request): AbortSignal | undefined {
  return stateOf(request).signal;
}

function isState(value: unknown): value is State {
  return typeof value === "object" && value !== null && Object.hasOwn(value, internal);
}

function stateFrom(input: unknown, init: RequestInit): State {
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError("The second argument of Request must be an object");
  }
  const from = input instanceof Request ? stateOf(input) : undefined;
  const url = from?.url ?? parseTarget(`${input as string}`);
  const method = init.method === undefined ? (from?.method ?? "GET") : methodOf(init.method);
  const settings = settingsOf(init, from?.settings);
  const headers = new Headers(init.headers ?? from?.headers);
  if (settings.mode === "navigate" && init.mode !== undefined) {
    throw new TypeError("Request constructor: invalid request mode navigate.");
  }
  assertAllowed(init, settings, method);
  const signal = init.signal === undefined ? from?.signal : (init.signal ?? undefined);
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new TypeError("Failed to construct 'Request': member signal is not of type AbortSignal.");
  }
  if (init.duplex !== undefined && (init.duplex as string) !== "half") {
    throw new TypeError("RequestInit: duplex must be half");
  }
  const content = contentOf(input, init, method, headers);
  return {
    [internal]: true,
    method,
    url,
    headers,
    settings,
    integrity: init.integrity === undefined ? (from?.integrity ?? "") : `${init.integrity}`,
    keepalive: init.keepalive === undefined ? (from?.keepalive ?? false) : Boolean(init.keepalive),
    referrer: referrerOf(init.referrer, from?.referrer),
    signal,
    content,
  };
}

/** What browsers refuse: here nothing would come of it, but code that was written for them expects to be told. */
function assertAllowed(init: RequestInit, settings: Record<Choice, string>, method: string): void {
  if (init.window !== undefined && init.window !== null) {
    throw new TypeError(`'window' option '${init.window as string}' must be null`);
  }
  if (init.priority !== undefined && !["high", "low", "auto"].includes(`${init.priority}`)) {
    throw new TypeError(
      `RequestInit: ${init.priority} is not an accepted value of priority: one of high, low, auto`,
    );
  }
  if (settings.cache === "only-if-cached" && settings.mode !== "same-origin") {
    throw new TypeError("'only-if-cached' can be set only with 'same-origin' mode");
  }
  if (settings.mode === "no-cors" && !["GET", "HEAD", "POST"].includes(method)) {
    throw new TypeError(`'${method}' is unsupported in no-cors mode.`);
  }
}

function contentOf(input: unknown, init: RequestInit, method: string, headers: Headers): BodyContent | null {
  const isBodyless = method === "GET" || method === "HEAD";
  const given = init.body !== undefined && init.body !== null;
  const inherited = input instanceof Request && bodyContent(input) !== null;
  if (isBodyless && (given || inherited))
    throw new TypeError("Request with GET/HEAD method cannot have body.");
  if (!given) {
    if (!inherited || init.body === null) return null;
    // A null body of an init leaves the input's alone; without one, the body moves over.
    return takeBody(input);
  }
  const { content, type } = extractBody(init.body);
  if (content.kind === "stream" && init.duplex === undefined) {
    throw new TypeError("RequestInit: duplex option is required when sending a body.");
  }
  if (type !== undefined && !headers.has("content-type")) headers.set("content-type", type);
  return content;
}

function parseTarget(text: string): string {
  const url = URL.parse(text);
  if (url === null) {
    const cause = Object.assign(new TypeError("Invalid URL"), { code: "ERR_INVALID_URL", input: text });
    throw new TypeError(`Failed to parse URL from ${text}`, { cause });
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${text}`);
  }
  return url.href;
}

function methodOf(given: unknown): string {
  const method = `${given as string}`;
  const upper = method.toUpperCase();
  if (!token.test(method) || forbidden.has(upper))
    throw new TypeError(`'${method}' is not a valid HTTP method.`);
  return normalized.has(upper) ? upper : method;
}

function settingsOf(init: RequestInit, from: State["settings"] | undefined): Record<Choice, string> {
  const settings = {
    redirect: "follow",
    mode: "cors",
    credentials: "same-origin",
    cache: "default",
    referrerPolicy: "",
    ...from,
  };
  for (const name of Object.keys(choices) as Choice[]) {
    if (init[name] === undefined) continue;
    const value = `${init[name]}`;
    const allowed: readonly string[] = choices[name];
    if (!allowed.includes(value)) {
      throw new TypeError(
        `RequestInit: ${value} is not an accepted value of ${name}: one of ${allowed.join(", ")}`,
      );
    }
    settings[name] = value;
  }
  return settings;
}

function referrerOf(given: unknown, from: string | undefined): string {
  if (given === undefined) return from ?? "about:client";
  const text = `${given as string}`;
  if (text === "") return "";
  const url = URL.parse(text);
  if (url === null) throw new TypeError(`Referrer "${text}" is not a valid URL.`);
  return url.href;
}

mixBodyInto(Request);
asInterface(Request, "Request");
showAs(Request.prototype, [
  ...([
    "method",
    "url",
    "headers",
    "destination",
    "referrer",
    "referrerPolicy",
    "mode",
    "credentials",
  ] as const),
  ...(["cache", "redirect", "integrity", "keepalive", "isReloadNavigation", "isHistoryNavigation"] as const),
  "signal",
]);
