import { callSync, type Value } from "../../bridge.ts";
import { processState } from "../../process-state.ts";
import { codeOfErrno, systemError } from "./system-errors.ts";

/** Longest path that the host takes. All that it holds are names too long for any folder. */
const maxPathCharacters = 16_000;
const nameTooLong = -36;
const eagain = 11;

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

/** The answer, or the error that it stands for. @throws {Error} */
export function orThrow(answer: Value, { syscall, path, dest }: Told): Value {
  if (typeof answer === "number" && answer < 0) throw systemError(codeOfErrno(-answer), syscall, path, dest);
  return answer;
}

export function numberOf(answer: Value, told: Told): number {
  return orThrow(answer, told) as number;
}

export function textOf(answer: Value, told: Told): string {
  return orThrow(answer, told) as string;
}

export const isErrno = (answer: Value, errno: number): boolean => answer === -errno;
export const errnoOf = {
  ENOENT: 2,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EFBIG: 27,
  ENOTEMPTY: 39,
  EAGAIN: eagain,
};

/** The path from the root, for the host; errors have it as it was given. */
export function absolute(path: string): string {
  return path.startsWith("/") || path === "" ? path : `${processState.directory}/${path}`;
}
