import { createServer, type Server } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { isOwnName, type OwnService } from "../own-service.ts";
import type { ConnectRequest } from "./socket-request.ts";

/** By service, made when somebody connects. It never listens: connections are handed to it. */
const servers = new WeakMap<OwnService, Server>();

/** Whether a socket is asked for that leads to the service's origin. */
export function isOwnSocket(service: OwnService, { host, name = host, port }: ConnectRequest): boolean {
  return port === 80 && isOwnName(service, name);
}

/** A connection to the service within this process. What it is asked has the service's own origin, whatever its Host header. */
export function openOwnSocket(service: OwnService): Duplex {
  let server = servers.get(service);
  if (server === undefined) {
    const listener = getRequestListener(
      (request) => {
        const { pathname, search } = new URL(request.url);
        return service.fetch(new Request(`${service.origin}${pathname}${search}`, request));
      },
      { overrideGlobalObjects: false },
    );
    server = createServer((request, response) => void listener(request, response));
    servers.set(service, server);
  }
  const [near, far] = duplexPair();
  // An answer that nobody reads any more would wait for ever.
  near.once("close", () => far.destroy());
  server.emit("connection", far);
  return near;
}
