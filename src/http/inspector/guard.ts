import { isLoopback } from "../../model/host-name.ts";
import { hostName } from "../api-guard.ts";

/** Of Chrome's own front end, which is part of the browser. */
const devToolsOrigin = "devtools://devtools";

/** The headers that tell who sends a request. */
export interface InspectorRequest {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

/**
 * Why a request to the inspector is refused; undefined for one of a debugger on this machine. Whoever gets through runs any
 * code in the function's isolate: a page in the developer's browser must not, neither by its own name for this address
 * (DNS rebinding, seen by its `Host`) nor by a WebSocket, which browsers open to any origin but with theirs in `Origin`.
 */
export function inspectorRefusal({ host, origin, fetchSite }: InspectorRequest): string | undefined {
  const name = hostName(host ?? "");
  if (name === undefined || !isLoopback(name))
    return `The inspector answers to loopback names only, and not to "${(host ?? "").slice(0, 256)}"`;
  // Chrome sends for its front end's WebSocket that it is from another site, which any page would, too.
  if (origin === devToolsOrigin) return undefined;
  if (origin !== undefined) return "The inspector does not answer requests from web pages (Origin)";
  if (fetchSite !== undefined && fetchSite !== "none")
    return "The inspector does not answer requests from web pages (Sec-Fetch-Site)";
  return undefined;
}
