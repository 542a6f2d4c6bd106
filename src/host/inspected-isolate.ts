import type ivm from "isolated-vm";
import { type FrozenHeap, GuestIsolate, type TurnEnd } from "./guest-isolate.ts";
import { Inspection } from "./inspection.ts";
import type { TurnWatch } from "./turn-watch.ts";

/**
 * Enters the guest from a microtask, as ordinary turns do not: what the host runs in the isolate while the guest waits for an
 * operation would otherwise run the guest's microtasks in the middle of its own code.
 */
const laterEntry = `(enter) => {
  const run = async (kind, a, b, c, d) => {
    await undefined;
    enter(kind, a, b, c, d);
  };
  return (kind, a, b, c, d) => {
    run(kind, a, b, c, d);
  };
}`;

/**
 * An isolate that debuggers may stop in the middle of a turn. Its turns run on a thread of isolated-vm's pool, so that this
 * one goes on to read what debuggers say; they have no limits of time. What is rejected at the moment of a host operation
 * that runs code in the isolate, and is never handled, goes unnoticed.
 */
export class InspectedIsolate extends GuestIsolate {
  readonly inspection: Inspection;
  readonly #enterLater: ivm.Reference<(...args: never[]) => void>;
  readonly #nothing: ivm.Reference<() => void>;
  #memoryBytes: number;
  #turnMs = 0;
  #isDisposed = false;

  /** @param onMessage @see Inspection */
  constructor(
    heap: FrozenHeap,
    memorySizeMb: number,
    watch: TurnWatch,
    onMessage: (debuggerId: number, message: string) => void,
  ) {
    super(heap, memorySizeMb, watch, { inspector: true });
    const { isolate, context, enter } = this.parts;
    const later = evaluate<(enter: unknown) => void>(isolate, context, laterEntry);
    this.#enterLater = later.applySync(undefined, [enter.derefInto()], {
      result: { reference: true },
    }) as unknown as ivm.Reference<(...args: never[]) => void>;
    later.release();
    this.#nothing = evaluate(isolate, context, "() => {}");
    this.#memoryBytes = super.memoryBytes();
    this.inspection = new Inspection(isolate, context, onMessage);
  }

  override attach(onOperation: Parameters<GuestIsolate["attach"]>[0]): void {
    // It takes a moment until what runs is made to end.
    super.attach((name, args) => (this.isDisposed ? undefined : onOperation(name, args)));
  }

  /** One turn, as `run` takes them, but without limits. */
  async runLater(args: readonly unknown[]): Promise<TurnEnd> {
    const startMs = performance.now();
    let thrown: { reason: unknown } | undefined;
    try {
      await this.#enterLater.apply(undefined, args as never[]);
    } catch (reason) {
      thrown = { reason };
    }
    this.#turnMs = performance.now() - startMs;
    const { isolate } = this.parts;
    if (this.#isDisposed) return { kind: "disposed" };
    if (isolate.isDisposed) return { kind: "outOfMemory" };
    if (thrown !== undefined) return { kind: "unhandledRejection", reason: thrown.reason };
    const heap = await isolate.getHeapStatistics().catch(() => undefined);
    if (heap !== undefined) this.#memoryBytes = heap.used_heap_size + heap.externally_allocated_size;
    return this.#isDisposed ? { kind: "disposed" } : { kind: "done" };
  }

  /** Of the last turn, wall time. */
  override get lastTurnMs(): number {
    return this.#turnMs;
  }

  override get isDisposed(): boolean {
    return this.#isDisposed || super.isDisposed;
  }

  /** As of the last turn's end: in one that is paused it could not be asked. */
  override memoryBytes(): number {
    return this.#memoryBytes;
  }

  override compile(...args: Parameters<GuestIsolate["compile"]>): unknown {
    this.#passRejections();
    return super.compile(...args);
  }

  override compileApart(...args: Parameters<GuestIsolate["compileApart"]>): unknown {
    this.#passRejections();
    return super.compileApart(...args);
  }

  override enterApart(id: number): boolean {
    this.#passRejections();
    return super.enterApart(id);
  }

  override compileFile(
    ...args: Parameters<GuestIsolate["compileFile"]>
  ): ReturnType<GuestIsolate["compileFile"]> {
    this.#passRejections();
    return super.compileFile(...args);
  }

  override reenter(args: readonly unknown[]): void {
    this.#passRejections();
    super.reenter(args);
  }

  override dispose(): void {
    void this.end();
  }

  /** Disposes of it. Resolves when it is gone. */
  end(): Promise<void> {
    this.#isDisposed = true;
    return this.inspection.end();
  }

  /**
   * Whatever enters the isolate throws what was rejected so far and has no handler yet, as though the turn were over: it is
   * thrown at this, and not at what is wanted.
   */
  #passRejections(): void {
    try {
      this.#nothing.applySync(undefined, []);
    } catch {
      // It may yet be handled.
    }
  }
}

function evaluate<T>(isolate: ivm.Isolate, context: ivm.Context, code: string): ivm.Reference<T> {
  const script = isolate.compileScriptSync(code, { filename: "brisk:inspected" });
  const value = script.runSync(context, { reference: true }) as unknown as ivm.Reference<T>;
  script.release();
  return value;
}
