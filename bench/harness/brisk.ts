import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { zipSync } from "fflate";
import { ChildServer } from "../../src/lab/child-server.ts";
import { HttpClient } from "../../src/lab/http-client.ts";
import type { Target } from "./target.ts";

const project = join(import.meta.dirname, "../..");

export interface Deployment {
  readonly name: string;
  /** A file in bench/functions that exports `handler`. */
  readonly file: string;
  readonly stream?: boolean;
  readonly timeoutSeconds?: number;
  readonly memorySizeMb?: number;
}

/** A real Brisk, started as its users start it and spoken to through its HTTP API. */
export class BriskServer implements AsyncDisposable {
  readonly origin: string;
  readonly #server: ChildServer;
  readonly #dataDir: string;
  readonly #client = new HttpClient(4);

  private constructor(server: ChildServer, dataDir: string) {
    this.#server = server;
    this.#dataDir = dataDir;
    this.origin = server.ready;
  }

  static async start(flags: readonly string[] = []): Promise<BriskServer> {
    const dataDir = await mkdtemp(join(tmpdir(), "brisk-bench-"));
    const server = await ChildServer.start({
      command: process.execPath,
      args: ["bin/brisk.js", "serve", "--port", "0", "--data", dataDir, ...flags],
      cwd: project,
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" },
      readyLine: /brisk listening on (http:\/\/\S+)/,
    });
    return new BriskServer(server, dataDir);
  }

  /** The process that was started; the supervisor and its hosts are below it. */
  get pid(): number {
    return this.#server.pid;
  }

  /** Deploys a function with a public URL, and waits until it is active. */
  async deploy(deployment: Deployment): Promise<Target> {
    const { name, file, stream = false, timeoutSeconds = 30, memorySizeMb = 128 } = deployment;
    const source = await readFile(join(project, "bench/functions", file));
    await this.#api("POST", "/2015-03-31/functions", {
      FunctionName: name,
      Runtime: "nodejs24.x",
      Role: "arn:aws:iam::000000000000:role/bench",
      Handler: "index.handler",
      Timeout: timeoutSeconds,
      MemorySize: memorySizeMb,
      Code: { ZipFile: Buffer.from(zipSync({ "index.mjs": source })).toString("base64") },
    });
    await this.#untilActive(name);
    const created = await this.#api("POST", `/2021-10-31/functions/${name}/url`, {
      AuthType: "NONE",
      InvokeMode: stream ? "RESPONSE_STREAM" : "BUFFERED",
    });
    for (const statement of [
      { StatementId: "url", Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" },
      { StatementId: "invoke", Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true },
    ]) {
      await this.#api("POST", `/2015-03-31/functions/${name}/policy`, { Principal: "*", ...statement });
    }
    return { name: "brisk", url: this.origin, host: new URL(String(created["FunctionUrl"])).host };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async #untilActive(name: string): Promise<void> {
    const deadlineMs = performance.now() + 30_000;
    for (;;) {
      const configuration = await this.#api("GET", `/2015-03-31/functions/${name}/configuration`);
      if (configuration["State"] === "Active") return;
      if (configuration["State"] !== "Pending" || performance.now() > deadlineMs) {
        throw new Error(`${name} is not active: ${JSON.stringify(configuration)}`);
      }
      await sleep(20);
    }
  }

  async #api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.#client.call(
      this.origin + path,
      body === undefined ? { method } : { method, body: JSON.stringify(body) },
    );
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as Record<string, unknown>;
  }
}
