const { getOwnPropertyDescriptor } = Object;
const { apply } = Reflect;
const bufferLength = getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")!.get!;

/** Whether `value` truly is an ArrayBuffer, whatever its prototype says. A SharedArrayBuffer is not. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  if (typeof value !== "object" || value === null) return false;
  try {
    apply(bufferLength, value, []);
    return true;
  } catch {
    return false;
  }
}

/** A view of the bytes of an ArrayBuffer or of a view of one; undefined for anything else. */
export function viewOfBytes(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isArrayBuffer(value)) return new Uint8Array(value);
  return undefined;
}

/** The same bytes as the whole of their buffer: what crosses to the host is copied with all of its buffer. */
export function wholeBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** As viewOfBytes, but a copy that later writes do not change. */
export function copyOfBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const view = viewOfBytes(value);
  return view === undefined ? undefined : new Uint8Array(view);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const result = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
