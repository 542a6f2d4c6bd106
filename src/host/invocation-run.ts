import { OperationError } from "../model/values.ts";
import { Failure, streamWindowBytes } from "../model/wire/index.ts";
import type { EnvironmentOutbox, Measures } from "./outbox.ts";

export type RunOutbox = Pick<
  EnvironmentOutbox,
  "result" | "failure" | "streamHead" | "streamChunk" | "streamEnd"
>;

/**
 * One event in an environment, from its first turn to its one answer.
 *
 *     open ──► ending ──► settled        ending: it has answered, and its turn still runs
 */
export class InvocationRun {
  readonly sequence: number;
  /** Bytes that its client will still take. */
  credit = streamWindowBytes;
  isStreaming = false;
  isSettled = false;
  readonly #startMs = performance.now();
  readonly #outbox: RunOutbox;
  readonly #memoryBytes: () => number;
  readonly #onSettled: () => void;
  /** Says how it ended. Called when the turn is over: one that does not end well has not answered. */
  #ending: (() => void) | undefined;
  #longestTurnMs = 0;
  #turns = 0;

  constructor(sequence: number, outbox: RunOutbox, memoryBytes: () => number, onSettled: () => void) {
    this.sequence = sequence;
    this.#outbox = outbox;
    this.#memoryBytes = memoryBytes;
    this.#onSettled = onSettled;
  }

  /** Whether it may still answer. */
  get isOpen(): boolean {
    return !this.isSettled && this.#ending === undefined;
  }

  /** @param isDone The turn ended well: what was answered in it counts. */
  turnEnded(turnMs: number, isDone: boolean): void {
    this.#turns++;
    this.#longestTurnMs = Math.max(this.#longestTurnMs, turnMs);
    if (!isDone || this.#ending === undefined || this.isSettled) return;
    this.settle();
    this.#ending();
  }

  settle(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#onSettled();
  }

  result(json: string): void {
    this.#ending = () => this.#outbox.result(this.sequence, this.measures(), json);
  }

  failed(errorJson: string): void {
    this.#ending = () =>
      this.#outbox.failure(this.sequence, this.measures(), Failure.functionError, true, errorJson);
  }

  streamStarted(contentType: string): void {
    if (this.isStreaming) return;
    this.isStreaming = true;
    this.#outbox.streamHead(this.sequence, contentType);
  }

  /** @returns The bytes that may still be written before the guest has to wait. */
  streamWrite(chunk: string | Uint8Array): number {
    if (!this.isStreaming) return 0;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
    // The guest's stream waits when it should. One that does not is not ours, and would fill the pipe.
    if (this.credit < -streamWindowBytes - bytes.byteLength) {
      throw new OperationError(
        "ELIMIT",
        "Cannot write to the response: the client has not read what was written before",
      );
    }
    this.credit -= bytes.byteLength;
    if (bytes.byteLength > 0) this.#outbox.streamChunk(this.sequence, bytes);
    return this.credit;
  }

  streamEnded(): void {
    if (this.isStreaming) this.#ending = () => this.#outbox.streamEnd(this.sequence, this.measures());
  }

  measures(): Measures {
    return {
      durationMs: performance.now() - this.#startMs,
      longestTurnMs: this.#longestTurnMs,
      memoryBytes: this.#memoryBytes(),
      inFirstTurn: this.#turns === 1,
    };
  }
}
