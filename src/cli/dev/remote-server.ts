import { type ApiClient, functionPath } from "../api-client.ts";
import { type FunctionSettings, findFunction, openUrl, untilReady } from "../lambda-api.ts";
import { toBase64 } from "../local-package.ts";
import type { DevServer, DevSettings } from "./dev-server.ts";

const role = "arn:aws:iam::000000000000:role/brisk";

/** A Brisk that runs already: the function is one of its own, and stays when `brisk dev` ends. */
export class RemoteServer implements DevServer {
  readonly #client: ApiClient;
  readonly #settings: DevSettings;
  readonly #signal: AbortSignal;
  readonly #streams: boolean;
  #url: string | undefined;

  constructor(client: ApiClient, settings: DevSettings, streams: boolean, signal: AbortSignal) {
    this.#client = client;
    this.#settings = settings;
    this.#streams = streams;
    this.#signal = signal;
  }

  get endpoint(): string {
    return this.#client.endpoint;
  }

  get url(): string {
    return this.#url ?? "";
  }

  async deploy(zip: Uint8Array): Promise<void> {
    const { name } = this.#settings;
    if (this.#url === undefined) {
      await this.#deployFirst(zip);
      const mode = this.#streams ? "RESPONSE_STREAM" : "BUFFERED";
      this.#url = (await openUrl(this.#client, name, mode)).FunctionUrl;
      return;
    }
    await this.#updateCode(zip);
  }

  async close(): Promise<void> {}

  async #deployFirst(zip: Uint8Array): Promise<void> {
    const { name, handler, runtime, memorySizeMb, timeoutSeconds, environment } = this.#settings;
    const settings: FunctionSettings = {
      Runtime: runtime,
      Handler: handler,
      ...(memorySizeMb === undefined ? {} : { MemorySize: memorySizeMb }),
      ...(timeoutSeconds === undefined ? {} : { Timeout: timeoutSeconds }),
      ...(environment === undefined ? {} : { Environment: { Variables: environment } }),
    };
    if ((await findFunction(this.#client, name)) === undefined) {
      const json = { ...settings, FunctionName: name, Role: role, Code: { ZipFile: toBase64(zip) } };
      await this.#client.json({ method: "POST", path: "/2015-03-31/functions", json });
      await untilReady(this.#client, name, this.#signal);
      return;
    }
    await this.#updateCode(zip);
    await this.#client.json({ method: "PUT", path: functionPath(name, "/configuration"), json: settings });
    await untilReady(this.#client, name, this.#signal);
  }

  async #updateCode(zip: Uint8Array): Promise<void> {
    const { name } = this.#settings;
    await untilReady(this.#client, name, this.#signal);
    await this.#client.json({
      method: "PUT",
      path: functionPath(name, "/code"),
      json: { ZipFile: toBase64(zip) },
    });
    await untilReady(this.#client, name, this.#signal);
  }
}
