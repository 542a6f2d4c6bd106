import { StreamHandle } from "../sockets/stream-handle.ts";
import { ShutdownWrap, WriteWrap } from "../sockets/stream-state.ts";
import type { Transport } from "../sockets/transport.ts";

interface Settle {
  resolve(): void;
  reject(error: Error): void;
}

/** A stream of the function's own as a handle: the library feeds it, and carries away what is written. */
export class JSStream extends StreamHandle {
  onreadstart!: () => number;
  onreadstop!: () => number;
  onwrite!: (request: WriteWrap, chunks: Uint8Array[]) => number;
  onshutdown!: (request: ShutdownWrap) => number;
  readonly #waiting = new Map<object, Settle>();
  #chunks: (Uint8Array | null)[] = [];
  #onChunk: (() => void) | undefined;

  constructor() {
    super();
    const carrier: Transport = {
      read: async () => {
        if (this.#chunks.length === 0) {
          this.onreadstart();
          await new Promise<void>((resolve) => {
            this.#onChunk = resolve;
          });
        }
        return this.#chunks.shift() ?? null;
      },
      write: (bytes) => this.#request(new WriteWrap(), (request) => this.onwrite(request, [bytes])),
      end: () => this.#request(new ShutdownWrap(), (request) => this.onshutdown(request)),
      close: async () => {},
    };
    this.transport = carrier;
  }

  #request<T extends object>(request: T, start: (request: T) => number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve, reject });
      start(request);
    });
  }

  readBuffer(chunk: Uint8Array): void {
    this.#arrived(chunk);
  }

  emitEOF(): void {
    this.#arrived(null);
  }

  #arrived(chunk: Uint8Array | null): void {
    this.#chunks.push(chunk);
    // Asked for again when it is wanted.
    if (this.#chunks.length > 1) this.onreadstop();
    const onChunk = this.#onChunk;
    this.#onChunk = undefined;
    onChunk?.();
  }

  finishWrite(request: object, status: number): void {
    this.#finish(request, status);
  }

  finishShutdown(request: object, status: number): void {
    this.#finish(request, status);
  }

  #finish(request: object, status: number): void {
    const settle = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (status === 0) settle?.resolve();
    else settle?.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}
