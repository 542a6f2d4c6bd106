import { callSync } from "../../bridge.ts";
import { DOMException } from "./dom-exception.ts";

// By the host: Uint8Array.fromBase64 does not exist yet while a heap is being frozen, where this may be called.

export function atob(data: string): string {
  if (arguments.length === 0) throw missingArgument("data");
  const text = callSync("text.atob", `${data}`);
  if (typeof text === "string") return text;
  throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
}

export function btoa(data: string): string {
  if (arguments.length === 0) throw missingArgument("data");
  const text = callSync("text.btoa", `${data}`);
  if (typeof text === "string") return text;
  throw new DOMException("Invalid character", "InvalidCharacterError");
}

function missingArgument(name: string): TypeError {
  return Object.assign(new TypeError(`The "${name}" argument must be specified`), {
    code: "ERR_MISSING_ARGS",
  });
}
