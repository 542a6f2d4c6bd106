import { setTimeout as delay } from "node:timers/promises";
import ivm from "isolated-vm";
import { mostDebuggers } from "../model/inspection.ts";
import { InspectorSession } from "./inspector-session.ts";

/** More than debuggers: a session that was given back may take a moment until it is free. */
const sessionCount = 2 * mostDebuggers;
const firstNudgeMs = 1;
const slowestNudgeMs = 256;
const nudge = JSON.stringify({ id: 0, method: "Runtime.getIsolateId" });
/** How often code that is to end is told so: it may have more to run, one microtask after the other. */
const terminateMs = 20;
/** Time for answers that are under way when nothing runs any more. Some never come: V8 drops what it was told when code was made to end. */
const lastAnswersMs = 200;

/**
 * An isolate's side of its debuggers. isolated-vm makes inspector sessions only for who has entered the isolate, so that
 * all of them are made before anything runs.
 */
export class Inspection {
  readonly #isolate: ivm.Isolate;
  readonly #context: ivm.Context;
  readonly #onMessage: (debuggerId: number, message: string) => void;
  readonly #sessions: InspectorSession[] = [];
  readonly #lent = new Map<number, InspectorSession>();
  /** Nobody's: for what we have to say to V8 ourselves. */
  #own!: InspectorSession;
  #nudge: NodeJS.Timeout | undefined;
  #nudgeMs = firstNudgeMs;
  #ended: Promise<void> | undefined;

  /**
   * @param context Of the isolate, both made with isolated-vm's `inspector`.
   * @param onMessage Given what V8 says to a debugger.
   */
  constructor(
    isolate: ivm.Isolate,
    context: ivm.Context,
    onMessage: (debuggerId: number, message: string) => void,
  ) {
    this.#isolate = isolate;
    this.#context = context;
    this.#onMessage = onMessage;
    const made: ivm.InspectorSession[] = [];
    const make = new ivm.Callback(() => {
      for (let count = 0; count <= sessionCount; count++) made.push(isolate.createInspectorSession());
    });
    const call = isolate
      .compileScriptSync("(make) => { make(); }", { filename: "brisk:inspected" })
      .runSync(context, {
        reference: true,
      }) as unknown as ivm.Reference<(make: unknown) => void>;
    call.applySync(undefined, [make]);
    call.release();
    const [own, ...others] = made.map((session) => new InspectorSession(session));
    this.#own = own!;
    this.#sessions.push(...others);
  }

  /** A debugger sends a command; it gets a session with its first. @returns Whether there was one. */
  receive(debuggerId: number, message: string): boolean {
    if (this.#isOver) return true;
    let session = this.#lent.get(debuggerId);
    if (session === undefined) {
      session = this.#sessions.find(({ isFree }) => isFree);
      if (session === undefined) return false;
      session.lend((text) => this.#onMessage(debuggerId, text));
      this.#lent.set(debuggerId, session);
    }
    session.send(message);
    this.#awaitAnswers();
    return true;
  }

  /** The debugger is gone. */
  leave(debuggerId: number): void {
    const session = this.#lent.get(debuggerId);
    this.#lent.delete(debuggerId);
    if (session === undefined || this.#isOver) return;
    session.giveBack();
    this.#awaitAnswers();
  }

  /**
   * Ends what runs, then the sessions, then the isolate: in another order V8 ends the process (isolated-vm's issue 497).
   * Idempotent.
   */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  /** It ends, or its memory was full: what is sent to its sessions then ends the process. */
  get #isOver(): boolean {
    return this.#ended !== undefined || this.#isolate.isDisposed;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#nudge);
    if (this.#isolate.isDisposed) return;
    for (const session of this.#lent.values()) session.giveBack();
    const all = [this.#own, ...this.#sessions];
    try {
      // Answered when nothing runs any more.
      const quiet = this.#isQuiet();
      do {
        if (this.#isolate.isDisposed) return;
        this.#own.terminate();
        this.#own.send(nudge);
      } while (!(await Promise.race([quiet, delay(terminateMs, false)])));
      // A session that is disposed of before it has answered says so to nobody, which ends the process as well.
      const latestMs = performance.now() + lastAnswersMs;
      while (all.some(({ unanswered }) => unanswered > 0) && performance.now() < latestMs) await delay(1);
      await this.#own.terminated(() => this.#runNothing());
      for (const session of all) session.dispose();
      await this.#isQuiet();
    } catch {
      // The isolate had ended by itself, when its memory was full.
    }
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  async #runNothing(): Promise<void> {
    const script = await this.#isolate.compileScript("0");
    await script.run(this.#context);
  }

  async #isQuiet(): Promise<true> {
    await this.#isolate.getHeapStatistics();
    return true;
  }

  /**
   * A command that comes just when a turn becomes paused is not seen before the next one (isolated-vm does not look what has
   * come before it begins to wait): until all are answered, another follows.
   */
  #awaitAnswers(): void {
    this.#nudgeMs = firstNudgeMs;
    clearTimeout(this.#nudge);
    this.#nudge = setTimeout(() => this.#nudgeAgain(), firstNudgeMs);
  }

  #nudgeAgain(): void {
    if (this.#isolate.isDisposed || this.#sessions.every(({ unanswered }) => unanswered === 0)) return;
    this.#own.send(nudge);
    this.#nudgeMs = Math.min(slowestNudgeMs, 2 * this.#nudgeMs);
    this.#nudge = setTimeout(() => this.#nudgeAgain(), this.#nudgeMs);
  }
}
