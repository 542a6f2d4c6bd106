import type { ResponseSink } from "../response-sink.ts";
import type { Trace } from "../trace-header.ts";
import type { ResponseHead } from "./response-head.ts";
import { pushStandardHeaders, type UrlAnswer } from "./url-answers.ts";

/** One request's way back: adds what every response of a URL carries, and knows which responses have no body. */
export class UrlResponder {
  readonly requestId: string;
  readonly sink: ResponseSink;
  readonly #trace: Trace;
  readonly #isHead: boolean;
  /** Set once the URL is known. */
  corsHeaders: readonly string[] = [];

  constructor(sink: ResponseSink, method: string, requestId: string, trace: Trace) {
    this.sink = sink;
    this.requestId = requestId;
    this.#trace = trace;
    this.#isHead = method === "HEAD";
  }

  /** Sends a whole response. `head.headers` is taken over. */
  send(head: ResponseHead, body: string | Buffer): void {
    const { status, headers } = head;
    this.#complete(headers);
    if (isBodiless(status)) {
      this.sink.send(status, headers, undefined);
      return;
    }
    headers.push(
      "Content-Length",
      String(typeof body === "string" ? Buffer.byteLength(body, "utf8") : body.length),
    );
    this.sink.send(status, headers, this.#isHead ? undefined : body);
  }

  /** Sends an answer of Lambda's own. */
  answer(answer: UrlAnswer): void {
    const headers = ["Content-Type", "application/json"];
    if (answer.errorType !== undefined) headers.push("x-amzn-ErrorType", answer.errorType);
    if (answer.headers !== undefined) headers.push(...answer.headers);
    this.send({ status: answer.status, headers }, answer.body);
  }

  /** Starts a streamed response. @returns Whether its body may be written. */
  start(head: ResponseHead): boolean {
    this.#complete(head.headers);
    this.sink.head(head.status, head.headers);
    return !this.#isHead && !isBodiless(head.status);
  }

  #complete(headers: string[]): void {
    pushStandardHeaders(headers, this.requestId, this.#trace);
    for (const item of this.corsHeaders) headers.push(item);
  }
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
