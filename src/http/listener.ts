import { createServer, type RequestListener, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { Config } from "../config.ts";
import { isLoopback, type ListenAddress, parseListenAddress, urlAuthority } from "./listen-address.ts";
import type { UrlHandler } from "./url-handler.ts";

export interface ListenersOptions {
  readonly config: Pick<Config, "host" | "port" | "urlListen" | "auth">;
  /** The Lambda API, with its guard. */
  readonly api: Hono;
  readonly urls: UrlHandler;
  /** Told of errors that are ours. */
  readonly onBug?: (error: unknown) => void;
}

export interface Listener {
  /** `http://host:port` */
  readonly url: string;
  readonly port: number;
}

/** The servers of one runtime: API and URLs by Host name; URLs alone, when `urlListen` is set. */
export interface Listeners extends Listener {
  readonly urlListener: Listener | undefined;
  /** Accepts nothing new, lets running requests end for `drainMs`, then cuts what is left. Idempotent. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** Bounds on what a slow or hostile client can hold. Bodies and streams are bounded where they are read. */
const serverLimits = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 30_000,
  // The whole request: 6 MB over a slow line.
  requestTimeout: 120_000,
  // Longer than the idle timeout of common proxies (60 s), so that they, not we, close first.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};
const maxConnections = 20_000;

/**
 * Starts listening.
 * @throws {Error} When an address is in use, cannot be bound, or is open to other machines without authentication.
 */
export async function createListeners(options: ListenersOptions): Promise<Listeners> {
  const { config, urls, onBug = () => {} } = options;
  const address = { host: config.host, port: config.port };
  if (config.auth === "none" && !isLoopback(config.host)) {
    throw new Error(
      `Cannot listen on ${urlAuthority(address)}: the API has no authentication (auth is "none"), so it listens on loopback only; set auth to "sigv4", or serve function URLs alone to others with urlListen`,
    );
  }
  const urlAddress = config.urlListen === undefined ? undefined : parseListenAddress(config.urlListen);
  // The gateway that embeds us keeps its own Request and Response.
  const api = getRequestListener(options.api.fetch, { overrideGlobalObjects: false });
  const main = await Listening.open(address, (incoming, outgoing) => {
    if (urls.matches(incoming)) urls.node(incoming, outgoing);
    else api(incoming, outgoing).catch(onBug);
  });
  let second: Listening | undefined;
  try {
    if (urlAddress !== undefined) second = await Listening.open(urlAddress, urls.node);
  } catch (error) {
    await main.close(0);
    throw error;
  }
  return {
    url: main.url,
    port: main.port,
    urlListener: second && { url: second.url, port: second.port },
    close: async ({ drainMs = 0 } = {}) => {
      await Promise.all([main.close(drainMs), second?.close(drainMs)]);
    },
  };
}

/** One bound server. */
class Listening implements Listener {
  readonly #server: Server;
  readonly url: string;
  readonly port: number;
  #closed: Promise<void> | undefined;

  constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.port = port;
    this.url = `http://${urlAuthority({ host, port })}`;
  }

  static async open(address: ListenAddress, serve: RequestListener): Promise<Listening> {
    const server = createServer(serverLimits, serve);
    server.maxConnections = maxConnections;
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
    return new Listening(server, address.host, port);
  }

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
