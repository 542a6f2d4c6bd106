import { DOMException } from "./dom-exception.ts";

export function dataCloneError(message: string): DOMException {
  return new DOMException(message, "DataCloneError");
}

export function notCloneable(value: unknown): DOMException {
  let shown = "#<Object>";
  try {
    if (typeof value === "object" && value !== null) shown = `#<${value.constructor?.name ?? "Object"}>`;
    else shown = String(value);
  } catch {
    // What it is called is its own code's business.
  }
  return dataCloneError(`${shown} could not be cloned.`);
}
