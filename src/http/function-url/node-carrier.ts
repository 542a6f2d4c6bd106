import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { maxPayloadBytes } from "../../model/payload-limits.ts";
import type { BytesInFlight } from "../bytes-in-flight.ts";
import { NodeResponseSink } from "../node-response-sink.ts";
import { collectBody } from "../request-body.ts";
import { type Peer, readRequestFacts } from "./request-facts.ts";
import { parseRequestTarget, type RequestTarget, splitUrlPath } from "./request-target.ts";
import { type AdmittedRequest, type UrlFront, UrlRequest } from "./url-front.ts";
import type { UrlHost, UrlHosts } from "./url-hosts.ts";

export interface CarrierOptions {
  readonly front: UrlFront;
  readonly hosts: UrlHosts;
  readonly bodies: BytesInFlight;
  readonly trustForwarded: boolean;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

/** Larger heads are read anew each time: on thousands of idle connections they would fill the memory. */
const maxKeptLength = 4096;

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
  #rawHeaders: readonly string[] = [];
  #request: UrlRequest | undefined;

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

  /** The same object as long as the same is asked. */
  request(
    incoming: IncomingMessage,
    host: UrlHost | undefined,
    target: RequestTarget | undefined,
    trustForwarded: boolean,
  ): UrlRequest {
    const { rawHeaders, httpVersion, method = "GET" } = incoming;
    const before = this.#request;
    const isSameHead = before !== undefined && isSame(rawHeaders, this.#rawHeaders);
    if (
      isSameHead &&
      before.method === method &&
      before.httpVersion === httpVersion &&
      before.host === host &&
      before.target === target
    ) {
      return before;
    }
    const facts = isSameHead ? before.facts : readRequestFacts(rawHeaders, this.#peer, trustForwarded);
    const sent = { target: incoming.url ?? "", rawHeaders };
    const request = new UrlRequest(method, httpVersion, host, target, facts, sent);
    const isKept =
      facts.headersJson.length + facts.cookiesJson.length + this.#rawTarget.length <= maxKeptLength;
    this.#request = isKept ? request : undefined;
    this.#rawHeaders = isKept ? rawHeaders : [];
    if (!isKept) {
      this.#rawTarget = "";
      this.#target = undefined;
    }
    return request;
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
      const { front, trustForwarded } = this.#options;
      const request = connection.request(incoming, host, target, trustForwarded);
      const admitted = front.admit(request, new NodeResponseSink(outgoing));
      if (admitted === undefined) return;
      if (request.facts.hasBody) this.#readBody(admitted, incoming, outgoing);
      else front.invoke(admitted, undefined);
    } catch (error) {
      this.#broken(error, outgoing);
    }
  }

  #readBody(admitted: AdmittedRequest, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { front, bodies } = this.#options;
    collectBody(incoming, maxPayloadBytes, bodies, (body) => {
      if (body.kind === "gone") return;
      try {
        if (body.kind === "whole") {
          front.invoke(admitted, body.bytes, body.release);
          return;
        }
        // What is left of the body is not worth reading, so the connection cannot serve another request.
        if (!incoming.complete) outgoing.shouldKeepAlive = false;
        front.refuse(admitted, body.kind);
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
