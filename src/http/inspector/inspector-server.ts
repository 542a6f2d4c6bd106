import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import type { InspectedIsolate, InspectionView } from "../../model/inspection.ts";
import type { VersionSpec } from "../../model/version.ts";
import { DebuggerConnection } from "./debugger-connection.ts";
import { inspectorRefusal } from "./guard.ts";

/** Loopback, and never anything else. */
const address = "127.0.0.1";
/** Who connects while the function is deployed again waits so long for its isolate, and it is looked for so often. */
const waitMs = 10_000;
const lookMs = 25;
/** A command with a whole new script in it, at most. */
const maxCommandBytes = 64 * 1024 * 1024;

export interface InspectorOptions {
  readonly port: number;
  readonly isolates: InspectionView;
  /** The folder that functions are deployed from. */
  readonly root?: string | undefined;
  /** The version's source map, as debuggers take it. */
  readonly sourceMapUrl: (spec: VersionSpec) => Promise<string>;
  readonly onBug: (error: unknown) => void;
}

/**
 * Where Chrome's DevTools and other debuggers find isolates, as they find Node's: a list of them at /json/list, and a
 * WebSocket for each, under a path that nobody can guess. One more path always leads to the newest isolate: it stays when the
 * function is deployed again.
 */
export class InspectorServer {
  readonly #options: InspectorOptions;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #newestId = randomUUID();

  private constructor(options: InspectorOptions) {
    this.#options = options;
    this.#server = createServer((incoming, outgoing) => this.#request(incoming, outgoing));
    this.#server.on("upgrade", (incoming, socket, head) => void this.#upgrade(incoming, socket, head));
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: maxCommandBytes,
      perMessageDeflate: false,
    });
  }

  /** @throws {Error} The port is in use, with node's `code`. */
  static async open(options: InspectorOptions): Promise<InspectorServer> {
    const inspector = new InspectorServer(options);
    const server = inspector.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port, address, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return inspector;
  }

  /** Of the WebSocket that leads to the newest isolate. */
  get url(): string {
    return `ws://${this.#place(this.#newestId)}`;
  }

  /** The same, for Chrome's address bar. */
  get devToolsUrl(): string {
    return devToolsUrl(this.#place(this.#newestId));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #place(id: string): string {
    return `${address}:${(this.#server.address() as AddressInfo).port}/${id}`;
  }

  #request(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const refusal = refusalOf(incoming);
    const path = pathOf(incoming);
    if (refusal !== undefined) answer(outgoing, 403, refusal);
    else if (path === "/json/version") answer(outgoing, 200, { Browser: "Brisk", "Protocol-Version": "1.3" });
    else if (path === "/json" || path === "/json/list") answer(outgoing, 200, this.#list());
    else answer(outgoing, 404, "The inspector has /json/list and /json/version");
  }

  #list(): readonly object[] {
    const { root, isolates } = this.#options;
    return isolates.isolates.map(({ id, spec }) => ({
      id,
      type: "node",
      title: `${spec.functionName} (brisk)`,
      description: `an isolate of ${spec.functionName}`,
      url: root === undefined ? "" : pathToFileURL(root).href,
      devtoolsFrontendUrl: devToolsUrl(this.#place(id)),
      webSocketDebuggerUrl: `ws://${this.#place(id)}`,
    }));
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => {});
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) {
      refuse(socket, "403 Forbidden", refusal);
      return;
    }
    const isolate = await this.#isolateAt(pathOf(incoming));
    if (isolate === undefined)
      refuse(socket, "404 Not Found", "There is no such isolate: one starts with the next request");
    else {
      this.#sockets.handleUpgrade(incoming, socket, head, (webSocket) => this.#connect(webSocket, isolate));
    }
  }

  async #isolateAt(path: string): Promise<InspectedIsolate | undefined> {
    const view = this.#options.isolates;
    const id = path.slice(1);
    if (id !== this.#newestId) return view.isolates.find((isolate) => isolate.id === id);
    const latestMs = performance.now() + waitMs;
    while (view.isolates.length === 0 && performance.now() < latestMs && this.#server.listening)
      await delay(lookMs);
    return view.isolates[0];
  }

  #connect(socket: WebSocket, isolate: InspectedIsolate): void {
    new DebuggerConnection(socket, isolate, this.#options.sourceMapUrl(isolate.spec), this.#options);
  }
}

function devToolsUrl(place: string): string {
  return `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${place}`;
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? "/";
}

function refusalOf({ headers }: IncomingMessage): string | undefined {
  const { host, origin } = headers;
  return inspectorRefusal({ host, origin, fetchSite: headers["sec-fetch-site"] as string | undefined });
}

function answer(outgoing: ServerResponse, status: number, content: string | object): void {
  const isText = typeof content === "string";
  outgoing.writeHead(status, {
    "content-type": isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8",
    "cache-control": "no-store",
  });
  outgoing.end(isText ? `${content}\n` : JSON.stringify(content, null, 2));
}

function refuse(socket: Duplex, status: string, why: string): void {
  const text = `${why}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
