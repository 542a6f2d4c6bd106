import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigInput } from "../../config.ts";
import type { DeployedFunction } from "../../embedding/index.ts";
import type { Runtime } from "../../runtime.ts";
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
  #front: Server | undefined;
  #port = 0;
  #deployed: DeployedFunction | undefined;

  private constructor(
    options: OwnServerOptions,
    runtime: Runtime,
    state: { readonly dataDir: string; readonly remove: () => void },
    endpoint: string,
  ) {
    this.#options = options;
    this.#runtime = runtime;
    this.#state = state;
    this.endpoint = endpoint;
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
        dataDir,
      });
      const { url } = await runtime.listen();
      const server = new OwnServer(options, runtime, { dataDir, remove }, url);
      await server.#listen().catch(async (error: unknown) => {
        await runtime.close();
        throw error;
      });
      return server;
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
