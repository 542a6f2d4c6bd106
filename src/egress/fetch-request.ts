import { z } from "zod";
import { OperationError, type Value } from "../model/values.ts";

/** What `fetch.open` asks for, checked. */
export interface FetchRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirect: "follow" | "manual" | "error";
  readonly body: Uint8Array | "stream" | undefined;
}

const shape = z.object({
  method: z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/),
  url: z.string().max(64 * 1024),
  headers: z.array(z.tuple([z.string(), z.string()])).max(1000),
  redirect: z.enum(["follow", "manual", "error"]),
  hasBody: z.boolean(),
});

/** Tunnels and loops that no Fetch client may ask for. */
const forbiddenMethods = new Set(["CONNECT", "TRACE", "TRACK"]);

/** These speak to the next hop, which is the supervisor's own connection, and would let a guest break its framing. */
const hopByHopHeaders = new Set([
  "connection",
  "expect",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** @throws {OperationError} EINVAL: the guest passed something that is no HTTP request. */
export function parseFetchRequest(json: Value, body: Value, maxJsonLength: number): FetchRequest {
  if (typeof json !== "string" || json.length > maxJsonLength) {
    throw invalid(`the request is no JSON text of at most ${maxJsonLength} characters`);
  }
  if (body !== null && body !== undefined && !(body instanceof Uint8Array)) {
    throw invalid("the body is no byte array");
  }
  const parsed = shape.safeParse(parseJson(json));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`${issue?.path.join(".") ?? "the request"}: ${issue?.message ?? "malformed"}`);
  }
  const { method, redirect, hasBody, headers } = parsed.data;
  if (forbiddenMethods.has(method.toUpperCase())) throw invalid(`the method ${method} is not allowed`);
  const streams = hasBody && !(body instanceof Uint8Array);
  return {
    method,
    url: parseUrl(parsed.data.url),
    headers: acceptedHeaders(headers, streams),
    redirect,
    body: body instanceof Uint8Array ? body : streams ? "stream" : undefined,
  };
}

function acceptedHeaders(headers: [string, string][], streams: boolean): [string, string][] {
  return headers.filter(([name, value]) => {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(name)) throw invalid("a header's name is malformed");
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw invalid(`the value of header ${name} is malformed`);
    const lowerCase = name.toLowerCase();
    // The length of a body that is known is counted here; that of a streamed one only the guest knows.
    if (lowerCase === "content-length") return streams && /^\d{1,15}$/.test(value);
    return !hopByHopHeaders.has(lowerCase);
  });
}

/** WHATWG parsing turns every spelling of an address (octal, hexadecimal, one number) into the usual one. */
function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw invalid("the URL is malformed");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(`the URL's scheme is ${url.protocol.slice(0, 32)} and only http: and https: are possible`);
  }
  if (url.username !== "" || url.password !== "") throw invalid("the URL holds credentials");
  url.hash = "";
  return url.href;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid("the request is no JSON text", cause);
  }
}

function invalid(what: string, cause?: unknown): OperationError {
  return new OperationError("EINVAL", `Cannot fetch: ${what}`, { cause });
}
