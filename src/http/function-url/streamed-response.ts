import { maxResultBytes, maxStreamBytes } from "../../model/payload-limits.ts";
import type { ResponseFlow } from "../response-flow.ts";
import { PreludeReader, preludeContentType } from "./prelude.ts";
import { type ResponseHead, safeContentType } from "./response-head.ts";
import { badGateway } from "./url-answers.ts";
import type { UrlResponder } from "./url-responder.ts";

/** What becomes of a streaming handler's chunks. */
export interface StreamingResponse {
  /** @returns false when the response is over for good: the invocation is to be stopped. */
  chunk(bytes: Buffer): boolean;
  /** The handler ended its stream. */
  end(): void;
  /** The function failed, or was stopped. @param kind See {@link badGateway}. */
  fail(kind: string): void;
}

/**
 * RESPONSE_STREAM: every byte leaves as it comes.
 *
 *   waiting ──(first chunk, or whole prelude)──► open ──► over
 *   waiting: nothing was sent, so a failure can still be a 502. open: it can only cut the connection.
 */
export class StreamedResponse implements StreamingResponse {
  readonly #responder: UrlResponder;
  readonly #flow: ResponseFlow;
  readonly #contentType: string;
  readonly #prelude: PreludeReader | undefined;
  #state: "waiting" | "open" | "over" = "waiting";
  #wantsBody = true;

  constructor(responder: UrlResponder, flow: ResponseFlow, contentType: string) {
    this.#responder = responder;
    this.#flow = flow;
    this.#contentType = contentType;
    this.#prelude = contentType === preludeContentType ? new PreludeReader() : undefined;
  }

  chunk(bytes: Buffer): boolean {
    if (this.#state === "over") return false;
    if (this.#flow.totalBytes + bytes.length > maxStreamBytes) {
      this.fail("Function.ResponseSizeTooLarge");
      return false;
    }
    if (this.#state === "open") {
      this.#write(bytes, bytes.length);
      return true;
    }
    if (this.#prelude === undefined) {
      this.#open({ status: 200, headers: ["Content-Type", safeContentType(this.#contentType)] });
      this.#write(bytes, bytes.length);
      return true;
    }
    const step = this.#prelude.push(bytes);
    if (step.kind === "bad") {
      this.fail("InvalidResponse");
      return false;
    }
    if (step.kind === "head") {
      this.#open(step.head);
      this.#write(step.rest, bytes.length);
    } else {
      this.#flow.skip(bytes.length);
    }
    return true;
  }

  end(): void {
    if (this.#state === "over") return;
    if (this.#state === "waiting") {
      if (this.#flow.totalBytes > 0) {
        this.fail("InvalidResponse");
        return;
      }
      // Nothing was written at all: not even a prelude, whose status is lost (spec: invoke.md, section 3).
      const isPrelude = this.#prelude !== undefined;
      const contentType = isPrelude ? "application/octet-stream" : safeContentType(this.#contentType);
      this.#open({ status: 200, headers: ["Content-Type", contentType] });
    }
    this.#over();
    this.#responder.sink.end();
  }

  fail(kind: string): void {
    if (this.#state === "over") return;
    const wasOpen = this.#state === "open";
    this.#over();
    if (wasOpen) this.#responder.sink.abort();
    else this.#responder.answer(badGateway(kind));
  }

  /** The client went away: there is nobody to answer. */
  drop(): void {
    this.#over();
  }

  #open(head: ResponseHead): void {
    this.#state = "open";
    this.#wantsBody = this.#responder.start(head);
  }

  #write(bytes: Buffer, weight: number): void {
    if (this.#wantsBody && bytes.length > 0) this.#flow.write(bytes, weight);
    else this.#flow.skip(weight);
  }

  #over(): void {
    this.#state = "over";
    this.#flow.close();
  }
}

/** BUFFERED: a streaming handler's bytes are collected and sent as one response. */
export class CollectedResponse implements StreamingResponse {
  readonly #responder: UrlResponder;
  readonly #flow: ResponseFlow;
  readonly #contentType: string;
  #chunks: Buffer[] = [];
  #over = false;

  constructor(responder: UrlResponder, flow: ResponseFlow, contentType: string) {
    this.#responder = responder;
    this.#flow = flow;
    this.#contentType = contentType;
  }

  chunk(bytes: Buffer): boolean {
    if (this.#over) return false;
    if (this.#flow.totalBytes + bytes.length > maxResultBytes) {
      this.fail("Function.ResponseSizeTooLarge");
      return false;
    }
    this.#chunks.push(bytes);
    this.#flow.skip(bytes.length);
    return true;
  }

  end(): void {
    if (this.#over) return;
    const body = Buffer.concat(this.#chunks);
    if (this.#contentType !== preludeContentType) {
      this.#send({ status: 200, headers: ["Content-Type", safeContentType(this.#contentType)] }, body);
      return;
    }
    if (body.length === 0) {
      this.#send({ status: 200, headers: ["Content-Type", "application/octet-stream"] }, body);
      return;
    }
    const step = new PreludeReader().push(body);
    if (step.kind === "head") this.#send(step.head, step.rest);
    else this.fail("InvalidResponse");
  }

  fail(kind: string): void {
    if (this.#over) return;
    this.#finish();
    this.#responder.answer(badGateway(kind));
  }

  #send(head: ResponseHead, body: Buffer): void {
    this.#finish();
    this.#responder.send(head, body);
  }

  #finish(): void {
    this.#over = true;
    this.#chunks = [];
    this.#flow.close();
  }
}
