import { type Dispatcher, fetch } from "undici";
import { OperationError } from "../model/values.ts";
import { toOperationError } from "./egress-failure.ts";
import type { FetchRequest } from "./fetch-request.ts";
import { isOwn, type OwnService } from "./own-service.ts";
import { RequestBody } from "./request-body.ts";

/** Bytes that one `fetch.read` answers at most. */
const chunkBytes = 64 * 1024;

/**
 * One fetch of a guest, from open to the end of its response. It pulls: a socket whose response nobody reads is
 * paused after a window of some 64 KiB, compressed or not. (A compressed byte may unfold to a thousand; as the
 * decoder is pulled too, only the guest that asks for them pays.)
 */
export class Exchange {
  readonly #abort = new AbortController();
  readonly #requestBody: RequestBody | undefined;
  readonly #request: FetchRequest;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** What is left of a chunk that was larger than one answer. */
  #rest: Uint8Array | undefined;
  #reading = false;

  constructor(request: FetchRequest) {
    this.#request = request;
    this.#requestBody = request.body === "stream" ? new RequestBody() : undefined;
  }

  /** Resolves with the response's head as JSON text when its headers are here. @throws {OperationError} */
  async open(dispatcher: Dispatcher, ownService?: OwnService): Promise<string> {
    try {
      const { method, url, headers, redirect, body } = this.#request;
      const init = {
        method,
        headers: withUserAgent(headers),
        redirect,
        signal: this.#abort.signal,
        ...(this.#requestBody !== undefined
          ? { body: this.#requestBody.stream, duplex: "half" as const }
          : { body: body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : null }),
      };
      const response =
        ownService !== undefined && isOwn(ownService, url)
          ? await ownService.fetch(new Request(url, init))
          : await fetch(url, { ...init, dispatcher });
      // Who sends it from this process does not look at the signal once it has begun.
      if (this.#abort.signal.aborted) await response.body?.cancel();
      this.#abort.signal.throwIfAborted();
      this.#reader = response.body?.getReader();
      return JSON.stringify({
        status: response.status,
        statusText: response.statusText,
        url: response.url,
        redirected: response.redirected,
        headers: [...response.headers],
      });
    } catch (error) {
      this.#requestBody?.fail();
      throw this.#failure(error);
    }
  }

  /** A read is running; the next one has to wait for it. */
  get reading(): boolean {
    return this.#reading;
  }

  /** The next bytes of the response, or null at its end. @throws {OperationError} The fetch has failed. */
  async read(): Promise<Uint8Array | null> {
    this.#reading = true;
    try {
      const chunk = this.#rest ?? (await this.#reader?.read())?.value;
      // Closed meanwhile, it has not come to its end.
      this.#abort.signal.throwIfAborted();
      if (chunk === undefined) return null;
      this.#rest = chunk.byteLength > chunkBytes ? chunk.subarray(chunkBytes) : undefined;
      return chunk.subarray(0, chunkBytes);
    } catch (error) {
      throw this.#failure(error);
    } finally {
      this.#reading = false;
    }
  }

  /** Resolves when the connection took the chunk. @throws {OperationError} */
  write(chunk: Uint8Array): Promise<void> {
    return this.#expectRequestBody().write(chunk);
  }

  /** The request body is complete. @throws {OperationError} */
  endBody(): Promise<void> {
    return this.#expectRequestBody().end();
  }

  /** Ends the connection unless the response has ended. What waits fails with ECONNRESET. */
  close(): void {
    this.#abort.abort();
    this.#requestBody?.fail();
    // Of a response from the network nothing is left to cancel.
    this.#reader?.cancel().catch(() => {});
    this.#rest = undefined;
  }

  #expectRequestBody(): RequestBody {
    if (this.#requestBody !== undefined) return this.#requestBody;
    throw new OperationError("EINVAL", "Cannot write: this fetch was opened without a streamed body");
  }

  #failure(error: unknown): OperationError {
    if (this.#abort.signal.aborted) return new OperationError("ECONNRESET", "fetch failed: closed");
    return toOperationError(error);
  }
}

/** Node's own fetch says `node`; a service that looks at it should see what it sees on Lambda. */
function withUserAgent(headers: FetchRequest["headers"]): [string, string][] {
  const copied = headers.map(([name, value]): [string, string] => [name, value]);
  if (!copied.some(([name]) => name.toLowerCase() === "user-agent")) copied.push(["user-agent", "node"]);
  return copied;
}
