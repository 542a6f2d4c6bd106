import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { AccessDeniedException } from "../model/errors.ts";
import { isLoopback } from "../model/host-name.ts";
import { toErrorResponse } from "./error-response.ts";

export interface ApiGuardOptions {
  /** Host names, without port, to which the API answers besides loopback ones. */
  readonly apiHosts?: readonly string[];
  /**
   * Answers whatever Host name. For an API that asks for signatures: they cover the Host, and a page that was
   * rebound has no key.
   */
  readonly anyHost?: boolean;
}

/**
 * Keeps web pages away from the API, which on loopback may ask for no credentials.
 *
 * A page whose name was made to point here (DNS rebinding) comes with that name as its `Host`: only loopback
 * names and configured ones are answered. A form or a script on another site comes with the right `Host`, but
 * its browser says where it is from: `Origin`, or `Sec-Fetch-Site` other than `none` (typed, or a bookmark).
 */
export function apiGuard({ apiHosts = [], anyHost = false }: ApiGuardOptions = {}): MiddlewareHandler {
  const configured = new Set(apiHosts.map((host) => hostName(host)));
  return async (c, next) => {
    const refusal = refusalFor({
      host: c.req.header("host"),
      origin: c.req.header("origin"),
      fetchSite: c.req.header("sec-fetch-site"),
      configured,
      anyHost,
    });
    if (refusal === undefined) return next();
    return toErrorResponse(new AccessDeniedException(refusal), randomUUID());
  };
}

function refusalFor(request: {
  host: string | undefined;
  origin: string | undefined;
  fetchSite: string | undefined;
  configured: ReadonlySet<string | undefined>;
  anyHost: boolean;
}): string | undefined {
  const name = hostName(request.host ?? "");
  const isKnown = name !== undefined && (isLoopback(name) || request.configured.has(name));
  if (!isKnown && !request.anyHost) {
    return `The API does not answer to the host name "${(request.host ?? "").slice(0, 256)}"; name it in apiHosts if it should`;
  }
  if (request.origin !== undefined) return "The API does not answer requests from web pages (Origin)";
  if (request.fetchSite !== undefined && request.fetchSite !== "none") {
    return "The API does not answer requests from web pages (Sec-Fetch-Site)";
  }
  return undefined;
}

/** Lower case, without port, final dot and brackets; undefined for what is no host. */
export function hostName(host: string): string | undefined {
  const parts = /^(?:\[(?<address>[0-9a-fA-F:.]+)\]|(?<name>[^\s:@/?#[\]]+))(?::\d{0,5})?$/.exec(
    host,
  )?.groups;
  const name = parts?.["address"] ?? parts?.["name"]?.replace(/\.$/, "");
  return name?.toLowerCase();
}
