import buffer from "node:buffer";
import { callSync, type Value } from "../../../bridge.ts";
import { processState } from "../../../process-state.ts";
import type { Buffer } from "../buffer-type.ts";
import { codeOfErrno, systemError } from "../system-errors.ts";
import { noteChange } from "./changes.ts";

/** As Node's library hands them on: text, or the bytes of it. Names are UTF-8. */
export type Path = string | Uint8Array;

/** Longest path that the host takes. All that it holds are names too long for any folder. */
const maxPathCharacters = 16_000;
const nameTooLong = -36;

/** What the error of an operation names. */
export interface Told {
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

/** A file operation of the host: an answer, or a negative errno. */
export function ask(operation: string, ...args: Value[]): Value {
  for (const arg of args) if (typeof arg === "string" && arg.length > maxPathCharacters) return nameTooLong;
  return callSync(`fs.${operation}`, ...args);
}

/** As `ask`, of what changes a file: who watches it is told. */
export function change(operation: string, ...args: Value[]): Value {
  const before = noteChange.before?.(operation, args);
  const answer = ask(operation, ...args);
  if (noteChange.after !== undefined && !(typeof answer === "number" && answer < 0))
    noteChange.after(operation, args, before);
  return answer;
}

/** The answer, or the error that it stands for. @throws {Error} */
export function orThrow(answer: Value, told: Told): Value {
  if (typeof answer === "number" && answer < 0) throw fileError(answer, told);
  return answer;
}

/** @param errno Negative. */
export function fileError(errno: number, { syscall, path, dest }: Told): Error {
  return systemError(codeOfErrno(-errno), syscall, path, dest);
}

export const numberOf = (answer: Value, told: Told): number => orThrow(answer, told) as number;
export const textOf = (answer: Value, told: Told): string => orThrow(answer, told) as string;

export const isErrno = (answer: Value, errno: number): boolean => answer === -errno;
export const errnoOf = {
  ENOENT: 2,
  EBADF: 9,
  EACCES: 13,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  ENOTEMPTY: 39,
};

export function pathText(path: Path): string {
  if (typeof path === "string") return path;
  return buffer.Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString();
}

/** The path from the root, for the host; errors have it as it was given. */
export function absolute(path: string): string {
  return path.startsWith("/") || path === "" ? path : `${processState.directory}/${path}`;
}

/** A name in the encoding that was asked for. */
export function encodedName(text: string, encoding: string | null | undefined): string | Buffer {
  if (!encoding || encoding === "utf8" || encoding === "utf-8") return text;
  const bytes = buffer.Buffer.from(text);
  return encoding === "buffer" ? bytes : bytes.toString(encoding);
}
