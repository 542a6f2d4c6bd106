import type { Control } from "./control.ts";

export type RecursiveLoop = "Allow" | "Terminate";

/** What becomes of a function that calls itself in a loop. Kept here, for those who look for loops. */
export class Recursion {
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  get(functionName: string): RecursiveLoop {
    return this.#control.entry(functionName).record.recursiveLoop ?? "Terminate";
  }

  async put(functionName: string, recursiveLoop: RecursiveLoop): Promise<RecursiveLoop> {
    const { catalog } = this.#control;
    const { name } = this.#control.reference(functionName);
    return catalog.exclusive(name, async () => {
      const { record } = this.#control.entry(functionName);
      await catalog.commit([{ function: { ...record, recursiveLoop } }]);
      return recursiveLoop;
    });
  }
}
