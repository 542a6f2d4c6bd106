import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Uint8Array;
  /** From the call to the last byte, ms. */
  readonly elapsedMs: number;
}

export interface HttpCall {
  readonly method?: string;
  /** The Host name to say: names below localhost do not resolve in Node, so one connects to the address. */
  readonly host?: string | undefined;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A connection that is silent for longer is given up. */
  readonly timeoutMs?: number;
}

/** Adds to a request's headers what signs it. */
export type SignCall = (request: {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}) => Promise<Record<string, string>>;

/** A plain client: what it costs is the same for every server. */
export class HttpClient implements Disposable {
  readonly #agent: Agent;
  readonly #tlsAgent: TlsAgent;

  /** @param connections How many are kept open from call to call; `new`: each call opens its own, within its time. */
  constructor(connections: number | "new" = 1) {
    const isKept = connections !== "new";
    const options = { keepAlive: isKept, maxSockets: isKept ? connections : Number.POSITIVE_INFINITY };
    this.#agent = new Agent(options);
    this.#tlsAgent = new TlsAgent(options);
  }

  call(
    url: string,
    { method = "GET", host, body, headers: more, timeoutMs }: HttpCall = {},
  ): Promise<HttpAnswer> {
    const startedMs = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const headers: Record<string, string | number> = { ...more };
    if (host !== undefined) headers["host"] = host;
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = Buffer.byteLength(body);
    }
    const [send, agent] = url.startsWith("https:")
      ? ([tlsRequest, this.#tlsAgent] as const)
      : ([request, this.#agent] as const);
    const outgoing = send(url, { method, agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => {
        const elapsedMs = performance.now() - startedMs;
        const bytes = Buffer.concat(chunks);
        const { statusCode: status = 0, headers } = incoming;
        resolve({ status, headers, bytes, text: bytes.toString(), elapsedMs });
      });
    });
    outgoing.on("error", reject);
    if (timeoutMs !== undefined) {
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    }
    outgoing.end(body);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
    this.#tlsAgent.destroy();
  }
}
