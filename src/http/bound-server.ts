import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { KeyPair } from "../tls/index.ts";
import { limitPerAddress } from "./connection-gate.ts";
import { type ListenAddress, urlAuthority } from "./listen-address.ts";
import { answerPlainHttp } from "./plain-on-tls.ts";
import { type ListenerLimits, serverOptions } from "./server-limits.ts";
import { headTooLarge, refuseUnreadable } from "./unreadable-request.ts";

export interface BoundServerOptions {
  readonly address: ListenAddress;
  readonly limits: ListenerLimits;
  /** With one, this server speaks TLS alone. */
  readonly keyPair?: KeyPair | undefined;
  readonly serve: RequestListener;
  /** Told what an operator should know, in a sentence. */
  readonly onNote: (text: string) => void;
}

/** One server on one address, over plain HTTP or TLS, with its bounds. */
export class BoundServer {
  readonly #server: Server | HttpsServer;
  readonly url: string;
  readonly port: number;
  #closed: Promise<void> | undefined;

  private constructor(server: Server | HttpsServer, isSecure: boolean, host: string, port: number) {
    this.#server = server;
    this.port = port;
    this.url = `${isSecure ? "https" : "http"}://${urlAuthority({ host, port })}`;
  }

  /** @throws {Error} The address is in use, or cannot be bound. */
  static async open(options: BoundServerOptions): Promise<BoundServer> {
    const { address, keyPair } = options;
    const server = createServer(options);
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        const why =
          error.code === "EADDRINUSE" ? "the port is in use" : `${error.code ?? "error"}: ${error.message}`;
        reject(new Error(`Cannot listen on ${urlAuthority(address)}: ${why}`, { cause: error }));
      };
      server.once("error", fail);
      server.listen(address.port, address.host, () => {
        server.off("error", fail);
        resolve();
      });
    });
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
    return new BoundServer(server, keyPair !== undefined, address.host, port);
  }

  /** For connections from now on: those that are open keep what they began with. */
  useKeyPair(pair: KeyPair): void {
    if ("setSecureContext" in this.#server) this.#server.setSecureContext(tlsOptions(pair));
  }

  /** Accepts nothing new, lets running requests end for `drainMs`, then cuts what is left. Idempotent. */
  close(drainMs: number): Promise<void> {
    this.#closed ??= this.#close(drainMs);
    return this.#closed;
  }

  async #close(drainMs: number): Promise<void> {
    const server = this.#server;
    // A client that sends one request after the other would keep its connection for ever.
    server.prependListener("request", (_incoming, outgoing) => {
      outgoing.shouldKeepAlive = false;
    });
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    try {
      await closed;
    } finally {
      clearInterval(sweep);
      clearTimeout(cut);
    }
  }
}

function createServer(options: BoundServerOptions): Server | HttpsServer {
  const { limits, keyPair, serve, onNote, address } = options;
  const common: ServerOptions = serverOptions(limits);
  const countedServe = countHeaders(serve, limits.maxHeaderCount);
  const server =
    keyPair === undefined
      ? createHttpServer(common, countedServe)
      : createHttpsServer(
          { ...common, ...tlsOptions(keyPair), handshakeTimeout: limits.headersTimeoutMs },
          countedServe,
        );
  // One more than is allowed, so that too many are seen: node drops what is over its count without a word.
  server.maxHeadersCount = limits.maxHeaderCount + 1;
  server.maxConnections = limits.maxConnections;
  server.on("clientError", refuseUnreadable(limits.maxHeaderBytes));
  if (keyPair !== undefined) answerPlainHttp(server, limits.headersTimeoutMs);
  limitPerAddress(server, limits.maxConnectionsPerAddress, (client) =>
    onNote(
      `connections of ${client} to ${urlAuthority(address)} are refused: at most ${limits.maxConnections} may be open, ${limits.maxConnectionsPerAddress} of one address (maxConnections, maxConnectionsPerAddress)`,
    ),
  );
  return server;
}

function tlsOptions({ cert, key, passphrase }: KeyPair) {
  return {
    cert,
    key,
    ...(passphrase !== undefined && { passphrase }),
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
  } as const;
}

function countHeaders(serve: RequestListener, maxCount: number): RequestListener {
  const most = 2 * maxCount;
  return (incoming, outgoing) => {
    if (incoming.rawHeaders.length <= most) {
      serve(incoming, outgoing);
      return;
    }
    const { status, code, message } = headTooLarge(`it has more than ${maxCount} headers`);
    const body = JSON.stringify({ Type: "User", message });
    outgoing.writeHead(status, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
      "x-amzn-ErrorType": code,
      Connection: "close",
    });
    outgoing.end(body);
  };
}
