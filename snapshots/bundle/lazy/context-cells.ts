import { contextKeeper } from "../../async-context.ts";

/** What one call of an async function keeps while it awaits: the context that was current before. @see parsed-code/awaits.ts */
class ContextCell {
  #context: unknown;
  #isAwaiting = false;

  /** Right before it is awaited. */
  saved<T>(value: T): T {
    this.#context = contextKeeper()?.current();
    this.#isAwaiting = true;
    return value;
  }

  /** @returns What was awaited. */
  back<T>(value: T): T {
    this.caught();
    return value;
  }

  /** Behind an await that may have been rejected; where none was, nothing is to do. */
  caught(): void {
    if (!this.#isAwaiting) return;
    this.#isAwaiting = false;
    if (this.#context !== undefined) contextKeeper()?.enter(this.#context);
  }

  /** The same values, with each request for one saved. */
  each(values: unknown): object {
    const source = values as { [Symbol.asyncIterator]?: unknown } | null | undefined;
    const isAsync = source?.[Symbol.asyncIterator] !== undefined && source[Symbol.asyncIterator] !== null;
    const method = isAsync ? Symbol.asyncIterator : Symbol.iterator;
    return {
      // A method that is missing is for the loop to complain of.
      [method]: () => {
        const iterator = (source as unknown as Record<symbol, () => Iterator<unknown>>)[method]!();
        const saved = (step: (...args: never[]) => unknown) => {
          return (...args: unknown[]) => this.saved(Reflect.apply(step, iterator, args as never[]));
        };
        const { next, return: end } = iterator;
        return { next: saved(next), ...(typeof end === "function" ? { return: saved(end) } : {}) };
      },
    };
  }
}

/** For code whose awaits keep the context. */
export const contextCells = { cell: (): ContextCell => new ContextCell() };
