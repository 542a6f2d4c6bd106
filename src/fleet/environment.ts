import type { EnvironmentLog } from "./environment-log.ts";
import type { HostProcess } from "./host-process.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import type { Placement, VersionPool } from "./version-pool.ts";

/** What a tiny environment takes, until its host says what it really is. */
export const freshEnvironmentBytes = 2 * 1024 * 1024;

/** What a host process takes, which one that runs apart has to itself. */
const soloHostBytes = 64 * 1024 * 1024;

/** What an environment of that placement takes to begin with. */
export function openingBytes(placement: Placement): number {
  return freshEnvironmentBytes + (placement === "solo" ? soloHostBytes : 0);
}

/**
 * An execution environment from the supervisor's side.
 *
 *     opening ──► idle ◄──► busy        every state ──► gone
 *
 * It runs one event at a time. While its version answers within one turn, further events may already be on their way
 * to it, one behind the other: by the time the host reads the next, the one before is done.
 */
export class Environment {
  readonly id: number;
  readonly pool: VersionPool;
  readonly host: HostProcess;
  readonly log: EnvironmentLog;
  state: "opening" | "idle" | "busy" | "gone" = "opening";
  /** The event that came with its cold start, until init is over. */
  firstInvocation: RunningInvocation | undefined;
  /** Events that were sent to it and have not ended. */
  inFlight = 0;
  /** Whether its host was told to open it: that waits for the bundle. */
  isOpenSent = false;
  /** Whether any event was sent to it. */
  wasSentTo = false;
  /** Monotonic ms at which its init must have ended. */
  openDeadlineMs: number;
  /** As its host last said. */
  memoryBytes = freshEnvironmentBytes;

  constructor(id: number, pool: VersionPool, host: HostProcess, log: EnvironmentLog, openDeadlineMs: number) {
    this.id = id;
    this.pool = pool;
    this.host = host;
    this.log = log;
    this.openDeadlineMs = openDeadlineMs;
  }

  /** All that would be free without it. */
  get heldBytes(): number {
    return this.memoryBytes + (this.host.role === "solo" ? soloHostBytes : 0);
  }
}

/** What was sent to it and has not ended. */
export function invocationsOf(environment: Environment): RunningInvocation[] {
  return [...environment.host.invocations.values()].filter((one) => one.environment === environment);
}
