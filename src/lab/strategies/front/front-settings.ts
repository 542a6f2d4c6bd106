/** Which start a request belongs to: one that was not seen before is a cold one. */
export const startHeader = "brisk-start";
/** The body is the event. */
export const eventHeader = "brisk-event";
/** Phases of the start, JSON, in the answer to its first request. */
export const phasesHeader = "brisk-phases";

export interface FrontSettings {
  readonly kind: "process" | "worker" | "vm";
  /** File of the function's bundle. */
  readonly bundle: string;
  /** File of the program that a process or a worker runs. */
  readonly program: string;
  /** Of temporary files. */
  readonly folder: string;
  /** Of a process: the runtime and its flags. */
  readonly command?: readonly string[];
}
