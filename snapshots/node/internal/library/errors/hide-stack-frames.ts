type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
interface V8Error {
  stackTraceLimit?: number;
  captureStackTrace(error: unknown, above: AnyFunction): void;
}
const { apply } = Reflect;

/** The same function, whose errors have stacks that begin at its caller. Apart from the errors, which few get to see. */
export function hideStackFrames(check: AnyFunction): AnyFunction & { withoutStackTrace: AnyFunction } {
  function hidden(this: unknown, ...args: unknown[]): unknown {
    try {
      return apply(check, this, args);
    } catch (error) {
      const { stackTraceLimit } = Error as unknown as V8Error;
      if (stackTraceLimit) (Error as unknown as V8Error).captureStackTrace(error, hidden);
      throw error;
    }
  }
  return Object.assign(hidden, { withoutStackTrace: check });
}
