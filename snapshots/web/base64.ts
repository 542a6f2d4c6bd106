import { DOMException } from "./dom-exception.ts";
import { latin1Decode } from "./latin1.ts";

const { fromBase64 } = Uint8Array as unknown as { fromBase64(text: string): Uint8Array };
const { toBase64 } = Uint8Array.prototype as unknown as { toBase64(this: Uint8Array): string };
const { apply } = Reflect;

/** V8's own decoder follows the same forgiving rules as the web's (white space, optional padding). */
export function atob(data: string): string {
  if (arguments.length === 0) throw missingArgument("data");
  const text = `${data}`;
  let bytes: Uint8Array;
  try {
    bytes = apply(fromBase64, Uint8Array, [text]);
  } catch {
    throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
  }
  return latin1Decode(bytes);
}

export function btoa(data: string): string {
  if (arguments.length === 0) throw missingArgument("data");
  const text = `${data}`;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new DOMException("Invalid character", "InvalidCharacterError");
    bytes[i] = code;
  }
  return apply(toBase64, bytes, []);
}

function missingArgument(name: string): TypeError {
  return Object.assign(new TypeError(`The "${name}" argument must be specified`), {
    code: "ERR_MISSING_ARGS",
  });
}
