import type { Invocation, InvocationObserver, InvokeOutcome } from "../../model/invocation.ts";
import { type FlowOptions, ResponseFlow } from "../response-flow.ts";
import { toFunctionResponse } from "./function-response.ts";
import { CollectedResponse, StreamedResponse } from "./streamed-response.ts";
import { badGateway } from "./url-answers.ts";
import type { UrlResponder } from "./url-responder.ts";

/** One invocation through a URL: turns what the function does into the response. */
export class UrlExchange implements InvocationObserver {
  readonly #responder: UrlResponder;
  readonly #streams: boolean;
  readonly #options: FlowOptions & { onBug(error: unknown): void };
  readonly #release: (() => void) | undefined;
  #invocation: Invocation | undefined;
  #streaming: StreamedResponse | CollectedResponse | undefined;
  #flow: ResponseFlow | undefined;
  /** The client is gone, or the response is over before the invocation: whatever else comes is dropped. */
  #stopped = false;
  #settled = false;

  /**
   * @param streams Whether the URL's InvokeMode is RESPONSE_STREAM.
   * @param release Called once when the invocation has settled.
   */
  constructor(
    responder: UrlResponder,
    streams: boolean,
    options: FlowOptions & { onBug(error: unknown): void },
    release: (() => void) | undefined,
  ) {
    this.#responder = responder;
    this.#streams = streams;
    this.#options = options;
    this.#release = release;
    // A buffered invocation runs on when its client goes, so only streams pay for listening.
    if (streams) responder.sink.onGone(() => this.#clientGone());
  }

  /** What the invoker returned; it may have called the observer already. */
  attach(invocation: Invocation): void {
    this.#invocation = invocation;
    this.#flow?.attach(invocation);
    if (this.#stopped && !this.#settled) invocation.abort();
  }

  streamStarted(contentType: string): void {
    if (this.#stopped) return;
    const flow = new ResponseFlow(this.#responder.sink, this.#options);
    if (this.#invocation !== undefined) flow.attach(this.#invocation);
    this.#flow = flow;
    this.#streaming = this.#streams
      ? new StreamedResponse(this.#responder, flow, contentType)
      : new CollectedResponse(this.#responder, flow, contentType);
  }

  chunk(bytes: Buffer): void {
    if (this.#stopped) return;
    try {
      if (this.#streaming?.chunk(bytes) === false) this.#stop();
    } catch (error) {
      this.#broken(error);
    }
  }

  settled(outcome: InvokeOutcome): void {
    this.#settled = true;
    this.#release?.();
    if (this.#stopped) return;
    try {
      this.#respond(outcome);
    } catch (error) {
      this.#broken(error);
    }
  }

  #respond(outcome: InvokeOutcome): void {
    if (this.#streaming !== undefined) {
      if (outcome.kind === "streamed") this.#streaming.end();
      else this.#streaming.fail(failureKind(outcome));
      return;
    }
    if (outcome.kind !== "success") {
      this.#responder.answer(badGateway(failureKind(outcome)));
      return;
    }
    const response = toFunctionResponse(outcome.payload);
    if (response === undefined) this.#responder.answer(badGateway("InvalidResponse"));
    else this.#responder.send(response, response.body);
  }

  #clientGone(): void {
    if (this.#stopped || this.#settled) return;
    if (this.#streaming instanceof StreamedResponse) this.#streaming.drop();
    this.#stop();
  }

  #stop(): void {
    this.#stopped = true;
    this.#invocation?.abort();
  }

  /** Ours, not the function's: the client must not wait, and the invoker that called us must not suffer. */
  #broken(error: unknown): void {
    this.#options.onBug(error);
    this.#flow?.close();
    this.#responder.sink.abort();
    if (!this.#settled) this.#stop();
  }
}

/** A word for the 502's `x-brisk-error-type`; never text that the guest chose. */
function failureKind(outcome: InvokeOutcome): string {
  switch (outcome.kind) {
    case "functionError":
      return "Unhandled";
    case "timedOut":
      return "Sandbox.Timedout";
    case "cpuTimeExceeded":
      return "Sandbox.CpuTimeExceeded";
    case "outOfMemory":
      return "Runtime.OutOfMemory";
    case "exited":
      return "Runtime.ExitError";
    case "aborted":
      return "Aborted";
    default:
      return "InvalidResponse";
  }
}
