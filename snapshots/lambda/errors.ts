import { primordials } from "../bridge.ts";

/** Lambda's error JSON, with its members in Lambda's order. */
export interface ErrorPayload {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

/** Errors of the runtime itself. Their names are on the wire. */
export function runtimeError(name: string, message: string): Error {
  const error = new primordials.Error(message);
  primordials.ObjectDefineProperty(error, "name", {
    value: `Runtime.${name}`,
    configurable: true,
    writable: true,
  });
  return error;
}

/** What a handler threw, as the caller of the function sees it. Never throws, whatever it is given. */
export function errorPayload(thrown: unknown): ErrorPayload {
  try {
    if (isError(thrown)) {
      const name = escapeDelete(primordials.String(thrown.name));
      const message = escapeDelete(primordials.String(thrown.message));
      const stack = thrown.stack === undefined ? "" : escapeDelete(primordials.String(thrown.stack));
      return { errorType: name, errorMessage: message, trace: stack === "" ? [] : stack.split("\n") };
    }
    return { errorType: typeof thrown, errorMessage: primordials.String(thrown), trace: [] };
  } catch {
    return {
      errorType: "handled",
      errorMessage:
        "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
      trace: [],
    };
  }
}

export function isError(value: unknown): value is Error {
  try {
    return value instanceof primordials.Error || Object.prototype.toString.call(value) === "[object Error]";
  } catch {
    // A proxy that does not like to be looked at.
    return false;
  }
}

/** The bound for what goes to the host as one error; a longer stack or message is cut, not refused. */
const maxErrorCharacters = 900_000;

export function errorJson(thrown: unknown): string {
  const payload = errorPayload(thrown);
  const json = primordials.JSONStringify(payload);
  if (json.length <= maxErrorCharacters) return json;
  return primordials.JSONStringify({
    errorType: payload.errorType.slice(0, 1000),
    errorMessage: payload.errorMessage.slice(0, 100_000),
    trace: [],
  });
}

function escapeDelete(text: string): string {
  return text.includes("\x7f") ? text.replaceAll("\x7f", "%7F") : text;
}
