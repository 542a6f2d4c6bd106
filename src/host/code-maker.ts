import type { ExecutionEnvironment } from "./execution-environment.ts";

/** How long after an invocation its environment may make its version's bytecode, ms: answers leave first. */
const delayMs = 50;

/**
 * Has environments make their versions' bytecode while nobody waits for them: one at a time, since making it takes
 * this thread about a third as long as compiling took. One that is busy again is asked after its next invocation.
 */
export class CodeMaker {
  readonly #waiting = new Set<ExecutionEnvironment>();
  #timer: NodeJS.Timeout | undefined;

  /** Its invocation has ended. */
  settled(environment: ExecutionEnvironment): void {
    if (!environment.wantsCode) return;
    this.#waiting.add(environment);
    this.#timer ??= setTimeout(() => this.#next(), delayMs);
  }

  #next(): void {
    this.#timer = undefined;
    for (const environment of this.#waiting) {
      this.#waiting.delete(environment);
      if (!environment.makeCode()) continue;
      if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#next(), delayMs);
      return;
    }
  }
}
