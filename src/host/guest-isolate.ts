import ivm from "isolated-vm";
import { OperationError, type Value } from "../model/values.ts";
import type { CodeCache } from "./code-cache.ts";
import type { TimeBudget } from "./limits.ts";
import type { TurnWatch } from "./turn-watch.ts";

/** How a turn ended. Only `done` leaves an isolate that may run again. */
export type TurnEnd =
  | { kind: "done" }
  /** A promise was rejected and nobody handled it; isolated-vm throws the reason at us. */
  | { kind: "unhandledRejection"; reason: unknown }
  | { kind: "limit"; limit: "timedOut" | "cpuTimeExceeded" }
  | { kind: "outOfMemory" }
  /** We disposed of it from within one of the guest's own calls. */
  | { kind: "disposed" };

export interface IsolateOptions {
  /** It may be opened to debuggers. */
  readonly inspector?: boolean;
}

/** A frozen heap that isolates start from: the base, or a function's own. */
export interface FrozenHeap {
  createIsolate(memoryLimitMb: number, options?: IsolateOptions): ivm.Isolate;
}

/** What it took to make an isolate ready for its first turn, ms. */
export interface IsolatePhases {
  readonly isolateMs: number;
  readonly contextMs: number;
  readonly bindMs: number;
}

/** The property of a further context's global that runs what the guest put before it. */
const doorName = "__brisk_run";
/** Their memory is the function's own; one that is not kept lives as long as something of it is held. */
const maxContexts = 32;

/** Turns shorter than this are charged by the wall clock: asking V8 for CPU time costs more than it tells. */
const cheapTurnMs = 5;
/** The room that isolated-vm's memory limit leaves a function beside the base heap, so that MemorySize is the guest's own. */
const baseHeapMb = 8;

/**
 * One isolate with its context, entered turn by turn on this thread. Guest code only ever runs inside `run`, under
 * a time limit; what it calls back arrives at `onOperation`, which may dispose of the isolate.
 */
export class GuestIsolate {
  readonly #heap: FrozenHeap;
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #enter: ivm.Reference<(...args: never[]) => void>;
  readonly #watch: TurnWatch;
  #onOperation: (name: string, args: readonly unknown[]) => Value = () => undefined;
  #isDisposed = false;
  #turnEndsMs = Number.POSITIVE_INFINITY;
  #hostMs = 0;
  #lastTurnMs = 0;
  #cpuReadMs = 0;
  #unreadMs = 0;
  #limitInCall: "timedOut" | "cpuTimeExceeded" | undefined;
  readonly phases: IsolatePhases;
  readonly #contexts = new Map<number, ivm.Context>();
  #turnLimit: "timedOut" | "cpuTimeExceeded" = "timedOut";

  constructor(heap: FrozenHeap, memorySizeMb: number, watch: TurnWatch, options: IsolateOptions = {}) {
    this.#heap = heap;
    this.#watch = watch;
    const startMs = performance.now();
    this.#isolate = heap.createIsolate(memorySizeMb + baseHeapMb, options);
    const isolateMs = performance.now();
    this.#context = this.#isolate.createContextSync(options);
    const contextMs = performance.now();
    const callback = new ivm.Callback((name: unknown, ...args: unknown[]) => this.#call(name, args));
    const bind = this.#context.global.getSync("__brisk_bind", { reference: true }) as ivm.Reference<
      (callback: ivm.Callback<never>) => unknown
    >;
    this.#enter = bind.applySync(undefined, [callback as never], {
      result: { reference: true },
    }) as unknown as ivm.Reference<(...args: never[]) => void>;
    const bindMs = performance.now() - contextMs;
    this.phases = { isolateMs: isolateMs - startMs, contextMs: contextMs - isolateMs, bindMs };
  }

  /** For who takes its turns in another way. */
  protected get parts() {
    return { isolate: this.#isolate, context: this.#context, enter: this.#enter };
  }

  /** Who answers the guest's operations from now on. */
  attach(onOperation: (name: string, args: readonly unknown[]) => Value): void {
    this.#onOperation = onOperation;
  }

  /** CPU time of the last turn that ended well. Not its wall time: a busy machine is not the guest's fault. */
  get lastTurnMs(): number {
    return this.#lastTurnMs;
  }

  get isDisposed(): boolean {
    return this.#isDisposed || this.#isolate.isDisposed;
  }

  /**
   * Compiles a script whose value is a function, for use as an argument of `run`.
   * @param cache Of this very script. One that V8 refuses says so from then on, and costs nothing.
   */
  compile(script: string, filename: string, cache?: CodeCache): unknown {
    const cachedData = cache?.dataFor(this.#heap);
    const options = cachedData === undefined ? { filename } : { filename, cachedData };
    const compiled = this.#isolate.compileScriptSync(script, options);
    if ((compiled as { cachedDataRejected?: boolean }).cachedDataRejected === true) cache?.reject();
    const value = compiled.runSync(this.#context, { reference: true }) as unknown as ivm.Reference<unknown>;
    compiled.release();
    return value.derefInto({ release: true });
  }

  /** As `compile`, in a new context of the isolate; of many, those used last are kept for `enterApart`. */
  compileApart(script: string, filename: string, id: number): unknown {
    const compiled = this.#isolate.compileScriptSync(script, { filename });
    const context = this.#isolate.createContextSync();
    const value = compiled.runSync(context, { reference: true }) as unknown as ivm.Reference<unknown>;
    compiled.release();
    this.#keep(id, context);
    return value.derefInto({ release: true });
  }

  /**
   * Enters such a context by the door that what its script made has left in its global: V8 evaluates text in a context
   * only for who has entered it. False when it is no longer kept.
   * @throws {OperationError} There is no door: nobody has called what the script made.
   */
  enterApart(id: number): boolean {
    const context = this.#contexts.get(id);
    if (context === undefined) return false;
    this.#keep(id, context);
    // By its name in a script: isolated-vm reads no property where a prototype is a proxy.
    const script = `typeof ${doorName} === "function" ? ${doorName} : undefined`;
    const door = context.evalSync(script, { reference: true }) as ivm.Reference<() => void>;
    if (door.typeof !== "function") {
      door.release();
      throw new OperationError("ERR_INVALID_ARG_VALUE", `Cannot enter context ${id}: it was not made ready`);
    }
    door.applySync(undefined, []);
    door.release();
    return true;
  }

  #keep(id: number, context: ivm.Context): void {
    this.#contexts.delete(id);
    this.#contexts.set(id, context);
    if (this.#contexts.size <= maxContexts) return;
    const [oldest] = this.#contexts.keys();
    this.#contexts.get(oldest!)?.release();
    this.#contexts.delete(oldest!);
  }

  /**
   * As `compile`, for code of the guest's own, whose time is running: only what is left of the turn is there for it.
   * @returns The function; where the code does not parse, the complaint as `line:column:message`.
   * @throws {OperationError} It nests too deep for V8, or closes its wrapper and throws.
   */
  compileFile(filename: string, code: string): { readonly value: unknown } | string {
    const timeout = Math.max(1, Math.ceil(this.#turnEndsMs - performance.now()));
    try {
      const compiled = this.#isolate.compileScriptSync(code, { filename, lineOffset: -1 });
      const made = compiled.runSync(this.#context, {
        reference: true,
        ...(Number.isFinite(timeout) ? { timeout } : {}),
      }) as unknown as ivm.Reference<unknown>;
      compiled.release();
      return { value: made.derefInto({ release: true }) };
    } catch (error) {
      if (this.#isolate.isDisposed || performance.now() >= this.#turnEndsMs) throw error;
      if (error instanceof SyntaxError) return complaintOf(error, filename);
      const reason = error instanceof Error ? error.message : "it throws something that is no error";
      throw new OperationError("ERR_INVALID_ARG_VALUE", `Cannot compile "${filename}": ${reason}`);
    }
  }

  /**
   * The bytecode of a script that `compile` was given under this name, with that of every function in it that ran:
   * V8 remembers the script, and does not compile it a second time.
   */
  codeOf(script: string, filename: string): Uint8Array {
    const compiled = this.#isolate.compileScriptSync(script, { filename, produceCachedData: true });
    const { cachedData } = compiled as unknown as { cachedData: ivm.ExternalCopy<ArrayBuffer> };
    const bytes = new Uint8Array(cachedData.copy());
    cachedData.release();
    compiled.release();
    return bytes;
  }

  /** Enters the guest again from within a call of its own: its time is already running. */
  reenter(args: readonly unknown[]): void {
    this.#enter.applySync(undefined, args as never[]);
  }

  /** Runs one turn: the entry, then every microtask it led to. */
  run(invocation: number, budget: TimeBudget, args: readonly unknown[]): TurnEnd {
    const startMs = performance.now();
    const fired = budget.exceeded(startMs);
    if (fired !== undefined) return { kind: "limit", limit: fired };
    const turn = budget.turn(startMs);
    this.#turnEndsMs = startMs + turn.timeoutMs;
    this.#turnLimit = turn.limit;
    this.#hostMs = 0;
    this.#watch.turnStarts(invocation);
    let thrown: { reason: unknown } | undefined;
    try {
      this.#enter.applySync(undefined, args as never[], { timeout: turn.timeoutMs });
    } catch (reason) {
      thrown = { reason };
    } finally {
      this.#watch.turnEnds();
      this.#turnEndsMs = Number.POSITIVE_INFINITY;
    }
    const elapsedMs = performance.now() - startMs;
    if (thrown === undefined) {
      this.#lastTurnMs = this.#cpuMs(elapsedMs);
      budget.charge(this.#lastTurnMs);
      return { kind: "done" };
    }
    if (this.#limitInCall !== undefined) return { kind: "limit", limit: this.#limitInCall };
    if (this.#isDisposed) return { kind: "disposed" };
    if (this.#isolate.isDisposed) return { kind: "outOfMemory" };
    budget.charge(this.#cpuMs(elapsedMs));
    if (elapsedMs >= turn.timeoutMs) return { kind: "limit", limit: turn.limit };
    return { kind: "unhandledRejection", reason: thrown.reason };
  }

  heapStatistics(): ivm.HeapStatistics {
    return this.#isolate.getHeapStatisticsSync();
  }

  /** Bytes of the guest's heap and of its array buffers. */
  memoryBytes(): number {
    const heap = this.heapStatistics();
    return heap.used_heap_size + heap.externally_allocated_size;
  }

  /** Idempotent; may be called from within a call of the guest. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  #call(name: unknown, args: unknown[]): Value {
    // Time in here is ours: V8's limit does not see it, and a loop of calls would never end.
    const startMs = performance.now();
    if (startMs >= this.#turnEndsMs) {
      this.#limitInCall = this.#turnLimit;
      this.dispose();
      return undefined;
    }
    const answer = this.#onOperation(typeof name === "string" ? name : "", args);
    this.#hostMs += performance.now() - startMs;
    return answer;
  }

  #cpuMs(elapsedMs: number): number {
    if (elapsedMs < cheapTurnMs) {
      this.#unreadMs += elapsedMs;
      return elapsedMs;
    }
    const readMs = Number(this.#isolate.cpuTime) / 1e6;
    const spentMs = readMs - this.#cpuReadMs - this.#unreadMs + this.#hostMs;
    this.#cpuReadMs = readMs;
    this.#unreadMs = 0;
    return Math.min(elapsedMs, Math.max(0, spentMs));
  }
}

/** isolated-vm takes no byte array as an argument, only a copy made for it; of a view, without the rest of its buffer. */
export function crossing(arg: unknown): unknown {
  if (!(arg instanceof Uint8Array)) return arg;
  return new ivm.ExternalCopy(new Uint8Array(arg)).copyInto({ release: true, transferIn: true });
}

/** isolated-vm has the place at the end of the message, as ` [file:line:column]`. */
function complaintOf(error: SyntaxError, filename: string): string {
  const at = error.message.lastIndexOf(` [${filename}:`);
  const [, line, column] = /:(\d+):(\d+)\]$/.exec(error.message) ?? [];
  if (at < 0 || line === undefined) return `1:1:${error.message}`;
  return `${line}:${column}:${error.message.slice(0, at)}`;
}
