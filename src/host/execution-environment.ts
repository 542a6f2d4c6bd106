import { OperationError, type Value } from "../model/values.ts";
import { Failure, type OpenSettings, streamWindowBytes } from "../model/wire/index.ts";
import { LoadedBundle } from "./bundle.ts";
import { Entry } from "./entry.ts";
import { type FailureCode, failureOf, loaderError } from "./failures.ts";
import { GuestCalls } from "./guest-calls.ts";
import { crossing, type GuestIsolate, type TurnEnd } from "./guest-isolate.ts";
import type { GuestHeap } from "./heap.ts";
import type { IsolateStock } from "./isolate-stock.ts";
import { TimeBudget } from "./limits.ts";
import type { InvocationEvents, OperationEnvironment } from "./operation.ts";
import type { EnvironmentOutbox, Measures } from "./outbox.ts";
import { WakeTimer } from "./wake-timer.ts";

/** How often the memory of a busy environment is looked at, ms: a look costs as much as a small invocation. */
const memoryLookMs = 100;

interface Run {
  readonly sequence: number;
  readonly startMs: number;
  settled: boolean;
  /** Says how the invocation ended. Called when the turn is over: one that does not end well has not answered. */
  ending: (() => void) | undefined;
  isStreaming: boolean;
  credit: number;
  longestTurnMs: number;
  turns: number;
  readonly onSettled: () => void;
}

/**
 * One isolate running one version, one event at a time.
 *
 *     init ──► idle ◄──► invoke        every phase ──► stopped
 *
 * While idle it is frozen: its timers wait, and completions of its calls are kept until the next invocation.
 */
export class ExecutionEnvironment implements OperationEnvironment, InvocationEvents {
  readonly id: number;
  openedMs = 0;
  readonly resources = new Map<string, { close?(): void }>();
  readonly #settings: OpenSettings;
  readonly #bundle: LoadedBundle;
  readonly #heap: GuestHeap;
  readonly #isolates: IsolateStock;
  readonly #outbox: EnvironmentOutbox;
  readonly #onOpened: () => void;
  #isolate!: GuestIsolate;
  #phase: "init" | "idle" | "invoke" | "stopped" = "init";
  #budget!: TimeBudget;
  #deadline: NodeJS.Timeout | undefined;
  #run: Run | undefined;
  readonly #wakeTimer = new WakeTimer(() => this.#laterTurn([Entry.timers]));
  readonly #calls: GuestCalls;
  #thawQueue: (() => void)[] = [];
  #inTurn = false;
  #isInitialized = false;
  #exitReason = "";
  #logBytes = 0;
  #memoryBytes = 0;
  #memoryReadMs = Number.NEGATIVE_INFINITY;

  constructor(
    id: number,
    settings: OpenSettings,
    bundle: LoadedBundle,
    heap: GuestHeap,
    isolates: IsolateStock,
    outbox: EnvironmentOutbox,
    onOpened: () => void,
  ) {
    this.#onOpened = onOpened;
    this.id = id;
    this.#settings = settings;
    this.#bundle = bundle;
    this.#heap = heap;
    this.#isolates = isolates;
    this.#outbox = outbox;
    this.#calls = new GuestCalls(this, {
      remote: (call, name, args) => outbox.operation(call, name, args),
      completed: (call, ok, value, message) => this.complete(call, ok, value, message),
      mayStart: () => this.#phase !== "idle" && this.#phase !== "stopped",
    });
  }

  get lifecycle(): InvocationEvents {
    return this;
  }

  /** Runs init. Its end is told to the outbox, now or in a later turn. */
  open(): void {
    this.openedMs = performance.now();
    this.#budget = new TimeBudget(
      this.openedMs,
      this.#settings.initTimeoutMs,
      Math.max(this.#settings.cpuTimeMs, this.#settings.initTimeoutMs),
    );
    this.#isolate = this.#isolates.take(this.#settings.memorySizeMb);
    this.#isolate.attach((name, args) => this.#calls.call(name, args));
    const { handler, runtime, variables } = this.#settings;
    const settings = JSON.stringify({ handler, runtime, variables });
    let factory: unknown;
    try {
      factory = this.#isolate.compile(this.#bundle.script, LoadedBundle.filename);
    } catch (error) {
      this.#stop(Failure.functionError, loaderError(error));
      return;
    }
    this.#turn([Entry.init, settings, factory]);
    this.#thaw();
    this.#afterTurn();
  }

  /** @param timeoutMs The function's Timeout, counted from now. */
  invoke(sequence: number, timeoutMs: number, context: string, event: string, onSettled: () => void): void {
    this.#phase = "invoke";
    const startMs = performance.now();
    this.#budget = new TimeBudget(startMs, timeoutMs, this.#settings.cpuTimeMs);
    this.#run = {
      sequence,
      startMs,
      settled: false,
      ending: undefined,
      isStreaming: false,
      credit: streamWindowBytes,
      longestTurnMs: 0,
      turns: 0,
      onSettled,
    };
    this.#logBytes = 0;
    this.#calls.startPooled();
    this.#turn([Entry.invoke, context, event]);
    this.#thaw();
    this.#afterTurn();
  }

  /** Whether an event is running: another one would have to wait for it. */
  get isBusy(): boolean {
    return this.#run !== undefined;
  }

  /** The client took `bytes` of the stream. */
  credit(sequence: number, bytes: number): void {
    if (this.#run?.sequence !== sequence) return;
    const wasFull = this.#run.credit <= 0;
    this.#run.credit += bytes;
    if (wasFull && this.#run.credit > 0) this.#laterTurn([Entry.drain]);
  }

  abort(sequence: number): void {
    if (this.#run?.sequence === sequence) this.#stop(Failure.aborted, "");
  }

  /** The answer to a call of the guest's. */
  complete(call: number, ok: boolean, value: Value, message: string): void {
    if (!this.#calls.end(call)) return;
    this.#laterTurn([Entry.complete, call, ok, crossing(value), message]);
  }

  close(): void {
    if (this.#phase === "stopped") return;
    this.#phase = "stopped";
    this.#disarm();
    if (this.#run !== undefined && !this.#run.settled) this.#settle(this.#run);
    this.#isolate.dispose();
    for (const resource of this.resources.values()) resource.close?.();
    this.resources.clear();
    this.#calls.clear();
    this.#thawQueue = [];
  }

  // ---- what the guest calls ----

  wake(delayMs: number, isAlive: boolean): void {
    this.#wakeTimer.set(delayMs, isAlive);
  }

  remainingMs(): number {
    return this.#budget.deadlineMs - performance.now();
  }

  exit(status: number): void {
    this.#exitReason = status === 0 ? "without providing a reason" : `with error: exit status ${status}`;
    this.#isolate.dispose();
  }

  log(level: string, text: string): void {
    const limit = this.#settings.logBytesPerInvocation;
    if (this.#logBytes > limit) return;
    this.#logBytes += text.length + 64;
    const kept =
      this.#logBytes > limit
        ? `The rest of this invocation's log is left out: it may have ${limit} bytes`
        : text;
    this.#outbox.log(this.#run?.sequence ?? 0, level, kept);
  }

  loadModule(specifier: string): void {
    const script = this.#heap.moduleScript(specifier);
    if (script === undefined) {
      throw new OperationError("MODULE_NOT_FOUND", `Cannot find module '${specifier}'`);
    }
    this.#isolate.reenter([Entry.defineModule, specifier, this.#isolate.compile(script, specifier)]);
  }

  sourcePosition(line: number, column: number): string | undefined {
    return this.#bundle.position(line, column);
  }

  takeError(): string {
    return this.#calls.takeError();
  }

  /** Counts when the turn is over: one that does not end well has not initialized anything. */
  initialized(): void {
    if (this.#phase === "init") this.#isInitialized = true;
  }

  initFailed(errorJson: string): void {
    if (this.#phase === "init") this.#stop(Failure.functionError, errorJson);
  }

  result(json: string): void {
    const run = this.#openRun();
    if (run !== undefined) run.ending = () => this.#outbox.result(run.sequence, this.#measures(run), json);
  }

  failed(errorJson: string, isFatal: boolean): void {
    const run = this.#openRun();
    if (run === undefined) return;
    if (isFatal) {
      this.#stop(Failure.functionError, errorJson);
      return;
    }
    run.ending = () =>
      this.#outbox.failure(run.sequence, this.#measures(run), Failure.functionError, true, errorJson);
  }

  streamStarted(contentType: string): void {
    const run = this.#openRun();
    if (run === undefined || run.isStreaming) return;
    run.isStreaming = true;
    this.#outbox.streamHead(run.sequence, contentType);
  }

  streamWrite(chunk: string | Uint8Array): number {
    const run = this.#openRun();
    if (run === undefined || !run.isStreaming) return 0;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
    // The guest's stream waits when it should. One that does not is not ours, and would fill the pipe.
    if (run.credit < -streamWindowBytes - bytes.byteLength) {
      throw new OperationError(
        "ELIMIT",
        "Cannot write to the response: the client has not read what was written before",
      );
    }
    run.credit -= bytes.byteLength;
    if (bytes.byteLength > 0) this.#outbox.streamChunk(run.sequence, bytes);
    return run.credit;
  }

  streamEnded(): void {
    const run = this.#openRun();
    if (run === undefined || !run.isStreaming) return;
    run.ending = () => this.#outbox.streamEnd(run.sequence, this.#measures(run));
  }

  // ---- turns ----

  #settle(run: Run): void {
    run.settled = true;
    run.onSettled();
  }

  #openRun(): Run | undefined {
    return this.#run !== undefined && !this.#run.settled && this.#run.ending === undefined
      ? this.#run
      : undefined;
  }

  /** A turn that something outside asks for: at once while an event or init runs, otherwise after the next thaw. */
  #laterTurn(args: readonly unknown[]): void {
    if (this.#phase === "stopped") return;
    if (this.#phase === "idle" || this.#inTurn) {
      this.#thawQueue.push(() => this.#turn(args));
      return;
    }
    this.#turn(args);
    this.#thaw();
    this.#afterTurn();
  }

  #thaw(): void {
    while (this.#thawQueue.length > 0 && this.#phase !== "stopped" && this.#phase !== "idle") {
      if (this.#run?.settled) return;
      this.#thawQueue.shift()!();
    }
  }

  #turn(args: readonly unknown[]): void {
    if (this.#phase === "stopped") return;
    this.#inTurn = true;
    let end: TurnEnd;
    try {
      end = this.#isolate.run(this.#run?.sequence ?? 0, this.#budget, args);
    } finally {
      this.#inTurn = false;
    }
    const run = this.#run;
    if (run !== undefined) {
      run.turns++;
      run.longestTurnMs = Math.max(run.longestTurnMs, this.#isolate.lastTurnMs);
      if (end.kind === "done" && run.ending !== undefined && !run.settled) {
        this.#settle(run);
        run.ending();
      }
    }
    if (end.kind === "done" && this.#phase === "init" && this.#isInitialized) {
      this.#phase = "idle";
      this.#outbox.opened(performance.now() - this.openedMs);
      this.#onOpened();
    }
    // A limit may have stopped us from within an operation.
    if ((this.#phase as string) === "stopped" || end.kind === "done") return;
    const [failure, detail] = failureOf(end, this.#exitReason);
    this.#stop(failure, detail);
  }

  /** Decides what comes next: freeze, wait for a timer or a completion, or end what can't go on. */
  #afterTurn(): void {
    for (;;) {
      if (this.#phase === "stopped") return;
      const run = this.#run;
      if (run?.settled || this.#phase === "idle") {
        this.#freeze();
        return;
      }
      if (this.#isAlive() || this.#thawQueue.length > 0) break;
      if (run?.isStreaming && run.credit <= 0) break;
      // The event loop is empty and nothing can settle any more.
      this.#turn([Entry.loopEmpty]);
      if (this.#isEnded() || this.#isAlive()) continue;
      this.#stop(Failure.exited, "with error: exit status 13");
      return;
    }
    this.#wakeTimer.arm();
    this.#deadline ??= setTimeout(() => {
      this.#deadline = undefined;
      this.#stop(Failure[this.#budget.exceeded(performance.now()) ?? "timedOut"], "");
    }, this.#budget.deadlineMs - performance.now());
  }

  /** Whether something may still happen in the guest's event loop. */
  #isAlive(): boolean {
    return this.#calls.isAlive || this.#wakeTimer.isAlive;
  }

  #isEnded(): boolean {
    return this.#phase === "stopped" || this.#phase === "idle" || this.#run?.settled === true;
  }

  #freeze(): void {
    this.#run = undefined;
    this.#phase = "idle";
    this.#disarm();
  }

  #disarm(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#wakeTimer.disarm();
  }

  #measures(run: Run): Measures {
    const nowMs = performance.now();
    return {
      durationMs: nowMs - run.startMs,
      longestTurnMs: run.longestTurnMs,
      memoryBytes: this.#memory(nowMs),
      inFirstTurn: run.turns === 1,
    };
  }

  #memory(nowMs: number): number {
    // Asking for statistics from within a turn is allowed: the isolate is ours on this thread.
    if (nowMs - this.#memoryReadMs >= memoryLookMs && !this.#isolate.isDisposed) {
      this.#memoryReadMs = nowMs;
      this.#memoryBytes = this.#isolate.memoryBytes();
    }
    return this.#memoryBytes;
  }

  #stop(code: FailureCode, detail: string): void {
    if (this.#phase === "stopped") return;
    const phase = this.#phase;
    const run = this.#run?.settled ? undefined : this.#run;
    const measures = run === undefined ? undefined : this.#measures(run);
    this.close();
    if (run !== undefined && measures !== undefined) {
      this.#outbox.failure(run.sequence, measures, code, false, detail);
    } else if (phase === "init") this.#outbox.openFailed(code, detail);
    else this.#outbox.closed();
  }
}
