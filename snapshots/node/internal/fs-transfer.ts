import { invalidArgType, nodeError, outOfRange } from "./errors.ts";
import { bufferOf, buffersOf, contentOf, descriptorOf, integerOf, positionOf } from "./fs-arguments.ts";
import * as descriptors from "./fs-descriptors.ts";

/** Part of a buffer that is read into, or written from. */
interface Part {
  readonly offset: number;
  readonly length: number;
  readonly position: number;
}

type PartOptions = { offset?: unknown; length?: unknown; position?: unknown } | null | undefined;

/** `(offset, length, position)` or one object with them. */
function partOf(
  bytes: Uint8Array,
  offset: unknown,
  length: unknown,
  position: unknown,
  isRead: boolean,
): Part {
  if (isRead && offset !== undefined && offset !== null && typeof offset !== "number" && !isOptions(offset))
    throw invalidArgType("options", "of type object", offset);
  let from = offset;
  let count = length;
  let at = position;
  if (typeof offset === "object" && offset !== null) {
    ({ offset: from, length: count, position: at } = offset as NonNullable<PartOptions>);
  }
  const start = from === undefined || from === null ? 0 : integerOf(from, "offset", 0);
  const wanted =
    count === undefined || count === null ? bytes.byteLength - start : integerOf(count, "length");
  if (isRead && wanted === 0) return { offset: start, length: 0, position: -1 };
  if (isRead && bytes.byteLength === 0) {
    const message = "The argument 'buffer' is empty and cannot be written. Received Uint8Array(0) []";
    throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", message);
  }
  if (start > bytes.byteLength) throw outOfRange("offset", `<= ${bytes.byteLength}`, start);
  if (wanted > bytes.byteLength - start) throw outOfRange("length", `<= ${bytes.byteLength - start}`, wanted);
  if (wanted < 0) throw outOfRange("length", ">= 0", wanted);
  return { offset: start, length: wanted, position: isRead ? positionOf(at, wanted) : writePositionOf(at) };
}

function isOptions(value: unknown): boolean {
  return typeof value === "object" && !Array.isArray(value);
}

/** Whatever is no number stands for where the last one ended. */
function writePositionOf(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : -1;
}

/** @returns How many bytes came. */
export function read(
  fd: unknown,
  buffer: unknown,
  offset?: unknown,
  length?: unknown,
  position?: unknown,
): number {
  const bytes = bufferOf(buffer);
  const descriptor = descriptorOf(fd);
  const part = partOf(bytes, offset, length, position, true);
  let done = 0;
  while (done < part.length) {
    const at = part.position < 0 ? -1 : part.position + done;
    const wanted = part.length - done;
    const chunk = descriptors.read(descriptor, wanted, at);
    bytes.set(chunk, part.offset + done);
    done += chunk.byteLength;
    if (chunk.byteLength === 0) break;
    // More than one call of the host's would give: only then is there more to come.
    if (chunk.byteLength < Math.min(wanted, 8 * 1024 * 1024)) break;
  }
  return done;
}

/** @returns How many bytes were written: all. */
export function write(
  fd: unknown,
  data: unknown,
  offset?: unknown,
  length?: unknown,
  position?: unknown,
): number {
  const descriptor = descriptorOf(fd);
  if (!ArrayBuffer.isView(data)) {
    // Of text: position, encoding.
    const bytes = contentOf(data, length, "buffer");
    return descriptors.write(descriptor, bytes, writePositionOf(offset));
  }
  const bytes = bufferOf(data);
  const part = partOf(bytes, offset, length, position, false);
  return descriptors.write(descriptor, bytes.subarray(part.offset, part.offset + part.length), part.position);
}

/** Fills one after the other. */
export function readv(fd: unknown, buffers: unknown, position?: unknown): number {
  const descriptor = descriptorOf(fd);
  let at = typeof position === "number" ? position : -1;
  let done = 0;
  for (const bytes of buffersOf(buffers)) {
    if (bytes.byteLength === 0) continue;
    const count = read(descriptor, bytes, 0, bytes.byteLength, at);
    done += count;
    if (at >= 0) at += count;
    if (count < bytes.byteLength) break;
  }
  return done;
}

export function writev(fd: unknown, buffers: unknown, position?: unknown): number {
  const descriptor = descriptorOf(fd);
  let at = typeof position === "number" ? position : -1;
  let done = 0;
  for (const bytes of buffersOf(buffers)) {
    if (bytes.byteLength === 0) continue;
    const count = descriptors.write(descriptor, bytes, at);
    done += count;
    if (at >= 0) at += count;
  }
  return done;
}
