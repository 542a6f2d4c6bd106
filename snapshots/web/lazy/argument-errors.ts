/** Refusals as Node words them, with its codes: libraries and tests look at both. */
type ErrorClass = new (message: string) => Error;

export function codedError(made: ErrorClass, code: string, message: string): Error {
  const error = new made(message);
  Object.defineProperty(error, "code", { value: code, enumerable: true, writable: true, configurable: true });
  return error;
}

export function illegalConstructor(): Error {
  return codedError(TypeError, "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
}

/** A member was taken from one object and called on another. */
export function invalidThis(expected: string): Error {
  return codedError(TypeError, "ERR_INVALID_THIS", `Value of "this" must be of type ${expected}`);
}

export function missingArgs(...names: string[]): Error {
  const listed = names.map((name) => `"${name}"`).join(" and ");
  const plural = names.length > 1 ? "s" : "";
  return codedError(TypeError, "ERR_MISSING_ARGS", `The ${listed} argument${plural} must be specified`);
}

/** @param expected As in `of type string`. */
export function invalidArgType(name: string, expected: string, value: unknown): Error {
  const kind = name.includes(".") ? "property" : "argument";
  return codedError(
    TypeError,
    "ERR_INVALID_ARG_TYPE",
    `The "${name}" ${kind} must be ${expected}. Received ${received(value)}`,
  );
}

/** @param reason As in `is invalid`. */
export function invalidArgValue(name: string, value: unknown, reason = "is invalid"): Error {
  const kind = name.includes(".") ? "property" : "argument";
  const shown = typeof value === "string" ? `'${value}'` : String(value);
  return codedError(TypeError, "ERR_INVALID_ARG_VALUE", `The ${kind} '${name}' ${reason}. Received ${shown}`);
}

export function outOfRange(name: string, range: string, value: unknown): Error {
  const shown = typeof value === "bigint" ? `${value}n` : String(value);
  return codedError(
    RangeError,
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${shown}`,
  );
}

function received(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name ? `an instance of ${name}` : "[Object: null prototype] {}";
  }
  let text = typeof value === "string" ? `'${value}'` : String(value);
  if (text.length > 28) text = `${text.slice(0, 25)}...`;
  return `type ${typeof value} (${text}${typeof value === "bigint" ? "n" : ""})`;
}
