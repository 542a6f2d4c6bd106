import type { Recording } from "../model/tape.ts";
import type { OpenSettings } from "../model/wire/index.ts";
import type { EnvironmentParts } from "./environment-parts.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import { messageOf } from "./failures.ts";
import type { EnvironmentOutbox, StartReport } from "./outbox.ts";
import { TapeRecorder } from "./tape-recorder.ts";

/** Wall time of one sample event, ms. A rehearsal that takes longer has shown what there is to compile. */
const rehearsalTimeoutMs = 5000;

/**
 * Runs a version's init once with everything written down, then its sample events without effect, and tells the
 * supervisor what was recorded. The environment is never used for anything else.
 *
 *     init ──► made ready to be frozen ──► brought back ──► one event after the other ──► told
 */
export class RecordingRun {
  readonly environment: ExecutionEnvironment;
  readonly #outbox: EnvironmentOutbox;
  readonly #tape = new TapeRecorder();
  readonly #events: { readonly context: string; readonly event: string }[];
  readonly #outcomes: string[] = [];
  #init: Recording["init"] | undefined;
  #warmUp: Recording["warmUp"] = [];
  #start: { durationMs: number; report: StartReport } | undefined;
  #clockMs = 0;
  #warmUpEndMs = 0;
  #notFreezable: string | undefined;
  #isTold = false;

  constructor(
    id: number,
    settings: OpenSettings,
    parts: Omit<EnvironmentParts, "outbox" | "onOpened" | "tape" | "snapshot">,
    outbox: EnvironmentOutbox,
  ) {
    this.#outbox = outbox;
    this.#events = [...(settings.record?.events ?? [])];
    this.environment = new ExecutionEnvironment(id, settings, {
      ...parts,
      tape: this.#tape,
      onOpened: () => setImmediate(() => this.#opened()),
      outbox: {
        operation: (call, name, args) => outbox.operation(call, name, args),
        // What a rehearsal says is nobody's log.
        log: (invocation, level, text) => {
          if (this.#init === undefined) outbox.log(invocation, level, text);
        },
        opened: (durationMs, report) => {
          if (this.#init !== undefined) return;
          this.#start = { durationMs, report };
          this.#init = this.#tape.take();
          this.#clockMs = this.#guestMs;
          this.#warmUpEndMs = this.#clockMs;
        },
        openFailed: (failure, detail) => {
          if (this.#init === undefined) outbox.openFailed(failure, detail);
          else this.#rehearsed("could not be brought back", false);
        },
        closed: () => this.#tell(),
        result: () => this.#rehearsed("answered"),
        failure: (_sequence, _measures, _failure, lives, detail) => {
          this.#rehearsed(`failed: ${messageOf(detail)}`, lives);
        },
        streamHead: () => {},
        streamChunk: (sequence, bytes) => {
          const { byteLength } = bytes;
          setImmediate(() => this.environment.credit(sequence, byteLength));
        },
        streamEnd: () => this.#rehearsed("streamed its answer"),
      },
    });
  }

  get #guestMs(): number {
    return performance.now() - this.environment.openedMs;
  }

  open(): void {
    this.environment.open();
  }

  #opened(): void {
    if (this.#isTold) return;
    if (!this.#tape.isRehearsing) {
      this.#notFreezable = this.#tape.isTooLong
        ? "init did so much that its record is too long to be replayed"
        : this.environment.freezeForRehearsal();
      this.#tape.take();
      this.#tape.isRehearsing = true;
      if (this.#notFreezable !== undefined || this.#events.length === 0) this.#tell();
      else if (!this.environment.restoreForRehearsal()) this.#rehearsed("could not be brought back", false);
      return;
    }
    this.#next();
  }

  #next(): void {
    const event = this.#events.shift();
    if (event === undefined) this.#tell();
    else this.environment.invoke(0, rehearsalTimeoutMs, event.context, event.event, () => {});
  }

  #rehearsed(outcome: string, isAlive = true): void {
    if (this.#isTold) return;
    this.#outcomes.push(outcome);
    const turns = this.#tape.take();
    if (!isAlive) {
      // Its turns would end the builder as well, which has no limit for each of them.
      this.#tell();
      return;
    }
    this.#warmUp = [...this.#warmUp, ...turns];
    this.#warmUpEndMs = this.#guestMs;
    setImmediate(() => this.#next());
  }

  #tell(): void {
    if (this.#isTold || this.#init === undefined || this.#start === undefined) return;
    this.#isTold = true;
    const recording: Recording = {
      init: this.#init,
      warmUp: this.#warmUp,
      modules: [...this.#tape.modules],
      files: [...this.#tape.files],
      clockMs: this.#clockMs,
      warmUpEndMs: this.#warmUpEndMs,
      outcomes: this.#outcomes,
      ...(this.#notFreezable === undefined ? {} : { notFreezable: this.#notFreezable }),
    };
    this.environment.close();
    this.#outbox.recording(JSON.stringify(recording));
    this.#outbox.opened(this.#start.durationMs, this.#start.report);
    this.#outbox.closed();
  }
}
