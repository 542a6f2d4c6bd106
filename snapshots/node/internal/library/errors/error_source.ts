import { requireInternal } from "../../../../registry.ts";

/** What `assert` says of a failed assertion without a message: the call's own text, from the function's files. */
const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
/** The names that lead to the function: `assert?.strict.ok`. */
const pathBefore = /[\p{ID_Continue}$.?[\]'"]*$/u;
/** A literal or a comment: brackets in it are none. */
const opaque = /^(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\/\*.*?\*\/|\/\/.*$)/s;

/** The call that begins in the line at the column, as far as the line has it. @param column From 0. */
export function expressionAt(line: string, column: number): string {
  const start = column - (pathBefore.exec(line.slice(0, column))?.[0].length ?? 0);
  const open: string[] = [];
  for (let at = column; at < line.length; at++) {
    const character = line[at]!;
    const skipped = opaque.exec(line.slice(at))?.[0];
    if (skipped !== undefined) at += skipped.length - 1;
    else if (closers[character] !== undefined) open.push(closers[character]);
    else if (character === open.at(-1)) {
      open.pop();
      if (open.length === 0) return line.slice(start, at + 1);
    } else if (character === ";" && open.length === 0) return line.slice(start, at);
  }
  return line.slice(start);
}

interface Location {
  readonly sourceLine: string;
  readonly startColumn: number;
}

/** Who called what made the error's stack. Undefined where the file is not among the function's. */
function locationOf(error: { stack?: unknown }): Location | undefined {
  const [, file, line, column] = /([^\s(]+):(\d+):(\d+)\)?$/.exec(String(error.stack)) ?? [];
  if (file === undefined || !file.startsWith("/")) return undefined;
  try {
    const { readFileSync } = requireInternal("node:fs") as {
      readFileSync(path: string, encoding: string): string;
    };
    const sourceLine = readFileSync(file, "utf8").split("\n", Number(line)).at(-1);
    return sourceLine === undefined ? undefined : { sourceLine, startColumn: Number(column) - 1 };
  } catch {
    return undefined;
  }
}

export const getErrorSourceLocation = (error: object): Location | undefined => locationOf(error);

export function getErrorSourceExpression(error: object): string | undefined {
  const location = locationOf(error);
  return location === undefined ? undefined : expressionAt(location.sourceLine, location.startColumn);
}
