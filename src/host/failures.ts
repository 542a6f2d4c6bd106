import { layerRoot, taskRoot } from "../model/function-folders.ts";
import { Failure } from "../model/wire/index.ts";
import type { TurnEnd } from "./guest-isolate.ts";

export type FailureCode = (typeof Failure)[keyof typeof Failure];

/** What the supervisor is told of a turn that ended an environment. */
export function failureOf(
  end: Exclude<TurnEnd, { kind: "done" }>,
  exitReason: string,
): [FailureCode, string] {
  switch (end.kind) {
    case "limit":
      return [Failure[end.limit], ""];
    case "outOfMemory":
      return [Failure.outOfMemory, ""];
    case "disposed":
      return [Failure.exited, exitReason];
    case "unhandledRejection":
      return [Failure.functionError, unhandledRejection(end.reason)];
  }
}

/** In words, what a turn of restoring or of its hooks ended in. */
export function restoreFailureOf(end: Exclude<TurnEnd, { kind: "done" }>, exitReason: string): string {
  switch (end.kind) {
    case "limit":
      return "its hooks took too much time";
    case "outOfMemory":
      return "it took more than the function's memory";
    case "disposed":
      return `its hooks ended the process ${exitReason}`;
    case "unhandledRejection":
      return messageOf(unhandledRejection(end.reason));
  }
}

/** `type: message` of an error as it goes to the supervisor. */
export function messageOf(errorJson: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(errorJson) as {
      errorType?: string;
      errorMessage?: string;
    };
    return `${errorType}: ${errorMessage}`.slice(0, 500);
  } catch {
    return errorJson.slice(0, 500);
  }
}

/** What a rejection may be told of: the rest would not fit into a frame. */
const maxMessageCharacters = 100_000;
const maxTraceLines = 100;
const maxLineCharacters = 1000;

function unhandledRejection(reason: unknown): string {
  const message = textOf(reason);
  const stack =
    reason instanceof Error
      ? String(reason.stack ?? "")
          .split("\n", maxTraceLines)
          .slice(1)
      : [];
  return JSON.stringify({
    errorType: "Runtime.UnhandledPromiseRejection",
    errorMessage: message,
    trace: [
      `Runtime.UnhandledPromiseRejection: ${message}`,
      ...stack.filter(isUserFrame).map((line) => line.slice(0, maxLineCharacters)),
    ],
  });
}

/** What isolated-vm adds to a guest's stack, before frames of our own. */
const boundary = "\n    at (<isolated-vm boundary>)";

/** A rejection that nobody handled, as the guest is told of it: it made every word of it itself. */
export function rejectionArguments(reason: unknown): unknown[] {
  if (!(reason instanceof Error)) return [false, typeof reason === "bigint" ? String(reason) : reason];
  const stack = String(reason.stack ?? "");
  const end = stack.indexOf(boundary);
  return [true, reason.name, reason.message, end < 0 ? stack : stack.slice(0, end)];
}

function isUserFrame(line: string): boolean {
  return line.includes(`${taskRoot}/`) || line.includes(`${layerRoot}/`);
}

/** A bundle that V8 does not take. */
export function loaderError(error: unknown): string {
  const message = textOf(error);
  return JSON.stringify({
    errorType: "Runtime.UserCodeSyntaxError",
    errorMessage: message,
    trace: [message],
  });
}

/** The guest chose it, as long as it liked. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, maxMessageCharacters);
}
