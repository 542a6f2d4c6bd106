import { freeBytes } from "../model/free-bytes.ts";
import {
  failurePayload,
  type Invocation,
  type InvocationObserver,
  type InvokeOutcome,
  type InvokeReport,
} from "../model/invocation.ts";
import { maxStreamBytes } from "../model/payload-limits.ts";
import { EventStreamEncoder } from "./event-stream.ts";
import { type FlowOptions, ResponseFlow } from "./response-flow.ts";
import type { ResponseSink } from "./response-sink.ts";

const payloadChunk = new EventStreamEncoder("PayloadChunk", "application/octet-stream");
const invokeComplete = new EventStreamEncoder("InvokeComplete", "application/json");

/**
 * The response of InvokeWithResponseStream: a PayloadChunk for each chunk, then one InvokeComplete, which also
 * tells of a failure. So the connection always ends in order, unless the client leaves.
 */
export class EventStreamResponse implements InvocationObserver {
  readonly #sink: ResponseSink;
  readonly #requestId: string;
  readonly #flow: ResponseFlow;
  readonly #headers: string[];
  #invocation: Invocation | undefined;
  #state: "new" | "open" | "over" = "new";
  #settled = false;

  /** @param headers Flat; of the response, whose status is 200 once the invoker has accepted the invocation. */
  constructor(sink: ResponseSink, requestId: string, headers: string[], options: FlowOptions) {
    this.#sink = sink;
    this.#requestId = requestId;
    this.#headers = headers;
    this.#flow = new ResponseFlow(sink, options);
  }

  /** What the invoker returned; it may have called the observer already. */
  attach(invocation: Invocation): void {
    this.#open();
    this.#invocation = invocation;
    this.#flow.attach(invocation);
    if (this.#state === "over" && !this.#settled) invocation.abort();
  }

  streamStarted(): void {}

  chunk(bytes: Buffer): void {
    if (this.#state === "over") return;
    this.#open();
    if (this.#flow.totalBytes + bytes.length > maxStreamBytes) {
      const message = `Response payload size exceeded maximum allowed payload size (${maxStreamBytes} bytes).`;
      this.#complete({
        ErrorCode: "Function.ResponseSizeTooLarge",
        ErrorDetails: JSON.stringify({
          errorType: "Function.ResponseSizeTooLarge",
          errorMessage: message,
        }),
      });
      this.#invocation?.abort();
      return;
    }
    this.#flow.write(payloadChunk.encode(bytes), bytes.length);
    freeBytes(bytes);
  }

  settled(outcome: InvokeOutcome, _report: InvokeReport, logTail?: Buffer): void {
    this.#settled = true;
    if (this.#state === "over") return;
    this.#open();
    const log = logTail === undefined ? {} : { LogResult: logTail.toString("base64") };
    if (outcome.kind === "success") this.#flow.write(payloadChunk.encode(outcome.payload));
    if (outcome.kind === "success" || outcome.kind === "streamed") {
      this.#complete(log);
      return;
    }
    const details = failurePayload(outcome, this.#requestId).toString("utf8");
    this.#complete({ ErrorCode: "Unhandled", ErrorDetails: details, ...log });
  }

  #open(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#sink.head(200, this.#headers);
    this.#sink.onGone(() => this.#stop());
  }

  #complete(event: Record<string, string>): void {
    this.#state = "over";
    this.#flow.close();
    this.#sink.write(invokeComplete.encode(Buffer.from(JSON.stringify(event))));
    this.#sink.end();
  }

  #stop(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#flow.close();
    this.#invocation?.abort();
  }
}
