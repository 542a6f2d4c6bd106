import { randomUUID } from "node:crypto";
import type { InvokeOutcome } from "../model/invocation.ts";
import { maxTapeBytes } from "../model/tape.ts";
import type { VersionSpec } from "../model/version.ts";
import type { OpenSettings } from "../model/wire/index.ts";
import type { HostEnd } from "./host-process.ts";
import { outcomeOfEnd } from "./outcome.ts";

/** What came of running a version's init to write it down. */
export type RecordingOutcome =
  /** `json`: a Recording, as a host made it: not to be trusted. */
  | { readonly kind: "recorded"; readonly json: Buffer }
  /** Init did not end well, or the environment did not get that far. */
  | {
      readonly kind: "failed";
      readonly code: "InitFailed" | "NotFreezable" | "NoRoom";
      readonly message: string;
      /** Nothing of the function's: it may go better in a while. */
      readonly isTransient: boolean;
    };

/** Init of a version with SnapStart may take 130 s where that of others may take 10 (spec: limits.md). */
const timesInit = 13;

/** Wall time that init may take while it is recorded, ms. @param initTimeoutMs Of other versions. */
export function recordingTimeoutMs(spec: VersionSpec, initTimeoutMs: number): number {
  return Math.max(timesInit * initTimeoutMs, spec.timeoutMs);
}

/** Base64 and JSON make a tape longer than what is on it. */
const maxRecordingBytes = 2 * maxTapeBytes;
/** Charged for each piece: an honest host sends them a megabyte long. */
const pieceOverheadBytes = 4096;

/** Collects what one environment recorded; settles once, whatever ends that environment. */
export class RecordingSink {
  readonly outcome: Promise<RecordingOutcome>;
  readonly #settle: (outcome: RecordingOutcome) => void;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<RecordingOutcome>();
    this.outcome = promise;
    this.#settle = resolve;
  }

  /** @returns Whether it may go on: a host that sends more than a recording can be is not to be listened to. */
  piece(bytes: Buffer): boolean {
    // Many small pieces take more than what is in them.
    this.#bytes += bytes.byteLength + pieceOverheadBytes;
    if (this.#bytes > maxRecordingBytes) return false;
    this.#pieces.push(bytes);
    return true;
  }

  done(): void {
    this.#settle({ kind: "recorded", json: Buffer.concat(this.#pieces) });
  }

  /** Init did not end well. */
  failed(message: string, isTransient = false): void {
    this.#settle({ kind: "failed", code: "InitFailed", message, isTransient });
  }

  /** It was not begun. @param why In words, of the server's state. */
  noRoom(why: string): void {
    const message = `There was no room to run init: ${why}`;
    this.#settle({ kind: "failed", code: "NoRoom", message, isTransient: true });
  }

  /** The host is gone, which had nothing else to do. */
  lost(end: HostEnd, spec: VersionSpec, initTimeoutMs: number): void {
    if (end.cause === "closed") return;
    const message = initFailure(outcomeOfEnd(end, true, spec, 0), spec, initTimeoutMs);
    // What is over its limits stays so. A process that ended may have been ended from outside.
    this.failed(message, end.cause !== "outOfMemory" && end.cause !== "deadline");
  }

  /** Init ended well, but left something behind that is not in the heap. */
  notFreezable(message: string): void {
    this.#settle({ kind: "failed", code: "NotFreezable", message, isTransient: false });
  }
}

/** Sample events as a host runs them: with a context of their own. */
export function rehearsals(
  spec: VersionSpec,
  events: readonly string[],
): NonNullable<OpenSettings["record"]>["events"] {
  return events.map((event) => ({
    context: JSON.stringify({ requestId: randomUUID(), invokedFunctionArn: spec.functionArn }),
    event,
  }));
}

/** In words for the function's owner. */
export function initFailure(outcome: InvokeOutcome, spec: VersionSpec, initTimeoutMs: number): string {
  switch (outcome.kind) {
    case "timedOut":
      return `Init took longer than ${recordingTimeoutMs(spec, initTimeoutMs)} ms`;
    case "cpuTimeExceeded":
      return "Init used up its CPU time";
    case "outOfMemory":
      return `Init needs more than the function's ${outcome.memorySizeMb} MB of memory`;
    case "exited":
      return `Init ended the process ${outcome.reason}`;
    case "functionError":
      return `Init failed: ${errorText(outcome.payload)}`;
    default:
      return "Init did not end as an init does";
  }
}

function errorText(payload: Uint8Array): string {
  const text = Buffer.from(payload).toString("utf8");
  try {
    const { errorType, errorMessage } = JSON.parse(text) as { errorType?: string; errorMessage?: string };
    return `${errorType}: ${errorMessage}`.slice(0, 1000);
  } catch {
    return text.slice(0, 1000);
  }
}
