import { maxPayloadBytes } from "../../model/payload-limits.ts";
import { collectWebBody } from "../request-body.ts";
import { WebResponseSink } from "../web-response-sink.ts";
import type { CarrierOptions } from "./node-carrier.ts";
import { readRequestFacts } from "./request-facts.ts";
import { parseRequestTarget, splitUrlPath } from "./request-target.ts";
import { UrlRequest } from "./url-front.ts";

/** Where a web-standard request came from: the request itself cannot say. */
export interface WebRequestInfo {
  /** The client's address; 127.0.0.1 by default. */
  readonly remoteAddress?: string;
  /** Calls this URL whatever the request's host. */
  readonly urlId?: string;
}

/** Function URLs through web-standard Request and Response. */
export class WebCarrier {
  readonly #options: CarrierOptions;

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  async serve(request: Request, info: WebRequestInfo = {}): Promise<Response> {
    const { front, hosts } = this.#options;
    const url = new URL(request.url);
    const rawHeaders = flatHeaders(request.headers);
    // A Request made by a program has no Host header: its URL says the same.
    if (!request.headers.has("host")) rawHeaders.push("host", url.host);
    const isSecure = url.protocol === "https:";
    const facts = readRequestFacts(
      rawHeaders,
      {
        address: info.remoteAddress ?? "127.0.0.1",
        port: Number(url.port) || (isSecure ? 443 : 80),
        isSecure,
      },
      this.#options.trustForwarded,
    );
    const sent = { target: rawTarget(request.url, url.host), rawHeaders };
    let target = parseRequestTarget(sent.target);
    let host = info.urlId === undefined ? hosts.match(url.host) : hosts.canonical(info.urlId);
    if (host === undefined && target !== undefined) {
      const split = splitUrlPath(target);
      if (split !== undefined) {
        host = hosts.canonical(split.urlId);
        target = split.target;
      }
    }
    const sink = new WebResponseSink(request.signal);
    const admitted = front.admit(new UrlRequest(request.method, "1.1", host, target, facts, sent), sink);
    if (admitted !== undefined) {
      const body = await collectWebBody(request.body, maxPayloadBytes, this.#options.bodies);
      if (body.kind === "whole") front.invoke(admitted, body.bytes, body.release);
      else if (body.kind !== "gone") front.refuse(admitted, body.kind);
      else sink.abort();
    }
    return sink.response;
  }
}

function flatHeaders(headers: Headers): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

/** Path and query as the client wrote them: `URL` would encode some characters anew. */
function rawTarget(url: string, host: string): string {
  const fragment = url.indexOf("#");
  const start = url.indexOf(host) + host.length;
  return url.slice(start, fragment === -1 ? undefined : fragment) || "/";
}
