import type { EnvironmentLog } from "./environment-log.ts";
import type { HostProcess } from "./host-process.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import type { VersionPool } from "./version-pool.ts";

/** What a tiny environment takes, until its host says what it really is. */
export const freshEnvironmentBytes = 2 * 1024 * 1024;

/**
 * An execution environment from the supervisor's side.
 *
 *     opening ──► idle ◄──► busy        every state ──► gone
 */
export class Environment {
  readonly id: number;
  readonly pool: VersionPool;
  readonly host: HostProcess;
  readonly log: EnvironmentLog;
  state: "opening" | "idle" | "busy" | "gone" = "opening";
  invocation: RunningInvocation | undefined;
  /** Monotonic ms at which its init must have ended. */
  readonly openDeadlineMs: number;
  /** As its host last said. */
  memoryBytes = freshEnvironmentBytes;

  constructor(id: number, pool: VersionPool, host: HostProcess, log: EnvironmentLog, openDeadlineMs: number) {
    this.id = id;
    this.pool = pool;
    this.host = host;
    this.log = log;
    this.openDeadlineMs = openDeadlineMs;
  }
}
