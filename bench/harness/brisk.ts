import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { BriskServer as Server } from "../../src/lab/brisk-server.ts";
import type { Target } from "./target.ts";

export interface Deployment {
  readonly name: string;
  /** A file in bench/functions that exports `handler`. */
  readonly file: string;
  readonly stream?: boolean;
  readonly timeoutSeconds?: number;
  readonly memorySizeMb?: number;
}

/** The laboratory's Brisk, for the functions of these benches. */
export class BriskServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(flags: readonly string[] = []): Promise<BriskServer> {
    return new BriskServer(await Server.start(flags));
  }

  get pid(): number {
    return this.#server.pid as number;
  }

  /** Deploys a function with a public URL, and waits until it is active. */
  async deploy({ file, stream = false, ...settings }: Deployment): Promise<Target> {
    const source = await readFile(join(import.meta.dirname, "../functions", file));
    const address = await this.#server.deploy({
      ...settings,
      zip: zipSync({ "index.mjs": source }),
      handler: "index.handler",
      url: stream ? "RESPONSE_STREAM" : "BUFFERED",
    });
    if (address === undefined) throw new Error(`${settings.name} has no URL`);
    return { name: "brisk", ...address };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
