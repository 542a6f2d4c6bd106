import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigInput } from "../../config.ts";
import type { DeployedFunction } from "../../embedding/index.ts";
import type { Runtime, RuntimeListeners } from "../../runtime.ts";
import { CliError } from "../cli-error.ts";

/** Settings of the function, as Lambda has them. */
export interface DevSettings {
  readonly name: string;
  readonly handler: string;
  readonly runtime: string;
  readonly memorySizeMb?: number;
  readonly timeoutSeconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where a function is deployed to while it is being written. */
export interface DevServer {
  /** Where its API answers. */
  readonly endpoint: string;
  /** Resolves when the function is ready. @throws {Error} It can't be deployed; the message says why. */
  deploy(zip: Uint8Array): Promise<void>;
  /** Where its URL answers, known after the first deploy. */
  readonly url: string;
  /** Where debuggers find its newest isolate, if they may. */
  readonly inspector?: { readonly url: string; readonly devToolsUrl: string } | undefined;
  close(): Promise<void>;
}

/** One request to the function's URL, when it is over. */
export interface RequestReport {
  readonly method: string;
  readonly path: string;
  /** undefined: the client went before there was one. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

export interface OwnServerOptions {
  readonly settings: DevSettings;
  /** Of the function; 0 picks a free one. */
  readonly port: number;
  readonly config: ConfigInput;
  /** Opens the function's isolates to debuggers. */
  readonly inspect?: ConfigInput["inspect"];
  /** Whether its URL streams responses. */
  readonly streams: boolean;
  readonly onRequest: (report: RequestReport) => void;
}

/**
 * A Brisk of this process's own, on loopback, whose state is gone with it. The function has a port to itself, at whose root
 * it answers.
 */
export class OwnServer implements DevServer {
  readonly #options: OwnServerOptions;
  readonly #runtime: Runtime;
  readonly #state: { readonly dataDir: string; readonly remove: () => void };
  readonly endpoint: string;
  readonly inspector: DevServer["inspector"];
  #front: Server | undefined;
  #port = 0;
  #deployed: DeployedFunction | undefined;

  private constructor(
    options: OwnServerOptions,
    runtime: Runtime,
    state: { readonly dataDir: string; readonly remove: () => void },
    listeners: RuntimeListeners,
  ) {
    this.#options = options;
    this.#runtime = runtime;
    this.#state = state;
    this.endpoint = listeners.url;
    this.inspector = listeners.inspector;
  }

  /** @throws {CliError} The port is taken. */
  static async open(options: OwnServerOptions): Promise<OwnServer> {
    const { createRuntime } = await import("../../runtime.ts");
    const dataDir = await mkdtemp(join(tmpdir(), "brisk-dev-"));
    // Also for a process that ends in a hurry: at a second Ctrl-C, or when nobody reads it any more.
    const remove = () => rmSync(dataDir, { recursive: true, force: true });
    process.once("exit", remove);
    try {
      const runtime = await createRuntime({
        ...options.config,
        auth: "none",
        host: "127.0.0.1",
        port: 0,
        drainTimeoutMs: 0,
        dev: true,
        ...(options.inspect === undefined ? {} : inspecting(options.inspect)),
        dataDir,
      });
      try {
        const listeners = await runtime
          .listen()
          .catch((error) => cannotInspect(error, options.inspect?.port));
        const server = new OwnServer(options, runtime, { dataDir, remove }, listeners);
        await server.#listen();
        return server;
      } catch (error) {
        await runtime.close();
        throw error;
      }
    } catch (error) {
      process.off("exit", remove);
      await rm(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  get url(): string {
    return `http://localhost:${this.#port}/`;
  }

  async deploy(zip: Uint8Array): Promise<void> {
    this.#deployed = await this.#runtime.deploy({
      ...this.#options.settings,
      zip,
      url: this.#options.streams ? "stream" : true,
    });
    if (this.inspector === undefined) return;
    // So that breakpoints can be set before the first request.
    const name = encodeURIComponent(this.#deployed.name);
    await fetch(`${this.endpoint}/_brisk/functions/${name}/environments`, { method: "POST" });
  }

  async close(): Promise<void> {
    this.#front?.close();
    this.#front?.closeAllConnections();
    await this.#runtime.close({ drainMs: 0 });
    await rm(this.#state.dataDir, { recursive: true, force: true });
    process.off("exit", this.#state.remove);
  }

  async #listen(): Promise<void> {
    const front = createServer((incoming, outgoing) => this.#request(incoming, outgoing));
    const { port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      front.once("error", (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === "EADDRINUSE";
        const reason = isTaken
          ? `port ${port} is in use (choose another with --port, or 0 for a free one)`
          : error.message;
        reject(new CliError(`cannot listen: ${reason}`, { cause: error }));
      });
      front.listen(port, "127.0.0.1", resolve);
    });
    this.#front = front;
    this.#port = (front.address() as AddressInfo).port;
  }

  #request(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const startMs = performance.now();
    const { method = "GET", url: path = "/" } = incoming;
    outgoing.once("close", () => {
      const status = outgoing.headersSent ? outgoing.statusCode : undefined;
      this.#options.onRequest({ method, path, status, durationMs: performance.now() - startMs });
    });
    if (this.#deployed !== undefined) this.#deployed.handler(incoming, outgoing);
    else outgoing.writeHead(503, { "content-type": "text/plain" }).end("The function is not deployed yet\n");
  }
}

/** An isolate that is to be debugged starts by running its code, and stays until the next save. */
function inspecting(inspect: ConfigInput["inspect"]): ConfigInput {
  return { inspect, startStrategy: "init", idleTimeoutMs: 7 * 24 * 3_600_000 };
}

function cannotInspect(error: NodeJS.ErrnoException, port: number | undefined): never {
  if (error.code !== "EADDRINUSE") throw error;
  throw new CliError(
    `cannot listen: port ${port} is in use (choose another with --inspect <port>, or 0 for a free one)`,
    { cause: error },
  );
}
