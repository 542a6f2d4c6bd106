import type { StartRecord } from "../model/starts.ts";
import type { VersionSpec } from "../model/version.ts";
import type { Environment } from "./environment.ts";

/** Invocations after which a version that behaved leaves probation. */
const probationInvocations = 50;
/** A turn longer than this stalls neighbours noticeably. */
const longTurnMs = 100;
/** One turn this long is enough to run apart from others. */
const hogTurnMs = 1000;
const longTurnsAllowed = 3;
/** Invocations in a row that answered in their first turn, after which the next ones may be sent in a row. */
const quickStreak = 32;
/** Events on their way to one environment. More would only fill the pipe. */
const maxInRow = 16;
/** Starts that are remembered of a version. */
export const mostStarts = 50;
/** Events that are kept as samples, and how long each may be. */
const mostEvents = 4;
const longestEvent = 64 * 1024;
/** A turn that others don't mind to wait for. */
const quickTurnMs = 1;

/** Where a version's environments belong. */
export type Placement = "newcomer" | "proven" | "solo";

/** What is known of a version's code, whichever of its pools showed it. */
export interface Conduct {
  placement: Placement;
}

export function newConduct({ environmentVariables }: VersionSpec): Conduct {
  return { placement: environmentVariables["BRISK_PLACEMENT"] === "solo" ? "solo" : "newcomer" };
}

/** The environments of one version, or of one tenant of it, and what its conduct says about where they may run. */
export class VersionPool {
  readonly spec: VersionSpec;
  /** Whose events alone it serves; absent where tenants are not kept apart. */
  readonly tenantId: string | undefined;
  /** The request's constant parts, made once. */
  readonly arnJson: string;
  /** Most recently used last: it is taken first, so that the others can grow old. */
  readonly idle: Environment[] = [];
  readonly environments = new Set<Environment>();
  isRetired = false;
  isMoving = false;
  /** Of the snapshots that hosts were sent for it. */
  readonly snapshotHashes = new Set<string>();
  /** A host ended while it was restored in it, maybe over something else: the next restore is by itself, and tells. */
  restoresApart = false;
  /** One more environment is about to be restored ahead. */
  isStocking = false;
  readonly #conduct: Conduct;
  readonly #starts: StartRecord[] = [];
  readonly #events: string[] = [];
  #invocations = 0;
  #quick = 0;
  /** The environment that was sent to last. */
  #recent: Environment | undefined;
  #longTurns = 0;

  /** @param conduct Shared by the pools of a version's tenants: they run the same code. */
  constructor(spec: VersionSpec, tenantId?: string, conduct = newConduct(spec)) {
    this.spec = spec;
    this.tenantId = tenantId;
    this.#conduct = conduct;
    this.arnJson = JSON.stringify(spec.functionArn);
  }

  get placement(): Placement {
    return this.#conduct.placement;
  }

  set placement(placement: Placement) {
    this.#conduct.placement = placement;
  }

  /**
   * An environment that will be free when the host gets to the next event, though it is busy now. Using few
   * environments keeps their heaps in the processor's caches.
   */
  busyButQuick(): Environment | undefined {
    const recent = this.#recent;
    if (this.#quick < quickStreak || recent?.state !== "busy" || recent.host.isSilent) return undefined;
    return recent.inFlight < maxInRow ? recent : undefined;
  }

  sentTo(environment: Environment): void {
    this.#recent = environment;
  }

  /** The idle environment that was used last, on a host that answers. */
  takeIdle(): Environment | undefined {
    const { idle } = this;
    for (let index = idle.length - 1; index >= 0; index--) {
      const environment = idle[index]!;
      if (environment.host.isSilent) continue;
      if (index === idle.length - 1) idle.pop();
      else idle.splice(index, 1);
      return environment;
    }
    return undefined;
  }

  /** Whether any environment but that one starts or runs an event. */
  isAtWork(but: Environment): boolean {
    for (const environment of this.environments) {
      if (environment !== but && environment.state !== "idle") return true;
    }
    return false;
  }

  get hasOpening(): boolean {
    return this.#opening() !== undefined;
  }

  /** One that is being restored ahead, and that nobody waits for yet. */
  takeOpening(): Environment | undefined {
    const environment = this.#opening();
    return environment?.host.isSilent === true ? undefined : environment;
  }

  #opening(): Environment | undefined {
    for (const environment of this.environments) {
      if (
        environment.isAhead &&
        environment.state === "opening" &&
        environment.firstInvocation === undefined
      ) {
        return environment;
      }
    }
    return undefined;
  }

  /** The newest first. */
  get starts(): readonly StartRecord[] {
    return this.#starts;
  }

  started(record: StartRecord): void {
    this.#starts.unshift(record);
    if (this.#starts.length > mostStarts) this.#starts.pop();
  }

  /** Events that it was given: samples for a snapshot's warm-up. */
  get events(): readonly string[] {
    return this.#events;
  }

  /** Keeps the first few events, but none of a tenant: others would start from heaps that have seen it. @param payload JSON text. */
  sample(payload: string | Uint8Array): void {
    if (this.tenantId !== undefined) return;
    if (this.#events.length >= mostEvents || payload.length > longestEvent) return;
    this.#events.push(typeof payload === "string" ? payload : Buffer.from(payload).toString("utf8"));
  }

  removeIdle(environment: Environment): void {
    const index = this.idle.indexOf(environment);
    if (index >= 0) this.idle.splice(index, 1);
  }

  /**
   * Learns from an invocation that ended.
   * @param inFirstTurn Nothing of it was asynchronous.
   * @param isFirst Of its environment: code is compiled in it, which says nothing of the next ones.
   */
  observe(turnMs: number, inFirstTurn: boolean, isFirst: boolean): void {
    this.#invocations++;
    this.#quick = inFirstTurn && turnMs < quickTurnMs ? this.#quick + 1 : 0;
    if (turnMs >= longTurnMs && !isFirst) {
      this.#longTurns++;
      if (turnMs >= hogTurnMs || this.#longTurns >= longTurnsAllowed) this.placement = "solo";
    } else if (
      this.placement === "newcomer" &&
      this.#invocations >= probationInvocations &&
      this.#longTurns === 0
    ) {
      this.placement = "proven";
    }
  }

  /** It was not as quick as thought. */
  bounced(): void {
    this.#quick = 0;
  }

  /** It took its host down: from now on it can only harm itself. */
  blame(): void {
    this.placement = "solo";
  }
}
