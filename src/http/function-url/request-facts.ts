import { plainAddress } from "../peer-address.ts";

/** The other end of a connection. */
export interface Peer {
  readonly address: string;
  /** The port of ours that it connected to. */
  readonly port: number;
  readonly isSecure: boolean;
  /** Known only where the TLS connection ends here. */
  readonly tls?: { readonly cipher: string; readonly version: string };
}

/** What an event and the rules of a URL take from a request's headers and its connection. */
export interface RequestFacts {
  readonly host: string;
  /** Members of the event's `headers`, each with a comma after it; without the trace header, which is new each time. */
  readonly headersJson: string;
  /** `"cookies":[…],`, or nothing. */
  readonly cookiesJson: string;
  /** `"sourceIp":…`, and `,"userAgent":…` if there is one. */
  readonly clientJson: string;
  /** Whether a body of this content type goes into the event as text. */
  readonly isText: boolean;
  readonly hasBody: boolean;
  readonly traceHeader: string | undefined;
  readonly origin: string | undefined;
  readonly requestedMethod: string | undefined;
  readonly requestedHeaders: string | undefined;
}

/** About the connection to us, not about the message. */
const hopByHop = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/** What Lambda says about the client: never taken from the client itself. */
const ours = new Set(["x-amzn-trace-id", "x-amzn-tls-cipher-suite", "x-amzn-tls-version"]);
const forwarded = new Set(["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"]);

const textTypes = /^(?:text\/.*|application\/(?:json|xml|javascript)|.*\+(?:json|xml))$/;

/**
 * @param rawHeaders Flat, as sent: name, value, name, value …
 * @param trustForwarded Whether the peer is a proxy of ours whose X-Forwarded-* headers are true.
 */
export function readRequestFacts(
  rawHeaders: readonly string[],
  peer: Peer,
  trustForwarded: boolean,
): RequestFacts {
  const headers = new Map<string, string>();
  let cookies = "";
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase();
    const value = rawHeaders[i + 1] ?? "";
    if (name === "cookie") {
      cookies = cookies === "" ? value : `${cookies}; ${value}`;
      continue;
    }
    // A second Host would let two readers see two hosts: the first one counts.
    if (name === "host" && headers.has(name)) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  const traceHeader = headers.get("x-amzn-trace-id");
  const contentLength = Number(headers.get("content-length") ?? 0);
  const chunked = headers.has("transfer-encoding");
  const sourceIp = setForwarded(headers, peer, trustForwarded);
  const userAgent = headers.get("user-agent");
  return {
    host: headers.get("host") ?? "",
    headersJson: headersJson(headers),
    cookiesJson: cookies === "" ? "" : `"cookies":${JSON.stringify(splitCookies(cookies))},`,
    clientJson: `"sourceIp":${JSON.stringify(sourceIp)}${
      userAgent === undefined ? "" : `,"userAgent":${JSON.stringify(userAgent)}`
    }`,
    isText: isTextType(headers.get("content-type")),
    hasBody: chunked || contentLength > 0,
    traceHeader,
    origin: headers.get("origin"),
    requestedMethod: headers.get("access-control-request-method"),
    requestedHeaders: headers.get("access-control-request-headers"),
  };
}

/** @returns The client's address. */
function setForwarded(headers: Map<string, string>, peer: Peer, trustForwarded: boolean): string {
  const chain = trustForwarded ? headers.get("x-forwarded-for") : undefined;
  // A proxy appends the address it saw; what stands before that is what its client claimed.
  const source = chain?.slice(chain.lastIndexOf(",") + 1).trim() || plainAddress(peer.address);
  const port = trustForwarded ? headers.get("x-forwarded-port") : undefined;
  const proto = trustForwarded ? headers.get("x-forwarded-proto") : undefined;
  for (const name of forwarded) headers.delete(name);
  for (const name of ours) headers.delete(name);
  if (peer.tls !== undefined) {
    headers.set("x-amzn-tls-cipher-suite", peer.tls.cipher);
    headers.set("x-amzn-tls-version", peer.tls.version);
  }
  headers.set("x-forwarded-for", chain ?? source);
  // The truth about this connection rather than Lambda's constant 443 and https: frameworks build redirects of it.
  headers.set("x-forwarded-port", port ?? String(peer.port));
  headers.set("x-forwarded-proto", proto ?? (peer.isSecure ? "https" : "http"));
  return source;
}

function headersJson(headers: ReadonlyMap<string, string>): string {
  let json = "";
  for (const [name, value] of headers) {
    if (!hopByHop.has(name)) json += `${JSON.stringify(name)}:${JSON.stringify(value)},`;
  }
  return json;
}

function splitCookies(header: string): string[] {
  return header
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== "");
}

function isTextType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  const end = contentType.indexOf(";");
  const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  return textTypes.test(type);
}
