import type { IncomingMessage } from "node:http";
import type { BytesInFlight } from "./bytes-in-flight.ts";
import { addressBlock } from "./connection-gate.ts";
import { discardBytes } from "./unread-rest.ts";

/** A request's body, or why there is none. The bytes of a `whole` one stay reserved until `release`. */
export type RequestBody =
  | { kind: "whole"; bytes: Buffer; release(): void }
  | { kind: "tooLarge"; receivedBytes: number }
  /** Too many bytes are in flight already. */
  | { kind: "noRoom" }
  /** The client went away. */
  | { kind: "gone" };

const emptyBody: RequestBody = { kind: "whole", bytes: Buffer.alloc(0), release: () => {} };

/** Reads a body from node:http. `done` is called once. */
export function collectBody(
  incoming: IncomingMessage,
  limitBytes: number,
  inFlight: BytesInFlight,
  done: (body: RequestBody) => void,
): void {
  const collector = new BodyCollector(
    limitBytes,
    inFlight,
    addressBlock(incoming.socket.remoteAddress ?? ""),
  );
  const finish = (body: RequestBody): void => {
    incoming.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
    done(body);
  };
  const onData = (chunk: Buffer): void => {
    if (!collector.push(chunk)) finish(collector.end());
  };
  const onEnd = (): void => finish(collector.end());
  const onClose = (): void => {
    collector.cancel();
    finish({ kind: "gone" });
  };
  if (incoming.destroyed && !incoming.readableEnded) {
    queueMicrotask(() => done({ kind: "gone" }));
    return;
  }
  incoming.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
}

/** Reads a body from a web-standard request. */
export async function collectWebBody(
  stream: ReadableStream<Uint8Array> | null,
  limitBytes: number,
  inFlight: BytesInFlight,
): Promise<RequestBody> {
  if (stream === null) return emptyBody;
  const collector = new BodyCollector(limitBytes, inFlight);
  try {
    for await (const chunk of stream) {
      // Leaving the loop cancels the stream.
      if (!collector.push(chunk)) break;
    }
    return collector.end();
  } catch {
    collector.cancel();
    return { kind: "gone" };
  }
}

class BodyCollector {
  readonly #limitBytes: number;
  readonly #inFlight: BytesInFlight;
  readonly #sender: string | undefined;
  #chunks: Uint8Array[] = [];
  #reservedBytes = 0;
  #receivedBytes = 0;
  #refusal: "tooLarge" | "noRoom" | undefined;

  /** @param sender The address that counts; absent when it comes from this process. */
  constructor(limitBytes: number, inFlight: BytesInFlight, sender?: string) {
    this.#limitBytes = limitBytes;
    this.#inFlight = inFlight;
    this.#sender = sender;
  }

  /** @returns false when nothing further is worth reading. */
  push(chunk: Uint8Array): boolean {
    this.#receivedBytes += chunk.byteLength;
    if (this.#refusal !== undefined) return this.#receivedBytes <= discardBytes;
    if (this.#receivedBytes > this.#limitBytes) {
      this.#refusal = "tooLarge";
      this.cancel();
    } else if (this.#inFlight.reserve(chunk.byteLength, this.#sender)) {
      this.#reservedBytes += chunk.byteLength;
      this.#chunks.push(chunk);
    } else {
      this.#refusal = "noRoom";
      this.cancel();
    }
    return true;
  }

  end(): RequestBody {
    if (this.#refusal === "tooLarge") return { kind: "tooLarge", receivedBytes: this.#receivedBytes };
    if (this.#refusal === "noRoom") return { kind: "noRoom" };
    const bytes = this.#reservedBytes;
    const [first] = this.#chunks;
    const whole =
      this.#chunks.length === 1 && Buffer.isBuffer(first) ? first : Buffer.concat(this.#chunks, bytes);
    this.#chunks = [];
    return { kind: "whole", bytes: whole, release: () => this.cancel() };
  }

  /** Idempotent: gives back what is reserved. */
  cancel(): void {
    this.#inFlight.release(this.#reservedBytes, this.#sender);
    this.#reservedBytes = 0;
    this.#chunks = [];
  }
}
