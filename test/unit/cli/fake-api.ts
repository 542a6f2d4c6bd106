import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface ReceivedCall {
  /** `POST /2015-03-31/functions` */
  readonly line: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Answer = (call: ReceivedCall, response: ServerResponse) => void;

/** A real HTTP server that answers by method and path, and remembers what it was asked. */
export class FakeApi implements AsyncDisposable {
  readonly calls: ReceivedCall[] = [];
  readonly #answers: Readonly<Record<string, Answer>>;
  readonly #server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? "/", "http://fake");
      const line = `${request.method} ${url.pathname}`;
      const call = {
        line,
        query: url.searchParams,
        headers: request.headers,
        body: await buffer(request),
      };
      this.calls.push(call);
      const answer =
        this.#answers[line] ?? refuse(404, "ResourceNotFoundException", `Function not found: ${line}`);
      answer(call, response);
    })();
  });

  private constructor(answers: Readonly<Record<string, Answer>>) {
    this.#answers = answers;
  }

  static async start(answers: Readonly<Record<string, Answer>>): Promise<FakeApi> {
    const api = new FakeApi(answers);
    api.#server.listen(0, "127.0.0.1");
    await once(api.#server, "listening");
    return api;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get env(): Record<string, string> {
    return { BRISK_ENDPOINT_URL: this.endpoint };
  }

  callsTo(line: string): ReceivedCall[] {
    return this.calls.filter((call) => call.line === line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

export function answerJson(value: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
}

/** Answers the first call with the first answer, and so on; the last one stays. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let next = 0;
  return (call, response) => answers[Math.min(next++, answers.length - 1)]?.(call, response);
}

export function refuse(status: number, code: string, message: string): Answer {
  return answerJson({ Type: "User", message }, status, { "x-amzn-errortype": code });
}
