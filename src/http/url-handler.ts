import type { IncomingMessage, ServerResponse } from "node:http";
import { type Clock, systemClock } from "../model/clock.ts";
import type { UrlDirectory } from "../model/functions.ts";
import type { Invoker } from "../model/invocation.ts";
import { maxBodyBytesInFlight } from "../model/payload-limits.ts";
import { BytesInFlight } from "./bytes-in-flight.ts";
import {
  NodeCarrier,
  type UrlAccess,
  type UrlCall,
  UrlFront,
  UrlHosts,
  WebCarrier,
  type WebRequestInfo,
} from "./function-url/index.ts";

export interface UrlHandlerOptions {
  readonly directory: UrlDirectory;
  readonly invoker: Invoker;
  readonly config: {
    readonly region: string;
    readonly domains: readonly string[];
    readonly trustForwarded: boolean;
    readonly streamBytesPerSecond: number;
  };
  readonly clock?: Clock;
  /** Who may call URLs with `AuthType` AWS_IAM; absent: nobody. */
  readonly access?: UrlAccess | undefined;
  /** Told of each call that was let through, or refused for who sends it; absent where nobody keeps a record of them. */
  readonly onCall?: ((call: UrlCall) => void) | undefined;
  /** Told of errors that are ours; by default they are only answered. */
  readonly onBug?: (error: unknown) => void;
}

/** Function URLs for whatever speaks HTTP: a server of ours, or the program that embeds us. */
export interface UrlHandler {
  /** Whether the request's Host names a function URL (which may not exist). */
  matches(incoming: IncomingMessage): boolean;
  /** The same for a host, with or without port. */
  matchesHost(host: string): boolean;
  /**
   * Serves the URL that the request's Host names, or that its path `/_url/<id>/…` names.
   * The request's body must not have been read yet. Never throws.
   */
  node(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** As `node`, for one URL whatever the Host: for a gateway that routes by itself. */
  nodeTo(urlId: string, incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** The same, web-standard. Rejects only when the request is aborted, or the response fails before its head. */
  fetch(request: Request, info?: WebRequestInfo): Promise<Response>;
}

export function createUrlHandler(options: UrlHandlerOptions): UrlHandler {
  const { config, clock = systemClock, onBug = () => {} } = options;
  const hosts = new UrlHosts(config);
  const carrier = {
    front: new UrlFront({
      directory: options.directory,
      invoker: options.invoker,
      clock,
      access: options.access,
      streamBytesPerSecond: config.streamBytesPerSecond,
      onCall: options.onCall,
      onBug,
    }),
    hosts,
    bodies: new BytesInFlight(maxBodyBytesInFlight),
    trustForwarded: config.trustForwarded,
    onBug,
  };
  const node = new NodeCarrier(carrier);
  const web = new WebCarrier(carrier);
  return {
    matches: (incoming) => node.match(incoming) !== undefined,
    matchesHost: (host) => hosts.match(host) !== undefined,
    node: (incoming, outgoing) => node.serve(incoming, outgoing),
    nodeTo: (urlId, incoming, outgoing) => node.serveTo(hosts.canonical(urlId), incoming, outgoing),
    fetch: (request, info) => web.serve(request, info),
  };
}
