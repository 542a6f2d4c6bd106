import { Agent, type IncomingHttpHeaders, request } from "node:http";

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

/** A plain client: what it costs is the same for every server. */
export class HttpClient implements Disposable {
  readonly #agent: Agent;

  /** @param connections How many are kept open from call to call; `new`: each call opens its own, within its time. */
  constructor(connections: number | "new" = 1) {
    const isKept = connections !== "new";
    this.#agent = new Agent({
      keepAlive: isKept,
      maxSockets: isKept ? connections : Number.POSITIVE_INFINITY,
    });
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
    const outgoing = request(url, { method, agent: this.#agent, headers }, (incoming) => {
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
  }
}
