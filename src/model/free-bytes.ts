/** Below this, the collector's own time is as good. */
const worthFreeingBytes = 16 * 1024;

/**
 * Gives the memory of a large buffer back at once; what refers to it is empty from then on. V8 does not see how large
 * a stream's buffers are until they add up to tens of megabytes, and then collects its whole heap for them, again and
 * again. Does nothing to a view that is not all of its buffer, since someone else may have the rest.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.byteLength < worthFreeingBytes || bytes.byteLength !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
