import type ivm from "isolated-vm";

/** No debugger counts so far. */
const terminateId = 2 ** 31 - 1;
/** What takes back all that a debugger has asked for. */
const disabling = ["Debugger", "Profiler", "HeapProfiler", "Runtime", "Console"].map(
  (domain) => `${domain}.disable`,
);

/**
 * One of V8's inspector sessions. They can be made only while nothing runs, so each serves one debugger after the other.
 *
 *     free ──► lent ──► resetting ──► free
 */
export class InspectorSession {
  readonly #session: ivm.InspectorSession;
  #state: "free" | "lent" | "resetting" = "free";
  #unanswered = 0;
  #isTerminating = false;
  #onMessage: ((message: string) => void) | undefined;

  constructor(session: ivm.InspectorSession) {
    this.#session = session;
    session.onResponse = (call, message) => {
      if (call === terminateId) {
        this.#isTerminating = false;
        return;
      }
      this.#unanswered--;
      this.#onMessage?.(message);
      if (this.#state === "resetting" && this.#unanswered === 0) this.#state = "free";
    };
    session.onNotification = (message) => this.#onMessage?.(message);
  }

  get isFree(): boolean {
    return this.#state === "free";
  }

  /** Commands whose answers have not come. */
  get unanswered(): number {
    return this.#unanswered;
  }

  lend(onMessage: (message: string) => void): void {
    this.#state = "lent";
    this.#onMessage = onMessage;
  }

  /** @param message A command with a whole number as its id: V8 answers each of those once. */
  send(message: string): void {
    this.#unanswered++;
    this.#session.dispatchProtocolMessage(message);
  }

  /** Its debugger is gone: what it asked for ends, and a turn that is paused for it goes on. */
  giveBack(): void {
    this.#onMessage = undefined;
    this.#state = "resetting";
    for (const [id, method] of disabling.entries()) this.send(JSON.stringify({ id, method }));
  }

  /** Ends what runs now. V8 answers when that has ended; where nothing ran, the next code ends at once. */
  terminate(): void {
    if (this.#isTerminating) return;
    this.#isTerminating = true;
    this.#session.dispatchProtocolMessage(
      JSON.stringify({ id: terminateId, method: "Runtime.terminateExecution" }),
    );
  }

  /** Has V8 give that answer. @param run Runs a piece of code. */
  async terminated(run: () => Promise<void>): Promise<void> {
    while (this.#isTerminating) await run().catch(() => {});
  }

  dispose(): void {
    this.#onMessage = undefined;
    this.#session.dispose();
  }
}
