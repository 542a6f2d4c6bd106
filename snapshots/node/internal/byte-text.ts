// Looked up when used: while a heap is being frozen this module may load, and V8 has neither of them.
const onClass = Uint8Array as unknown as {
  fromBase64(text: string): Uint8Array;
  fromHex(text: string): Uint8Array;
};

/** As Node reads it: either alphabet, white space and foreign characters skipped, all after a `=` ignored. */
export function base64Bytes(text: string): Uint8Array {
  const end = text.indexOf("=");
  const body = end < 0 ? text : text.slice(0, end);
  let clean = /[^A-Za-z0-9+/]/.test(body)
    ? body
        .replaceAll("-", "+")
        .replaceAll("_", "/")
        .replace(/[^A-Za-z0-9+/]/g, "")
    : body;
  if (clean.length % 4 === 1) clean = clean.slice(0, -1);
  return onClass.fromBase64(clean);
}

/** Up to the first pair of characters that is no byte. */
export function hexBytes(text: string): Uint8Array {
  const even = text.length % 2 === 0 ? text : text.slice(0, -1);
  try {
    return onClass.fromHex(even);
  } catch {
    const invalid = even.search(/[^0-9A-Fa-f]/);
    return onClass.fromHex(even.slice(0, invalid - (invalid % 2)));
  }
}
