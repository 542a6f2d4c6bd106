import type { Value } from "../model/values.ts";
import { type Failure, type FrameWriter, FromHost, type Start } from "../model/wire/index.ts";
import type { IsolatePhases } from "./guest-isolate.ts";

/** Frames of a batch, at most: the supervisor works on the first while we run the next invocation. */
const framesAtOnce = 8;

const recordingPieceBytes = 1024 * 1024;
const inspectedPieceBytes = 4 * 1024 * 1024;

/** How an environment came to be ready. */
export interface StartReport {
  readonly strategy: (typeof Start)[keyof typeof Start];
  readonly phases: IsolatePhases;
  readonly memoryBytes: number;
  /** Why it was nothing better, as far as the host knows. */
  readonly reason: string;
}

export interface Measures {
  readonly durationMs: number;
  readonly longestTurnMs: number;
  readonly memoryBytes: number;
  readonly inFirstTurn: boolean;
}

/** The host's way to the supervisor: frames gather in a batch that leaves at the end of this tick. */
export class Outbox {
  readonly writer: FrameWriter;
  #isScheduled = false;
  #scheduled = 0;

  constructor(writer: FrameWriter) {
    this.writer = writer;
  }

  /** Leaves after what runs now: a batch holds the answers to all frames of one read. */
  schedule(): void {
    if (++this.#scheduled >= framesAtOnce) {
      this.writer.flush();
      this.#scheduled = 0;
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    this.#scheduled = 0;
    this.writer.flush();
  }
}

/** What one environment says. */
export class EnvironmentOutbox {
  readonly #outbox: Outbox;
  readonly #environment: number;
  readonly #onGone: () => void;

  constructor(outbox: Outbox, environment: number, onGone: () => void) {
    this.#outbox = outbox;
    this.#environment = environment;
    this.#onGone = onGone;
  }

  /** At once: the supervisor's watch counts the handler's time from here, and the handler may come next in this tick. */
  opened(durationMs: number, start: StartReport): void {
    const { strategy, phases, reason } = start;
    this.#outbox.writer
      .begin(FromHost.opened, this.#environment)
      .f64(durationMs)
      .u8(strategy)
      .f64(phases.isolateMs)
      .f64(phases.contextMs)
      .f64(phases.bindMs)
      .f64(start.memoryBytes)
      .string(reason)
      .end();
    this.#outbox.flush();
  }

  /** Init follows. */
  restoreFailed(reason: string): void {
    this.#outbox.writer.begin(FromHost.restoreFailed, this.#environment).string(reason).end();
    this.#outbox.flush();
  }

  /** In pieces, since a frame of a host's is bounded. */
  recording(json: string): void {
    const bytes = Buffer.from(json);
    for (let at = 0; at < bytes.byteLength; at += recordingPieceBytes) {
      const piece = bytes.subarray(at, at + recordingPieceBytes);
      this.#outbox.writer.begin(FromHost.recording, this.#environment).bytes(piece).end();
    }
    this.#outbox.flush();
  }

  /** The bytecode of its version's bundle; none when V8 refused what came. */
  codeCache(bytes: Uint8Array = new Uint8Array(0)): void {
    this.#outbox.writer.begin(FromHost.codeCache, this.#environment).bytes(bytes).end();
    this.#outbox.schedule();
  }

  /** What V8 says to a debugger, in pieces; nothing: it gets no session. */
  inspected(debuggerId: number, message: string): void {
    const bytes = Buffer.from(message);
    let at = 0;
    do {
      const piece = bytes.subarray(at, at + inspectedPieceBytes);
      at += inspectedPieceBytes;
      this.#outbox.writer
        .begin(FromHost.inspected, this.#environment)
        .u32(debuggerId)
        .u8(at >= bytes.byteLength ? 1 : 0)
        .bytes(piece)
        .end();
    } while (at < bytes.byteLength);
    this.#outbox.schedule();
  }

  openFailed(failure: (typeof Failure)[keyof typeof Failure], detail: string): void {
    this.#outbox.writer.begin(FromHost.openFailed, this.#environment).u8(failure).string(detail).end();
    this.#outbox.schedule();
    this.#onGone();
  }

  result(invocation: number, measures: Measures, json: string): void {
    this.#begin(FromHost.result, invocation, measures).string(json).end();
    this.#outbox.schedule();
  }

  failure(
    invocation: number,
    measures: Measures,
    failure: (typeof Failure)[keyof typeof Failure],
    environmentLives: boolean,
    detail: string,
  ): void {
    this.#begin(FromHost.failure, invocation, measures)
      .u8(failure)
      .u8(environmentLives ? 1 : 0)
      .string(detail)
      .end();
    this.#outbox.schedule();
    if (!environmentLives) this.#onGone();
  }

  streamHead(invocation: number, contentType: string): void {
    this.#outbox.writer.begin(FromHost.streamHead, invocation).string(contentType).end();
    this.#outbox.schedule();
  }

  /** At once: a guest that streams may go on computing in the same turn. */
  streamChunk(invocation: number, bytes: Uint8Array): void {
    this.#outbox.writer.begin(FromHost.streamChunk, invocation).bytes(bytes).end();
    this.#outbox.flush();
  }

  streamEnd(invocation: number, measures: Measures): void {
    this.#begin(FromHost.streamEnd, invocation, measures).end();
    this.#outbox.schedule();
  }

  log(invocation: number, level: string, text: string): void {
    this.#outbox.writer
      .begin(FromHost.log, this.#environment)
      .u32(invocation)
      .f64(Date.now())
      .string(level)
      .string(text)
      .end();
    this.#outbox.schedule();
  }

  closed(): void {
    this.#outbox.writer.begin(FromHost.closed, this.#environment).end();
    this.#outbox.schedule();
    this.#onGone();
  }

  operation(call: number, name: string, args: readonly Value[]): void {
    this.#outbox.writer
      .begin(FromHost.operation, this.#environment)
      .u32(Math.abs(call))
      .u8(call < 0 ? 1 : 0)
      .string(name)
      .values(args)
      .end();
    this.#outbox.schedule();
  }

  #begin(kind: number, invocation: number, measures: Measures): FrameWriter {
    return this.#outbox.writer
      .begin(kind, invocation)
      .f64(measures.durationMs)
      .f64(measures.longestTurnMs)
      .f64(measures.memoryBytes)
      .u8(measures.inFirstTurn ? 1 : 0);
  }
}
