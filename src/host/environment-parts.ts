import type { LoadedBundle } from "./bundle.ts";
import type { HostFiles } from "./files/index.ts";
import type { FrozenHeap } from "./guest-isolate.ts";
import type { GuestHeap } from "./heap.ts";
import type { InspectedIsolate } from "./inspected-isolate.ts";
import type { RunOutbox } from "./invocation-run.ts";
import type { IsolateStock } from "./isolate-stock.ts";
import type { LoadedSnapshot } from "./loaded-snapshot.ts";
import type { EnvironmentOutbox } from "./outbox.ts";
import type { TapeRecorder } from "./tape-recorder.ts";
import type { TurnWatch } from "./turn-watch.ts";

/** What an environment is made of, and whom it tells. */
export interface EnvironmentParts {
  readonly bundle: LoadedBundle;
  readonly heap: GuestHeap;
  readonly isolates: IsolateStock;
  readonly watch: TurnWatch;
  /** Absent: it finds no files, and can't write any. */
  readonly files?: HostFiles;
  /** Makes its isolate, where debuggers may stop it. */
  readonly inspect?: ((heap: FrozenHeap) => InspectedIsolate) | undefined;
  /** The heap of the version's own to start from. */
  readonly snapshot?: LoadedSnapshot | undefined;
  readonly outbox: RunOutbox &
    Pick<EnvironmentOutbox, "operation" | "log" | "opened" | "openFailed" | "closed">;
  readonly onOpened: () => void;
  /** The heap that it was to start from is of no use; this environment has ended. */
  readonly onRestoreFailed?: ((reason: string) => void) | undefined;
  /** Why it does not start from a snapshot, though its version has one. */
  readonly startReason?: string | undefined;
  /** Calls of an environment that had its id before: their answers may still come. */
  readonly callsBefore?: number | undefined;
  /** Bytecode of the bundle that it made, or none when V8 refused what there was. */
  readonly onCode?: ((bytes: Uint8Array | undefined) => void) | undefined;
  /** Where everything is written down, if init is to be frozen. */
  readonly tape?: TapeRecorder | undefined;
}
