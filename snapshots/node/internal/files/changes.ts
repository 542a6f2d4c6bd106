import type { Value } from "../../../bridge.ts";

type Arguments = readonly Value[];

/** Who is told of changes: nobody, until something is watched. Only the function itself changes its files. */
export const noteChange: {
  /** What it answers is handed to `after`. */
  before: ((operation: string, args: Arguments) => unknown) | undefined;
  after: ((operation: string, args: Arguments, before: unknown) => void) | undefined;
} = { before: undefined, after: undefined };

/** What was opened, by descriptor, under which absolute path. */
export const openPaths = new Map<number, string>();
