import type { Invocation, InvocationObserver, InvokeRequest } from "../model/invocation.ts";
import { streamWindowBytes } from "../model/wire/index.ts";
import type { Environment } from "./environment.ts";
import type { VersionPool } from "./version-pool.ts";

/** The log tail that an invocation may ask for, bytes (spec: invoke.md). */
const tailBytes = 4096;

/** Times that an invocation is given to a host before its caller is told that hosts keep failing. */
const maxAttempts = 3;

/** The client's window, and chunks that went over it: a host lets no guest start one when more than a window is owed. */
const maxUnreadBytes = streamWindowBytes + 24 * 1024 * 1024;

/**
 * One invocation as the fleet sees it.
 *
 *     waiting (for init) ──► sent ──► settled      moved to another host: back to waiting
 */
export class RunningInvocation implements Invocation {
  /** Rises with each dispatch, so that a host starts invocations in the order of their numbers. */
  sequence = 0;
  readonly request: InvokeRequest;
  readonly observer: InvocationObserver;
  /** Of its version, once it was placed. */
  pool: VersionPool | undefined;
  environment: Environment | undefined;
  isSettled = false;
  isStreaming = false;
  /** Its client went away: it is stopped once it streams. */
  isAborted = false;
  /** Whether the log has its START line. */
  isStartLogged = false;
  /** Monotonic ms after which its host is killed for it; infinite until its handler may run. */
  deadlineMs = Number.POSITIVE_INFINITY;
  sentMs = 0;
  /** Hosts that were lost, or did not answer, before it could start. */
  attempts = 0;
  /** Times that a host gave it back without having started it. */
  bounces = 0;
  /** Whether it is the first that its environment was sent. */
  isFirst = false;
  /** Duration of the init that it waited for. */
  initDurationMs: number | undefined;
  /** Duration of the restore that it waited for. */
  restoreDurationMs: number | undefined;
  #unreadBytes = 0;
  readonly #tail: string[] | undefined;
  #tailLength = 0;

  constructor(request: InvokeRequest, observer: InvocationObserver, logTail: boolean) {
    this.request = request;
    this.observer = observer;
    this.#tail = logTail ? [] : undefined;
  }

  get requestId(): string {
    return this.request.requestId;
  }

  get hasAttempts(): boolean {
    return this.attempts < maxAttempts;
  }

  /** If its host is lost, too, it ends: it starts in the way that needs the least. */
  get isLastAttempt(): boolean {
    return this.attempts === maxAttempts - 1;
  }

  get wantsTail(): boolean {
    return this.#tail !== undefined;
  }

  /** A host streamed `bytes`. False when that is more than an honest one sends ahead of the client. */
  received(bytes: number): boolean {
    this.#unreadBytes += bytes;
    return this.#unreadBytes <= maxUnreadBytes;
  }

  consumed(bytes: number): void {
    const { environment } = this;
    this.#unreadBytes -= bytes;
    if (!this.isSettled && environment !== undefined) environment.host.sendCredit(this.sequence, bytes);
  }

  abort(): void {
    this.isAborted = true;
    if (this.isSettled || !this.isStreaming) return;
    this.environment?.host.sendAbort(this.sequence);
  }

  addToTail(line: string): void {
    if (this.#tail === undefined) return;
    this.#tail.push(line);
    this.#tailLength += line.length;
    while (this.#tail.length > 1 && this.#tailLength - this.#tail[0]!.length > tailBytes) {
      this.#tailLength -= this.#tail.shift()!.length;
    }
  }

  tail(): Buffer | undefined {
    if (this.#tail === undefined) return undefined;
    const text = Buffer.from(this.#tail.map((line) => `${line}\n`).join(""));
    return text.subarray(Math.max(0, text.byteLength - tailBytes));
  }
}
