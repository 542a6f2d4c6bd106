import { showAs } from "../../inspection.ts";
import { asInterface } from "../../interface.ts";
import { URL } from "../url.ts";
import { Body, type BodyContent, copyBody, extractBody, mixBodyInto } from "./body.ts";
import { Headers, type HeadersInit, immutableHeaders } from "./headers.ts";

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
}

type ResponseType = "basic" | "default" | "error";

/** What the network answered, before its body. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: readonly (readonly [string, string])[];
}

const nullBodyStatuses = new Set([101, 103, 204, 205, 304]);
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/;
const internal = Symbol("Response");

interface State {
  readonly [internal]: true;
  readonly content: BodyContent | null;
  readonly head: Omit<ResponseHead, "headers">;
  readonly headers: Headers;
  readonly type: ResponseType;
}

let stateOf: (response: Response) => State;

export class Response extends Body {
  static {
    stateOf = (response) => response.#state;
  }

  #state: State;

  constructor(body: unknown = undefined, init: ResponseInit | null | undefined = undefined) {
    const made = isState(body) ? body : stateFrom(body, init ?? {});
    super(made.content);
    this.#state = made;
  }

  static error(): Response {
    const head = { status: 0, statusText: "", url: "", redirected: false };
    return make({ [internal]: true, content: null, head, headers: immutableHeaders([]), type: "error" });
  }
  static json(data: unknown, init?: ResponseInit): Response {
    if (arguments.length === 0) throw new TypeError("Response.json needs a value");
    return jsonResponse(data, init);
  }
  static redirect(url: string, status: number = 302): Response {
    const parsed = URL.parse(url);
    if (parsed === null) throw new TypeError(`Failed to parse URL from ${url}`);
    if (!redirectStatuses.has(Number(status))) throw new RangeError(`Invalid status code ${status}`);
    const head = { status: Number(status), statusText: "", url: "", redirected: false };
    const headers = immutableHeaders([["location", parsed.href]]);
    return make({ [internal]: true, content: null, head, headers, type: "default" });
  }

  override get headers(): Headers {
    return this.#state.headers;
  }
  get type(): ResponseType {
    return this.#state.type;
  }
  get url(): string {
    return this.#state.head.url;
  }
  get redirected(): boolean {
    return this.#state.head.redirected;
  }
  get status(): number {
    return this.#state.head.status;
  }
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  get statusText(): string {
    return this.#state.head.statusText;
  }
  clone(): Response {
    const { head, headers, type } = stateOf(this);
    return make({ [internal]: true, content: copyBody(this), head, headers: new Headers(headers), type });
  }
}
mixBodyInto(Response);
asInterface(Response, "Response");

// Not in the class: a bundler renames a class that names itself, visibly.
function jsonResponse(data: unknown, init: ResponseInit | undefined): Response {
  const text = JSON.stringify(data);
  if (text === undefined) throw new TypeError("Value is not JSON serializable");
  const response = new Response(text, init);
  if (new Headers(init?.headers).has("content-type")) return response;
  response.headers.set("content-type", "application/json");
  return response;
}

/** A response from the network. */
export function networkResponse(head: ResponseHead, content: BodyContent | null): Response {
  const { status, statusText, url, redirected, headers } = head;
  return make({
    [internal]: true,
    content: nullBodyStatuses.has(status) ? null : content,
    head: { status, statusText, url: url.replace(/#.*$/s, ""), redirected },
    headers: immutableHeaders(headers),
    type: "basic",
  });
}

function make(state: State): Response {
  return new Response(state);
}

function isState(value: unknown): value is State {
  return typeof value === "object" && value !== null && Object.hasOwn(value, internal);
}

function stateFrom(body: unknown, init: ResponseInit): State {
  if (typeof init !== "object" && typeof init !== "function") {
    throw new TypeError("The second argument of Response must be an object");
  }
  // As Web IDL converts to an unsigned short.
  const status = init.status === undefined ? 200 : Number(init.status) & 0xffff;
  if (status < 200 || status > 599) {
    throw new RangeError(`init["status"] must be in the range of 200 to 599, inclusive.`);
  }
  const statusText = init.statusText === undefined ? "" : `${init.statusText}`;
  if (!reasonPhrase.test(statusText)) throw new TypeError("Invalid statusText");
  const headers = new Headers(init.headers);
  let content: BodyContent | null = null;
  if (body !== undefined && body !== null) {
    if (nullBodyStatuses.has(status)) {
      throw new TypeError(`Response constructor: Invalid response status code ${status}`);
    }
    const extracted = extractBody(body);
    content = extracted.content;
    if (extracted.type !== undefined && !headers.has("content-type"))
      headers.set("content-type", extracted.type);
  }
  const head = { status, statusText, url: "", redirected: false };
  return { [internal]: true, content, head, headers, type: "default" };
}

showAs(Response.prototype, [
  ...(["status", "statusText", "headers", "body", "bodyUsed", "ok", "redirected", "type", "url"] as const),
]);
