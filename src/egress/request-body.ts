import { OperationError } from "../model/values.ts";

interface PendingWrite {
  readonly chunk: Uint8Array | undefined;
  accept(): void;
  refuse(error: OperationError): void;
}

/**
 * A request body that the guest writes chunk by chunk. A write is accepted when the connection asks for more,
 * and only one may wait, so that a fast guest and a slow peer hold one chunk here.
 */
export class RequestBody {
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Resolves the stream's pending pull(). */
  #pulled: (() => void) | undefined;
  #pending: PendingWrite | undefined;
  #over: OperationError | undefined;

  constructor() {
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          const { promise, resolve } = Promise.withResolvers<void>();
          this.#pulled = resolve;
          this.#advance();
          return promise;
        },
        cancel: () => this.#finish("the connection takes no more of the request body"),
      },
      { highWaterMark: 0 },
    );
  }

  /** Resolves when the connection took the chunk. @throws {OperationError} */
  write(chunk: Uint8Array): Promise<void> {
    return this.#enqueue(chunk);
  }

  /** The body is complete. @throws {OperationError} */
  end(): Promise<void> {
    return this.#enqueue(undefined);
  }

  /** The fetch is over: the stream ends in an error, and so does a waiting write. */
  fail(): void {
    if (this.#over !== undefined) return;
    this.#finish("the fetch is over");
    this.#controller?.error(this.#over);
  }

  #enqueue(chunk: Uint8Array | undefined): Promise<void> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    if (this.#pending !== undefined) {
      return Promise.reject(
        new OperationError("EINVAL", "Cannot write: the write before is not accepted yet"),
      );
    }
    return new Promise((accept, refuse) => {
      this.#pending = { chunk, accept, refuse };
      this.#advance();
    });
  }

  #advance(): void {
    const write = this.#pending;
    if (write === undefined) return;
    // The end needs no demand: a peer that has read a whole Content-Length asks for nothing more.
    if (write.chunk === undefined) {
      this.#finish("the request body has ended", false);
      this.#controller?.close();
    } else if (this.#pulled === undefined) {
      return;
    } else {
      // An empty chunk would satisfy no pull.
      if (write.chunk.byteLength > 0) this.#controller?.enqueue(write.chunk);
    }
    this.#pending = undefined;
    if (write.chunk === undefined || write.chunk.byteLength > 0) {
      this.#pulled?.();
      this.#pulled = undefined;
    }
    write.accept();
  }

  #finish(reason: string, refusePending = true): void {
    this.#over = new OperationError("ECONNRESET", `Cannot write: ${reason}`);
    if (!refusePending) return;
    this.#pending?.refuse(this.#over);
    this.#pending = undefined;
  }
}
