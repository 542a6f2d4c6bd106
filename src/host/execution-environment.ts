import type { Value } from "../model/values.ts";
import { Failure, type OpenSettings, Start } from "../model/wire/index.ts";
import { LoadedBundle } from "./bundle.ts";
import type { BundleCode } from "./bundle-code.ts";
import { CallNumbers } from "./call-numbers.ts";
import { Entry } from "./entry.ts";
import type { EnvironmentParts } from "./environment-parts.ts";
import {
  type FailureCode,
  failureOf,
  loaderError,
  messageOf,
  rejectionArguments,
  restoreFailureOf,
} from "./failures.ts";
import { type EnvironmentFiles, HostFiles } from "./files/index.ts";
import { GuestCalls } from "./guest-calls.ts";
import { GuestCode } from "./guest-code.ts";
import {
  crossing,
  type FrozenHeap,
  GuestIsolate,
  type IsolatePhases,
  type TurnEnd,
} from "./guest-isolate.ts";
import type { InspectedIsolate } from "./inspected-isolate.ts";
import type { Inspection } from "./inspection.ts";
import { InvocationRun } from "./invocation-run.ts";
import { TimeBudget } from "./limits.ts";
import type { LoadedSnapshot } from "./loaded-snapshot.ts";
import { LogAllowance } from "./log-allowance.ts";
import { makeCode } from "./make-code.ts";
import { MemoryGauge } from "./memory-gauge.ts";
import type { InvocationEvents, OperationEnvironment, Resource } from "./operation.ts";
import type { TapeRecorder } from "./tape-recorder.ts";
import { WakeTimer } from "./wake-timer.ts";

/** Wall time that a restore and its hooks may take (spec: limits.md). */
const restoreTimeoutMs = 10_000;

/** One after the other, at the end of one turn: a listener may reject anew each time, and the host has others to serve. */
const maxRejectionsTold = 16;

/**
 * One isolate running one version, one event at a time.
 *
 *     init ──► idle ◄──► invoke        every phase ──► stopped
 *
 * While idle it is frozen: its timers wait, and completions of its calls are kept until the next invocation.
 */
export class ExecutionEnvironment implements OperationEnvironment, InvocationEvents {
  readonly id: number;
  /** When its guest's clock showed 0, by `performance.now`. */
  openedMs = 0;
  #openingMs = 0;
  readonly resources = new Map<string, Resource>();
  readonly #settings: OpenSettings;
  readonly #bundle: LoadedBundle;
  readonly #parts: EnvironmentParts;
  readonly #outbox: EnvironmentParts["outbox"];
  readonly #tape: TapeRecorder | undefined;
  #isolate!: GuestIsolate;
  /** The same isolate, where debuggers may stop it: its turns end later. */
  #inspected: InspectedIsolate | undefined;
  #code!: GuestCode;
  #files: EnvironmentFiles | undefined;
  #phases!: IsolatePhases;
  #strategy: (typeof Start)[keyof typeof Start] = Start.init;
  #startReason: string;
  #isRestoring = false;
  /** Why the heap that was restored can't be used. */
  #restoreFailure: string | undefined;
  #frozenReason: string | undefined;
  #phase: "init" | "idle" | "invoke" | "stopped" = "init";
  #budget!: TimeBudget;
  #deadline: NodeJS.Timeout | undefined;
  #run: InvocationRun | undefined;
  readonly #wakeTimer = new WakeTimer(() => this.#laterTurn([Entry.timers]));
  readonly #calls: GuestCalls;
  /** Turns that wait until one may be taken. */
  #thawQueue: (readonly unknown[])[] = [];
  #inTurn = false;
  #isInitialized = false;
  #isRejectionHeard = false;
  #exitReason = "";
  readonly #logAllowance: LogAllowance;
  readonly #memory = new MemoryGauge();
  readonly #numbers: CallNumbers;

  constructor(id: number, settings: OpenSettings, parts: EnvironmentParts) {
    this.id = id;
    this.#settings = settings;
    this.#bundle = parts.bundle;
    this.#parts = parts;
    this.#outbox = parts.outbox;
    this.#tape = parts.tape;
    this.#startReason = parts.startReason ?? "";
    this.#logAllowance = new LogAllowance(settings.logBytesPerInvocation);
    this.#numbers = new CallNumbers(parts.callsBefore ?? 0);
    this.#calls = new GuestCalls(
      this,
      {
        remote: (call, name, args) => this.#outbox.operation(this.#numbers.toOthers(call), name, args),
        completed: (call, ok, value, message) =>
          this.complete(this.#numbers.toOthers(call), ok, value, message),
        mayStart: () => this.#phase !== "idle" && this.#phase !== "stopped",
      },
      parts.tape,
    );
  }

  /** Its side of its debuggers, if it may have any. */
  get inspection(): Inspection | undefined {
    return this.#inspected?.inspection;
  }

  get lifecycle(): InvocationEvents {
    return this;
  }

  get files(): EnvironmentFiles {
    if (this.#files === undefined) {
      const { files, scratchBytes = 0 } = this.#settings;
      this.#files = (this.#parts.files ?? new HostFiles({})).environment(files, scratchBytes);
      this.resources.set("files", this.#files);
    }
    return this.#files;
  }

  /** Restores the version's heap, or runs init. Its end is told to the outbox, now or in a later turn. */
  open(): void {
    this.#openingMs = performance.now();
    const { snapshot } = this.#parts;
    if (snapshot === undefined) this.#init();
    else this.#restore(snapshot);
  }

  #restore(snapshot: LoadedSnapshot): void {
    const { memorySizeMb, variables } = this.#settings;
    this.#isRestoring = true;
    this.#strategy = Start.snapshot;
    this.#budget = new TimeBudget(this.#openingMs, restoreTimeoutMs, restoreTimeoutMs);
    const { watch } = this.#parts;
    // A large heap takes V8 as long as a long turn: who waits for this host is to know.
    watch.turnStarts(0);
    try {
      this.#isolate = this.#inspect(snapshot) ?? new GuestIsolate(snapshot, memorySizeMb, watch);
    } catch (error) {
      this.#giveUpRestore(error instanceof Error ? error.message : String(error));
      return;
    } finally {
      watch.turnEnds();
    }
    this.#phases = this.#isolate.phases;
    // The guest's clock goes on where it stood when the heap was frozen.
    this.openedMs = performance.now() - (this.#settings.snapshot?.clockMs ?? 0);
    this.#attach();
    this.#takeTurns([Entry.restore, JSON.stringify({ variables, ...this.#isInspected })]);
  }

  /** Whoever opened this one opens another, which runs init: whatever is wrong with the heap, that does not need it. */
  #giveUpRestore(reason: string): void {
    this.close();
    this.#parts.onRestoreFailed?.(reason);
  }

  #init(): void {
    this.openedMs = performance.now();
    this.#strategy = Start.init;
    this.#budget = new TimeBudget(
      this.openedMs,
      this.#settings.initTimeoutMs,
      Math.max(this.#settings.cpuTimeMs, this.#settings.initTimeoutMs),
    );
    const inspected = this.#inspect(this.#parts.heap);
    const taken =
      inspected === undefined
        ? this.#parts.isolates.take(this.#settings.memorySizeMb)
        : { isolate: inspected, phases: inspected.phases };
    this.#isolate = taken.isolate;
    this.#phases = taken.phases;
    this.#attach();
    const { handler, runtime, variables } = this.#settings;
    const isFrozen = this.#tape === undefined ? {} : { isFrozen: true };
    const settings = JSON.stringify({ handler, runtime, variables, ...isFrozen, ...this.#isInspected });
    const code = this.#bundleCode;
    let factory: unknown;
    try {
      factory = this.#isolate.compile(this.#bundle.script, LoadedBundle.filename, code?.cache);
      if (code?.noticeRejection()) this.#parts.onCode?.(undefined);
      if (code?.cache !== undefined) this.#strategy = Start.codeCache;
      else this.#startReason ||= code?.reason ?? "";
    } catch (error) {
      this.#stop(Failure.functionError, loaderError(error));
      return;
    }
    this.#takeTurns([Entry.init, settings, factory]);
  }

  get #isInspected(): { readonly isInspected?: true } {
    return this.#inspected === undefined ? {} : { isInspected: true };
  }

  #inspect(heap: FrozenHeap): InspectedIsolate | undefined {
    this.#inspected = this.#parts.inspect?.(heap);
    return this.#inspected;
  }

  #attach(): void {
    this.#isolate.attach((name, args) => this.#calls.call(name, args));
    this.#code = new GuestCode(this.#isolate, this.#parts.heap, this.#tape);
  }

  /** @param timeoutMs The function's Timeout, counted from now. */
  invoke(sequence: number, timeoutMs: number, context: string, event: string, onSettled: () => void): void {
    this.#phase = "invoke";
    this.#budget = new TimeBudget(performance.now(), timeoutMs, this.#settings.cpuTimeMs);
    this.#run = new InvocationRun(
      sequence,
      this.#outbox,
      () => this.#memory.read(this.#isolate, performance.now()),
      onSettled,
    );
    this.#logAllowance.renew();
    this.#calls.startPooled();
    this.#takeTurns([Entry.invoke, context, event]);
  }

  /** The bytecode of a script that was compiled in it, with that of every function that ran. */
  codeOf(script: string, filename: string): Uint8Array {
    return this.#isolate.codeOf(script, filename);
  }

  /** Whether its version has no bytecode yet, and this is one that could make it. */
  get wantsCode(): boolean {
    return this.#strategy !== Start.snapshot && this.#bundleCode?.isWanted === true;
  }

  /** Makes its version's bytecode, if it is idle and that is still wanted. @returns Whether it tried. */
  makeCode(): boolean {
    const code = this.#bundleCode;
    if (code === undefined || !this.wantsCode || this.#phase !== "idle") return false;
    const bytes = makeCode(this.#isolate, this.#bundle.script, this.#settings.memorySizeMb);
    if (bytes === undefined) code.giveUp();
    else {
      code.take(this.#parts.heap, bytes);
      this.#parts.onCode?.(bytes);
    }
    if (this.#isolate.isDisposed) this.#stop(Failure.outOfMemory, "");
    return true;
  }

  /** What its version's environments in this host share, unless it starts without. */
  get #bundleCode(): BundleCode | undefined {
    const { codeCache } = this.#settings;
    return codeCache === undefined || this.#inspected !== undefined
      ? undefined
      : this.#bundle.code(codeCache);
  }

  /** Whether an event is running: another one would have to wait for it. */
  get isBusy(): boolean {
    return this.#run !== undefined;
  }

  /** What is in use and can't be frozen with the heap, or nothing. Ends the environment's init for a rehearsal. */
  freezeForRehearsal(): string | undefined {
    for (const resource of this.resources.values()) {
      const use = resource.inUse?.();
      if (use !== undefined) return use;
    }
    if (this.#calls.pending > 0)
      return `${this.#calls.pending} asynchronous operations of init have not ended`;
    this.#openAgain();
    this.#turn([Entry.freeze, true]);
    if (this.#isEnded()) return "its environment ended when the heap was made ready to be frozen";
    return this.#frozenReason === "" ? undefined : (this.#frozenReason ?? "the heap did not answer");
  }

  /** As after a restore, but for the function's own hooks: one turn. @returns Whether it may be given an event. */
  restoreForRehearsal(): boolean {
    this.#openAgain();
    const { variables } = this.#settings;
    this.#turn([Entry.restore, JSON.stringify({ variables, skipsHooks: true })]);
    return this.#phase === "idle";
  }

  #openAgain(): void {
    this.#phase = "init";
    this.#isInitialized = false;
    this.#budget = new TimeBudget(performance.now(), restoreTimeoutMs, restoreTimeoutMs);
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
    const own = this.#numbers.toOwn(call);
    if (own === undefined) return;
    if (!this.#calls.end(own)) return;
    this.#laterTurn([Entry.complete, own, ok, value, message]);
  }

  /** The number of its last call, as others know it. */
  get lastCall(): number {
    return this.#numbers.toOthers(this.#calls.last);
  }

  close(): void {
    if (this.#phase === "stopped") return;
    this.#phase = "stopped";
    this.#disarm();
    this.#run?.settle();
    this.#isolate?.dispose();
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
    return this.#inspected === undefined
      ? this.#budget.deadlineMs - performance.now()
      : this.#budget.timeoutMs;
  }

  exit(status: number): void {
    this.#exitReason = status === 0 ? "without providing a reason" : `with error: exit status ${status}`;
    this.#isolate.dispose();
  }

  log(level: string, text: string): void {
    const kept = this.#logAllowance.admit(text);
    if (kept === undefined) return;
    this.#outbox.log(this.#run?.sequence ?? 0, level, kept);
  }

  heapStatistics(): string {
    return JSON.stringify(this.#isolate.heapStatistics());
  }

  loadModule(specifier: string): void {
    this.#code.loadModule(specifier);
  }

  makeContext(id: number): void {
    this.#code.makeContext(id);
  }

  enterContext(id: number): boolean {
    return this.#isolate.enterApart(id);
  }

  compileModule(path: string, code: string): string | undefined {
    return this.#code.compileModule(path, code);
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
    if (this.#phase !== "init") return;
    if (this.#isRestoring) this.#restoreFailure = messageOf(errorJson);
    else this.#stop(Failure.functionError, errorJson);
  }

  frozen(reason: string): void {
    this.#frozenReason = reason;
  }

  rejectionHeard(): void {
    this.#isRejectionHeard = true;
  }

  result(json: string): void {
    this.#openRun()?.result(json);
  }

  failed(errorJson: string, isFatal: boolean): void {
    const run = this.#openRun();
    if (run !== undefined && isFatal) this.#stop(Failure.functionError, errorJson);
    else run?.failed(errorJson);
  }

  streamStarted(contentType: string): void {
    this.#openRun()?.streamStarted(contentType);
  }

  streamWrite(chunk: string | Uint8Array): number {
    return this.#openRun()?.streamWrite(chunk) ?? 0;
  }

  streamEnded(): void {
    this.#openRun()?.streamEnded();
  }

  // ---- turns ----

  #openRun(): InvocationRun | undefined {
    return this.#run?.isOpen === true ? this.#run : undefined;
  }

  /** A turn that something outside asks for: at once while an event or init runs, otherwise after the next thaw. */
  #laterTurn(args: readonly unknown[]): void {
    if (this.#phase === "stopped") return;
    if (this.#phase === "idle" || this.#inTurn) this.#thawQueue.push(args);
    else this.#takeTurns(args);
  }

  /** One turn after the other, until none is to be taken now. */
  #takeTurns(first: readonly unknown[]): void {
    if (this.#inspected !== undefined) {
      void this.#takeInspectedTurns(this.#inspected, first);
      return;
    }
    for (let args: readonly unknown[] | undefined = first; args !== undefined; args = this.#next(args))
      this.#turn(args);
  }

  async #takeInspectedTurns(isolate: InspectedIsolate, first: readonly unknown[]): Promise<void> {
    for (let args: readonly unknown[] | undefined = first; args !== undefined; args = this.#next(args)) {
      this.#inTurn = true;
      let end = await isolate.runLater(crossed(args));
      for (let count = 0; end.kind === "unhandledRejection" && count < maxRejectionsTold; count++) {
        const told = await isolate.runLater(this.#telling(end.reason));
        if (this.#isUnheard(told)) break;
        end = told;
      }
      this.#inTurn = false;
      this.#turnEnded(end);
    }
  }

  #turn(args: readonly unknown[]): void {
    if (this.#phase === "stopped") return;
    this.#inTurn = true;
    let end: TurnEnd;
    try {
      end = this.#enter(args);
      for (let count = 0; end.kind === "unhandledRejection" && count < maxRejectionsTold; count++) {
        const told = this.#enter(this.#telling(end.reason));
        if (this.#isUnheard(told)) break;
        end = told;
      }
    } finally {
      this.#inTurn = false;
    }
    this.#turnEnded(end);
  }

  #enter(args: readonly unknown[]): TurnEnd {
    this.#tape?.turn(args);
    return this.#isolate.run(this.#run?.sequence ?? 0, this.#budget, crossed(args));
  }

  /** The turn in which the guest is told of a rejection that nobody handled. */
  #telling(reason: unknown): readonly unknown[] {
    this.#isRejectionHeard = false;
    return [Entry.rejection, ...rejectionArguments(reason)];
  }

  #isUnheard(told: TurnEnd): boolean {
    return told.kind === "done" && !this.#isRejectionHeard;
  }

  #turnEnded(end: TurnEnd): void {
    this.#run?.turnEnded(this.#isolate.lastTurnMs, end.kind === "done");
    if (this.#isRestoring) {
      const ended = end.kind === "done" ? undefined : restoreFailureOf(end, this.#exitReason);
      const failure = this.#restoreFailure ?? ended;
      if (failure !== undefined) {
        this.#giveUpRestore(failure);
        return;
      }
    }
    if (end.kind === "done" && this.#phase === "init" && this.#isInitialized) {
      this.#phase = "idle";
      this.#isRestoring = false;
      this.#outbox.opened(performance.now() - this.#openingMs, {
        strategy: this.#strategy,
        phases: this.#phases,
        // Not for the first event's sake: that is looked at on its own.
        memoryBytes: this.#isolate.memoryBytes(),
        reason: this.#startReason,
      });
      this.#parts.onOpened();
    }
    // A limit may have stopped us from within an operation.
    if ((this.#phase as string) === "stopped" || end.kind === "done") return;
    const [failure, detail] = failureOf(end, this.#exitReason);
    this.#stop(failure, detail);
  }

  /** The turn that comes next; none where the environment freezes, waits or ends instead. @param last The one before. */
  #next(last: readonly unknown[]): readonly unknown[] | undefined {
    if (this.#phase === "stopped") return undefined;
    const run = this.#run;
    if (run?.isSettled || this.#phase === "idle") {
      this.#freeze();
      return undefined;
    }
    const waiting = this.#thawQueue.shift();
    if (waiting !== undefined) return waiting;
    if (!this.#isAlive() && !(run?.isStreaming && run.credit <= 0)) return this.#loopIsEmpty(last);
    this.#wakeTimer.arm();
    if (this.#inspected === undefined) this.#setDeadline();
    return undefined;
  }

  /** Nothing can settle any more, unless the guest does something when it is told so. */
  #loopIsEmpty(last: readonly unknown[]): readonly unknown[] | undefined {
    if (this.#isRestoring) this.#giveUpRestore("its restore hooks never settled");
    else if (last[0] === Entry.loopEmpty) this.#stop(Failure.exited, "with error: exit status 13");
    else return [Entry.loopEmpty];
    return undefined;
  }

  #setDeadline(): void {
    this.#deadline ??= setTimeout(() => {
      this.#deadline = undefined;
      if (this.#isRestoring) {
        this.#giveUpRestore(`restoring took longer than ${restoreTimeoutMs} ms`);
        return;
      }
      this.#stop(Failure[this.#budget.exceeded(performance.now()) ?? "timedOut"], "");
    }, this.#budget.deadlineMs - performance.now());
  }

  /** Whether something may still happen in the guest's event loop. */
  #isAlive(): boolean {
    return this.#calls.isAlive || this.#wakeTimer.isAlive;
  }

  #isEnded(): boolean {
    return this.#phase === "stopped" || this.#phase === "idle" || this.#run?.isSettled === true;
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

  #stop(code: FailureCode, detail: string): void {
    if (this.#phase === "stopped") return;
    const phase = this.#phase;
    const run = this.#run?.isSettled ? undefined : this.#run;
    const measures = run?.measures();
    this.close();
    if (run !== undefined && measures !== undefined) {
      this.#outbox.failure(run.sequence, measures, code, false, detail);
    } else if (phase === "init") this.#outbox.openFailed(code, detail);
    else this.#outbox.closed();
  }
}

function crossed(args: readonly unknown[]): readonly unknown[] {
  return args[0] === Entry.complete ? args.map(crossing) : args;
}
