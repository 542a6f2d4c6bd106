/**
 * What node:process shows, kept in the base so that it costs nothing until a function asks for the module.
 * The bootstrap fills it before init.
 */
export interface ProcessEvents {
  emit(name: string, ...args: unknown[]): boolean;
  listenerCount(name: string): number;
}

export const processState = {
  /** process.env itself, behind the proxy that makes strings of values. */
  variables: {} as Record<string, string>,
  /** As in the function's configuration: `nodejs22.x`. */
  runtime: "nodejs24.x",
  memorySizeMb: 128,
  /** What relative paths start from, and what new files are not allowed. */
  directory: "/var/task",
  umask: 0o022,
  /** The process object once a function touched it: who emits `unhandledRejection` and its like asks it for listeners. */
  process: undefined as ProcessEvents | undefined,
  /** Logs the rest of a line that was printed, once something was: an event has ended, or the process. */
  flushOutput: undefined as (() => void) | undefined,
};
