import { ServerResponse } from "node:http";
import { freeBytes } from "../model/free-bytes.ts";
import { stalledClientMs } from "../model/payload-limits.ts";
import type { ResponseSink } from "./response-sink.ts";

/** A response through node:http. One flat header array and one call: no setHeader, no web Response. */
export class NodeResponseSink implements ResponseSink {
  readonly #outgoing: ServerResponse;
  /** A gateway's middleware that put a write of its own in place may keep what it saw. */
  readonly #mayFree: boolean;
  #ended = false;

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing;
    this.#mayFree = outgoing.write === ServerResponse.prototype.write;
  }

  send(status: number, headers: string[], body: string | Uint8Array | undefined): void {
    this.#ended = true;
    this.#outgoing.writeHead(status, headers);
    this.#outgoing.end(body);
    this.#limitStall();
  }

  head(status: number, headers: string[]): void {
    this.#outgoing.writeHead(status, headers);
    this.#outgoing.flushHeaders();
  }

  write(bytes: Uint8Array): boolean {
    // After the client left, node refuses each write; reporting "full" stops the sender until it is aborted.
    return this.#outgoing.write(bytes, this.#mayFree ? () => freeBytes(bytes) : undefined);
  }

  onDrain(listener: () => void): void {
    this.#outgoing.on("drain", listener);
  }

  end(): void {
    this.#ended = true;
    this.#outgoing.end();
    this.#limitStall();
  }

  abort(): void {
    this.#ended = true;
    this.#outgoing.destroy();
  }

  onGone(listener: () => void): void {
    if (this.#outgoing.destroyed) {
      queueMicrotask(listener);
      return;
    }
    this.#outgoing.once("close", () => {
      // "close" also follows an ordinary end, and a socket lost after `end` cost the function nothing.
      if (!this.#ended) listener();
    });
  }

  /** While a stream runs, the function's own timeout bounds it; nothing else would after its end. */
  #limitStall(): void {
    // Mostly the kernel has taken all by now. The server resets the socket's timeout when the response has left.
    if (this.#outgoing.writableLength > 0) this.#outgoing.setTimeout(stalledClientMs);
  }
}
