import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { BytesInFlight } from "../bytes-in-flight.ts";
import { maxPayloadBytes } from "../limits.ts";
import { NodeResponseSink } from "../node-response-sink.ts";
import { collectBody } from "../request-body.ts";
import { type Peer, type RequestFacts, readRequestFacts } from "./request-facts.ts";
import { parseRequestTarget, type RequestTarget, splitUrlPath } from "./request-target.ts";
import type { AdmittedRequest, UrlFront } from "./url-front.ts";
import type { UrlHost, UrlHosts } from "./url-hosts.ts";

export interface CarrierOptions {
  readonly front: UrlFront;
  readonly hosts: UrlHosts;
  readonly bodies: BytesInFlight;
  readonly trustForwarded: boolean;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

/**
 * What stays the same between the requests of one connection. A client that keeps its connection open mostly
 * repeats its headers and often its target, so that reading them again is a comparison.
 */
class Connection {
  readonly #peer: Peer;
  #host: string | undefined;
  #urlHost: UrlHost | undefined;
  #rawTarget = "";
  #target: RequestTarget | undefined;
  #rawHeaders: readonly string[] | undefined;
  #facts: RequestFacts | undefined;

  constructor(socket: Socket) {
    const isSecure = socket instanceof TLSSocket;
    this.#peer = {
      address: socket.remoteAddress ?? "",
      port: socket.localPort ?? 0,
      isSecure,
      ...(isSecure ? { tls: tlsOf(socket) } : undefined),
    };
  }

  host(incoming: IncomingMessage, hosts: UrlHosts): UrlHost | undefined {
    const host = this.target(incoming)?.authority ?? incoming.headers.host ?? "";
    if (host !== this.#host) {
      this.#urlHost = hosts.match(host);
      this.#host = host;
    }
    return this.#urlHost;
  }

  target(incoming: IncomingMessage): RequestTarget | undefined {
    const rawTarget = incoming.url ?? "";
    if (rawTarget !== this.#rawTarget) {
      this.#target = parseRequestTarget(rawTarget);
      this.#rawTarget = rawTarget;
    }
    return this.#target;
  }

  facts(incoming: IncomingMessage, trustForwarded: boolean): RequestFacts {
    const { rawHeaders } = incoming;
    if (
      this.#facts === undefined ||
      this.#rawHeaders === undefined ||
      !isSame(rawHeaders, this.#rawHeaders)
    ) {
      this.#facts = readRequestFacts(rawHeaders, this.#peer, trustForwarded);
      this.#rawHeaders = rawHeaders;
    }
    return this.#facts;
  }
}

/** Function URLs through node:http: reads `IncomingMessage` and writes `ServerResponse` directly. */
export class NodeCarrier {
  readonly #options: CarrierOptions;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor(options: CarrierOptions) {
    this.#options = options;
  }

  /** The URL that a request's Host names, if any. */
  match(incoming: IncomingMessage): UrlHost | undefined {
    return this.#connection(incoming).host(incoming, this.#options.hosts);
  }

  /** Serves the URL that the Host names, else the one that the path names (`/_url/<id>/…`). Never throws. */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const connection = this.#connection(incoming);
    const host = connection.host(incoming, this.#options.hosts);
    const target = connection.target(incoming);
    const split = host === undefined && target !== undefined ? splitUrlPath(target) : undefined;
    if (split === undefined) this.#serve(connection, incoming, outgoing, host, target);
    else {
      const byPath = this.#options.hosts.canonical(split.urlId);
      this.#serve(connection, incoming, outgoing, byPath, split.target);
    }
  }

  /** Serves this URL, whatever the Host. */
  serveTo(host: UrlHost, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const connection = this.#connection(incoming);
    this.#serve(connection, incoming, outgoing, host, connection.target(incoming));
  }

  #connection(incoming: IncomingMessage): Connection {
    let connection = this.#connections.get(incoming.socket);
    if (connection === undefined) {
      connection = new Connection(incoming.socket);
      this.#connections.set(incoming.socket, connection);
    }
    return connection;
  }

  #serve(
    connection: Connection,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    host: UrlHost | undefined,
    target: RequestTarget | undefined,
  ): void {
    try {
      const facts = connection.facts(incoming, this.#options.trustForwarded);
      const admitted = this.#options.front.admit(
        { method: incoming.method ?? "GET", httpVersion: incoming.httpVersion, host, target, facts },
        new NodeResponseSink(outgoing),
      );
      if (admitted === undefined) return;
      if (facts.hasBody) this.#readBody(admitted, incoming, outgoing);
      else admitted.invoke(undefined);
    } catch (error) {
      this.#broken(error, outgoing);
    }
  }

  #readBody(admitted: AdmittedRequest, incoming: IncomingMessage, outgoing: ServerResponse): void {
    collectBody(incoming, maxPayloadBytes, this.#options.bodies, (body) => {
      if (body.kind === "gone") return;
      try {
        if (body.kind === "whole") {
          admitted.invoke(body.bytes, body.release);
          return;
        }
        // What is left of the body is not worth reading, so the connection cannot serve another request.
        if (!incoming.complete) outgoing.shouldKeepAlive = false;
        admitted.refuse(body.kind);
      } catch (error) {
        this.#broken(error, outgoing);
      }
    });
  }

  #broken(error: unknown, outgoing: ServerResponse): void {
    this.#options.onBug(error);
    outgoing.destroy();
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

function tlsOf(socket: TLSSocket): { cipher: string; version: string } {
  return { cipher: socket.getCipher().standardName, version: socket.getProtocol() ?? "" };
}
