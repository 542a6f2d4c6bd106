import type { Clock } from "../model/clock.ts";
import type { Invocation } from "../model/invocation.ts";
import type { ResponseSink } from "./response-sink.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Lambda lets this much of a streamed response through before its bandwidth cap holds (spec: limits.md). */
const unthrottledBytes = 6 * 1024 * 1024;

export interface FlowOptions {
  readonly clock: Clock;
  /** 0: no cap. */
  readonly streamBytesPerSecond: number;
}

/**
 * Carries a function's chunks to a sink and opens the guest's window by what left: at once while the sink takes
 * more, on drain when it was full, later when the bandwidth cap says so. So at most one window of bytes waits
 * here, however slowly the client reads.
 */
export class ResponseFlow {
  readonly #sink: ResponseSink;
  readonly #clock: Clock;
  readonly #bucket: TokenBucket | undefined;
  #invocation: Invocation | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Written, while the sink was full. */
  #waitingBytes = 0;
  /** Left, but not to be reported yet: the cap, or an invocation that has not been handed to us yet. */
  #owedBytes = 0;
  #full = false;
  #closed = false;
  /** Bytes taken so far. */
  totalBytes = 0;

  constructor(sink: ResponseSink, options: FlowOptions) {
    this.#sink = sink;
    this.#clock = options.clock;
    if (options.streamBytesPerSecond > 0) {
      this.#bucket = new TokenBucket(
        unthrottledBytes,
        options.streamBytesPerSecond,
        options.clock.monotonicMs(),
      );
    }
    sink.onDrain(() => this.#drained());
  }

  /** An invoker may call its observer before it returns the invocation. */
  attach(invocation: Invocation): void {
    this.#invocation = invocation;
    if (this.#timer === undefined) this.#report();
  }

  /** @param bytes What the sink gets. @param weight What the guest's window is opened by, when that differs. */
  write(bytes: Uint8Array, weight: number = bytes.byteLength): void {
    this.totalBytes += weight;
    if (this.#sink.write(bytes) && !this.#full) {
      this.#left(weight);
    } else {
      this.#full = true;
      this.#waitingBytes += weight;
    }
  }

  /** Bytes that the client need not see (a prelude, the body of a HEAD response). */
  skip(weight: number): void {
    this.totalBytes += weight;
    this.#left(weight);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #drained(): void {
    this.#full = false;
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    if (bytes > 0) this.#left(bytes);
  }

  #left(bytes: number): void {
    if (this.#closed) return;
    this.#owedBytes += bytes;
    const waitMs = this.#bucket?.take(bytes, this.#clock.monotonicMs()) ?? 0;
    if (this.#timer !== undefined) return;
    if (waitMs === 0) {
      this.#report();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#report();
    }, waitMs);
  }

  #report(): void {
    if (this.#invocation === undefined || this.#owedBytes === 0 || this.#closed) return;
    const bytes = this.#owedBytes;
    this.#owedBytes = 0;
    this.#invocation.consumed(bytes);
  }
}
