const { fromCharCode } = String;
const { apply } = Reflect;
// As many arguments as V8 takes without growing its stack.
const CHUNK = 4096;

/** One character for each byte. */
export function latin1Decode(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return apply(fromCharCode, undefined, bytes);
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) {
    text += apply(fromCharCode, undefined, bytes.subarray(i, i + CHUNK));
  }
  return text;
}
