import { processState } from "../../../process-state.ts";
import { asBuffer } from "../as-buffer.ts";
import type { Buffer } from "../buffer-type.ts";
import { fileConstants } from "../file-constants.ts";
import { printBytes } from "../output-lines.ts";
import { openPaths } from "./changes.ts";
import { absolute, ask, change, numberOf, orThrow, type Told } from "./host.ts";

/** What the host takes and gives at once. */
export const maxChunkBytes = 8 * 1024 * 1024;

const { O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } = fileConstants;
const writing = O_CREAT | O_RDWR | O_TRUNC | O_WRONLY;
/** The host knows no others. */
const largestFlags = 2 ** 31 - 1;

export function open(
  path: string,
  flags: number,
  mode: number,
  told: Told = { syscall: "open", path },
): number {
  const known = flags & largestFlags;
  const answer =
    (known & writing) === 0
      ? ask("open", absolute(path), known)
      : change("openToWrite", absolute(path), known, fileMode(mode));
  const fd = numberOf(answer, told);
  openPaths.set(fd, absolute(path));
  return fd;
}

/** The mode of what is made. */
export const fileMode = (mode: number): number => mode & ~processState.umask & 0o7777;

export function close(fd: number): void {
  // The process's own three stay: who closes them means the process.
  if (fd <= 2) return;
  orThrow(ask("close", fd), { syscall: "close" });
  openPaths.delete(fd);
}

/** @param position -1: where the last one ended. @returns Fewer bytes at the end of the file. */
export function read(
  fd: number,
  length: number,
  position: number,
  told: Told = { syscall: "read" },
): Uint8Array {
  if (fd === 0) return new Uint8Array(0);
  return orThrow(ask("read", fd, Math.min(length, maxChunkBytes), position), told) as Uint8Array;
}

/** Everything from where the last one ended. */
export function readRest(fd: number): Buffer {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const chunk = read(fd, maxChunkBytes, -1);
    if (chunk.byteLength === 0) break;
    chunks.push(chunk);
    bytes += chunk.byteLength;
    // The host gives less than it was asked for at the end alone.
    if (chunk.byteLength < maxChunkBytes) break;
  }
  if (chunks.length === 1) return asBuffer(chunks[0]);
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return asBuffer(all);
}

/** All of it. @param position -1: where the last one ended. */
export function write(fd: number, bytes: Uint8Array, position: number): number {
  if (fd === 1 || fd === 2) {
    printBytes(fd, bytes);
    return bytes.byteLength;
  }
  let at = 0;
  do {
    const chunk = own(bytes.subarray(at, at + maxChunkBytes));
    at += numberOf(change("write", fd, chunk, position < 0 ? -1 : position + at), { syscall: "write" });
  } while (at < bytes.byteLength);
  return at;
}

/** Of a view the whole buffer would cross. */
export function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** The text of a descriptor's stats. */
export function fstat(fd: number, told: Told = { syscall: "fstat" }): string {
  const answer = fd <= 2 ? ask("stat", "/dev/null", true) : ask("fstat", fd);
  return orThrow(answer, told) as string;
}
