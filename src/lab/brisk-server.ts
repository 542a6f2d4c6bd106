import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findPackageRoot } from "../package-root.ts";
import { ChildServer } from "./child-server.ts";
import { type HttpAnswer, type HttpCall, HttpClient, type SignCall } from "./http-client.ts";

export interface FunctionInput {
  readonly name: string;
  readonly zip: Uint8Array;
  readonly handler: string;
  /** Default `nodejs24.x`. */
  readonly runtime?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly memorySizeMb?: number;
  readonly timeoutSeconds?: number;
  /** Gives it a public function URL. */
  readonly url?: "BUFFERED" | "RESPONSE_STREAM";
}

/** Where a function answers: an address to connect to, and the Host name to say. */
export interface FunctionAddress {
  readonly url: string;
  readonly host: string;
}

export class BriskApiError extends Error {
  readonly status: number;
  constructor(call: string, status: number, text: string) {
    super(`${call}: ${status} ${text.slice(0, 500)}`);
    this.name = "BriskApiError";
    this.status = status;
  }
}

/** A real Brisk, started as its users start it and spoken to through its HTTP API. */
export class BriskServer implements AsyncDisposable {
  readonly origin: string;
  readonly #server: ChildServer | undefined;
  readonly #dataDir: string | undefined;
  readonly #sign: SignCall | undefined;
  readonly #client = new HttpClient(4);

  private constructor(
    origin: string,
    own: { readonly server?: ChildServer; readonly dataDir?: string; readonly sign?: SignCall | undefined },
  ) {
    this.origin = origin;
    this.#server = own.server;
    this.#dataDir = own.dataDir;
    this.#sign = own.sign;
  }

  /**
   * On an empty data folder, which goes when the server is disposed of.
   * @param variables Settings that have no flag, such as BRISK_SPARE_ENVIRONMENTS.
   */
  static async start(
    flags: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<BriskServer> {
    const dataDir = await mkdtemp(join(tmpdir(), "brisk-lab-"));
    const server = await ChildServer.start({
      command: process.execPath,
      args: ["bin/brisk.js", "serve", "--port", "0", "--data", dataDir, ...flags],
      cwd: fileURLToPath(findPackageRoot()),
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...variables },
      readyLine: /brisk listening on (http:\/\/\S+)/,
    });
    return new BriskServer(server.ready, { server, dataDir });
  }

  /** One that somebody else runs. @param sign Where it wants signed requests. */
  static at(origin: string, sign?: SignCall): BriskServer {
    return new BriskServer(new URL(origin).origin, { sign });
  }

  /** The process that was started, with supervisor and hosts below it; undefined for somebody else's. */
  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Creates a function and waits until it is active. Answers where its URL is, when it was given one. */
  async deploy(input: FunctionInput): Promise<FunctionAddress | undefined> {
    const { name, zip, handler, variables = {}, memorySizeMb = 128, timeoutSeconds = 30 } = input;
    await this.api("POST", "/2015-03-31/functions", {
      FunctionName: name,
      Runtime: input.runtime ?? "nodejs24.x",
      Role: "arn:aws:iam::000000000000:role/bench",
      Handler: handler,
      Timeout: timeoutSeconds,
      MemorySize: memorySizeMb,
      Environment: { Variables: variables },
      Code: { ZipFile: Buffer.from(zip).toString("base64") },
    });
    await this.untilActive(name);
    if (input.url === undefined) return undefined;
    const created = await this.api("POST", `/2021-10-31/functions/${name}/url`, {
      AuthType: "NONE",
      InvokeMode: input.url,
    });
    for (const statement of [
      { StatementId: "url", Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" },
      { StatementId: "invoke", Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true },
    ]) {
      await this.api("POST", `/2015-03-31/functions/${name}/policy`, { Principal: "*", ...statement });
    }
    return { url: this.origin, host: new URL(String(created["FunctionUrl"])).host };
  }

  async delete(name: string): Promise<void> {
    await this.api("DELETE", `/2015-03-31/functions/${name}`);
  }

  async untilActive(name: string): Promise<void> {
    const deadlineMs = performance.now() + 60_000;
    for (;;) {
      const found = await this.api("GET", `/2015-03-31/functions/${name}/configuration`);
      const isBusy = found["State"] === "Pending" || found["LastUpdateStatus"] === "InProgress";
      if (found["State"] === "Active" && !isBusy) return;
      if (!isBusy || performance.now() > deadlineMs) {
        throw new Error(`${name} is not active: ${String(found["StateReason"] ?? JSON.stringify(found))}`);
      }
      await sleep(20);
    }
  }

  /** @throws {BriskApiError} For any status from 300 on. */
  async api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.call(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status >= 300) throw new BriskApiError(`${method} ${path}`, answer.status, answer.text);
    return answer.text === "" ? {} : (JSON.parse(answer.text) as Record<string, unknown>);
  }

  /** A request to its API, whatever it answers. */
  async call(path: string, call: HttpCall = {}): Promise<HttpAnswer> {
    return this.#client.call(this.origin + path, await this.signed(path, call));
  }

  /** The same for somebody who sends it later, within the minutes for which a signature counts. */
  async signed(path: string, call: HttpCall): Promise<HttpCall> {
    if (this.#sign === undefined) return call;
    const { method = "GET", body = null, headers = {} } = call;
    const type: Record<string, string> = body === null ? {} : { "content-type": "application/json" };
    const url = new URL(this.origin + path);
    return { ...call, headers: await this.#sign({ method, url, headers: { ...type, ...headers }, body }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    await this.#server?.[Symbol.asyncDispose]();
    if (this.#dataDir !== undefined) await rm(this.#dataDir, { recursive: true, force: true });
  }
}
