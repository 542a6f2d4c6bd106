import type { InvokeOutcome, InvokeReport, InvokeRequest, Invoker } from "../model/invocation.ts";
import { failurePayload, type Invocation, type InvocationObserver } from "../model/invocation.ts";
import { maxResultBytes } from "../model/payload-limits.ts";

/** An invocation's result as one piece. */
export interface CollectedResult {
  /** The handler's result, what it streamed, or the error's JSON. */
  readonly payload: Buffer;
  readonly failed: boolean;
  readonly logTail: Buffer | undefined;
}

/**
 * Invokes and waits for the whole result; a streaming handler's chunks are put together.
 * @throws {TooManyRequestsException} See {@link Invoker.invoke}. Never rejects because of what the function did.
 */
export function collectInvocation(
  invoker: Invoker,
  request: InvokeRequest,
  options: { logTail: boolean },
): Promise<CollectedResult> {
  const { promise, resolve } = Promise.withResolvers<CollectedResult>();
  const collector = new Collector(request.requestId, resolve);
  collector.attach(invoker.invoke(request, collector, options));
  return promise;
}

/** The payload that stands for a result over the limit. */
export const tooLargeResult = Buffer.from(
  JSON.stringify({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${maxResultBytes} bytes).`,
  }),
);

class Collector implements InvocationObserver {
  readonly #requestId: string;
  readonly #resolve: (result: CollectedResult) => void;
  #invocation: Invocation | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Chunks that came before the invocation was handed to us. */
  #unreported = 0;

  constructor(requestId: string, resolve: (result: CollectedResult) => void) {
    this.#requestId = requestId;
    this.#resolve = resolve;
  }

  attach(invocation: Invocation): void {
    this.#invocation = invocation;
    if (this.#bytes > maxResultBytes) invocation.abort();
    else if (this.#unreported > 0) invocation.consumed(this.#unreported);
  }

  streamStarted(): void {}

  chunk(bytes: Buffer): void {
    const wasTooLarge = this.#bytes > maxResultBytes;
    this.#bytes += bytes.length;
    if (this.#bytes > maxResultBytes) {
      this.#chunks = [];
      if (!wasTooLarge) this.#invocation?.abort();
      return;
    }
    this.#chunks.push(bytes);
    if (this.#invocation === undefined) this.#unreported += bytes.length;
    else this.#invocation.consumed(bytes.length);
  }

  settled(outcome: InvokeOutcome, _report: InvokeReport, logTail?: Buffer): void {
    const result = (payload: Buffer, failed: boolean): void => this.#resolve({ payload, failed, logTail });
    const size = outcome.kind === "success" ? outcome.payload.length : this.#bytes;
    if (size > maxResultBytes) result(tooLargeResult, true);
    else if (outcome.kind === "success") result(outcome.payload, false);
    else if (outcome.kind === "streamed") result(Buffer.concat(this.#chunks), false);
    else result(failurePayload(outcome, this.#requestId), true);
  }
}
