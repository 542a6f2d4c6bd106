import type { EnvironmentLog } from "./environment-log.ts";
import type { HostProcess } from "./host-process.ts";
import type { RecordingSink } from "./recording.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import type { StartPlan } from "./start-plan.ts";
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
  /** How it is to become ready. */
  plan: StartPlan;
  /** Who waits for what it records; it serves nobody then. */
  readonly recording: RecordingSink | undefined;
  /** When it was asked for: epoch ms, and monotonic. */
  readonly askedAtMs: number;
  readonly askedMs = performance.now();
  /** Nobody waited for it when it was asked for. */
  isAhead = false;
  /** Whether the log says that it starts. */
  isStartLogged = false;
  /** Whether any event was sent to it. */
  wasSentTo = false;
  /** Monotonic ms at which its init must have ended. */
  openDeadlineMs: number;
  /** Monotonic ms from when on the next event brings new credentials. */
  renewAtMs = Number.POSITIVE_INFINITY;
  /** As its host last said. */
  memoryBytes = freshEnvironmentBytes;

  constructor(made: {
    id: number;
    pool: VersionPool;
    host: HostProcess;
    log: EnvironmentLog;
    openDeadlineMs: number;
    askedAtMs: number;
    plan: StartPlan;
    recording?: RecordingSink | undefined;
  }) {
    this.id = made.id;
    this.pool = made.pool;
    this.host = made.host;
    this.log = made.log;
    this.openDeadlineMs = made.openDeadlineMs;
    this.askedAtMs = made.askedAtMs;
    this.plan = made.plan;
    this.recording = made.recording;
  }

  /** It starts, says the log: once, and with the invocation that waits for it. */
  starts(invocation: RunningInvocation | undefined): void {
    if (this.isStartLogged) return;
    this.isStartLogged = true;
    if (this.plan.snapshot === undefined) this.log.initStarted(invocation);
    else this.log.restoreStarted(invocation);
  }

  /** Whether it may start with bytecode of its bundle, or have its host make that. */
  get usesCodeCache(): boolean {
    return this.recording === undefined && this.pool.spec.start !== "init";
  }

  /** Init runs instead, for a reason. */
  planFailed(reason: string): void {
    this.plan = { snapshot: undefined, reason };
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
