/** What Node's own errors carry besides a message. */
export interface NodeError extends Error {
  code: string;
}

type ErrorClass = new (message: string) => Error;

/** An error as Node's core makes them: a stable `code`, and the code in `toString()` but not in `name`. */
export function nodeError(base: ErrorClass, code: string, message: string): NodeError {
  const error = new base(message);
  Object.defineProperties(error, {
    code: { value: code, enumerable: true, writable: true, configurable: true },
    toString: {
      value(this: Error) {
        return `${this.name} [${code}]: ${this.message}`;
      },
      enumerable: false,
      writable: true,
      configurable: true,
    },
  });
  const { stack } = error;
  if (typeof stack === "string" && stack.startsWith(error.name)) {
    Object.defineProperty(error, "stack", {
      value: `${error.name} [${code}]${stack.slice(error.name.length)}`,
      enumerable: false,
      writable: true,
      configurable: true,
    });
  }
  return error as NodeError;
}

/** @param expected How Node words it, as in `of type string`. */
export function invalidArgType(name: string, expected: string, actual: unknown): NodeError {
  const kind = name.endsWith(" argument") || name.includes(".") ? "property" : "argument";
  return nodeError(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `The "${name}" ${kind} must be ${expected}. Received ${received(actual)}`,
  );
}

export function outOfRange(name: string, range: string, actual: unknown): NodeError {
  return nodeError(
    RangeError,
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${String(actual)}`,
  );
}

/** Thrown by what an isolate cannot have: sockets, processes, threads. */
export function unavailable(what: string, instead: string): NodeError {
  return nodeError(
    Error,
    "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
    `${what} is not available in an isolate; ${instead}`,
  );
}

function received(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return value.name === "" ? "function " : `function ${value.name}`;
  if (typeof value === "object") {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name ? `an instance of ${name}` : "[Object: null prototype] {}";
  }
  let text = String(value);
  if (text.length > 25) text = `${text.slice(0, 25)}...`;
  if (typeof value === "string") text = `'${text}'`;
  if (typeof value === "bigint") text = `${text}n`;
  return `type ${typeof value} (${text})`;
}

export function assertFunction(value: unknown, name: string): asserts value is (...args: never[]) => unknown {
  if (typeof value !== "function") throw invalidArgType(name, "of type function", value);
}

export function assertString(value: unknown, name: string): asserts value is string {
  if (typeof value !== "string") throw invalidArgType(name, "of type string", value);
}

/** What an aborted signal makes of an operation; its reason is the cause. */
export function abortError(signal: { readonly reason: unknown }): Error {
  const error = nodeError(Error, "ABORT_ERR", "The operation was aborted");
  error.name = "AbortError";
  return Object.assign(error, { cause: signal.reason });
}
