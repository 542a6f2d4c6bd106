import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
  type ConfigInput,
  createRuntime,
  type DeployedFunction,
  type DeployInput,
  type Runtime,
} from "brisk";

export interface UrlResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The connection broke before the body was whole. */
  readonly aborted: boolean;
}

export interface UrlRequest {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Uint8Array;
}

/** A whole Brisk on port 0 with a data folder of its own. */
export interface TestServer extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The unmodified AWS SDK. */
  readonly client: LambdaClient;
  /** Deploys with a function URL, unless told otherwise. */
  deploy(input: DeployInput): Promise<DeployedFunction>;
  /** Requests a function URL over TCP: names under .localhost don't resolve in Node. */
  request(fn: DeployedFunction, path?: string, options?: UrlRequest): Promise<UrlResponse>;
  close(): Promise<void>;
}

export async function startServer(config: ConfigInput = {}): Promise<TestServer> {
  const dataDir = config.dataDir ?? (await mkdtemp(join(tmpdir(), "brisk-e2e-")));
  const runtime = await createRuntime({ port: 0, drainTimeoutMs: 0, ...config, dataDir });
  const { url, port } = await runtime.listen();
  const client = new LambdaClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  const close = async () => {
    client.destroy();
    await runtime.close();
    if (config.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  return {
    runtime,
    url,
    port,
    dataDir,
    client,
    deploy: (input) => runtime.deploy({ url: true, ...input }),
    request: (fn, path = "/", options = {}) => requestUrl(port, new URL(fn.url!).host, path, options),
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function requestUrl(
  port: number,
  host: string,
  path: string,
  options: UrlRequest = {},
): Promise<UrlResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: "127.0.0.1",
        port,
        path,
        method: options.method ?? "GET",
        headers: { ...options.headers, host },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        const finish = (aborted: boolean) => {
          const body = Buffer.concat(chunks);
          const { statusCode = 0, headers } = incoming;
          resolve({ status: statusCode, headers, body, text: body.toString("utf8"), aborted });
        };
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => finish(false));
        incoming.on("error", () => finish(true));
      },
    );
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}
