import type { ResponseSink } from "./response-sink.ts";

/** Bytes that may wait in a web-standard body before the sender is told to stop. */
const highWaterMarkBytes = 64 * 1024;

/** Statuses whose Response may not have a body (Fetch standard, "null body status"). */
const nullBodyStatuses = new Set([204, 205, 304]);

/** A response as a web-standard Response, for gateways that speak fetch. */
export class WebResponseSink implements ResponseSink {
  readonly response: Promise<Response>;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (reason: unknown) => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #drained: (() => void) | undefined;
  #gone: (() => void) | undefined;
  #full = false;
  #done = false;

  /** @param signal The request's: it aborts when the client goes away. */
  constructor(signal: AbortSignal | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    // The client may be gone before anyone waits for the response.
    promise.catch(() => {});
    signal?.addEventListener("abort", () => this.#leave(), { once: true });
  }

  send(status: number, headers: string[], body: string | Uint8Array | undefined): void {
    this.#done = true;
    const content = nullBodyStatuses.has(status) || body === undefined ? null : asBody(body);
    this.#resolve(new Response(content, { status, headers: toHeaders(headers) }));
  }

  head(status: number, headers: string[]): void {
    if (nullBodyStatuses.has(status)) {
      this.#resolve(new Response(null, { status, headers: toHeaders(headers) }));
      return;
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          if (!this.#full) return;
          this.#full = false;
          this.#drained?.();
        },
        cancel: () => this.#leave(),
      },
      { highWaterMark: highWaterMarkBytes, size: (chunk) => chunk.byteLength },
    );
    this.#resolve(new Response(body, { status, headers: toHeaders(headers) }));
  }

  write(bytes: Uint8Array): boolean {
    if (this.#done || this.#controller === undefined || bytes.byteLength === 0) return true;
    this.#controller.enqueue(bytes);
    this.#full = (this.#controller.desiredSize ?? 0) <= 0;
    return !this.#full;
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#controller?.close();
  }

  abort(): void {
    if (this.#done) return;
    this.#done = true;
    const reason = new Error("The function failed while its response was being streamed");
    if (this.#controller === undefined) this.#reject(reason);
    else this.#controller.error(reason);
  }

  onGone(listener: () => void): void {
    this.#gone = listener;
  }

  #leave(): void {
    if (this.#done) return;
    this.#done = true;
    const reason = new DOMException("The request was aborted", "AbortError");
    this.#reject(reason);
    this.#controller?.error(reason);
    this.#gone?.();
  }
}

function toHeaders(flat: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < flat.length; i += 2) headers.append(flat[i] ?? "", flat[i + 1] ?? "");
  return headers;
}

/** A Response takes bytes over a plain ArrayBuffer only, in its types; what we send never is shared memory. */
function asBody(body: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
  return typeof body === "string" ? body : (body as Uint8Array<ArrayBuffer>);
}
