import { randomBytes } from "node:crypto";
import { TooManyRequestsException } from "../model/errors.ts";
import type { InvokeOutcome } from "../model/invocation.ts";
import type { VersionSpec } from "../model/version.ts";
import { Environment, invocationsOf, openingBytes } from "./environment.ts";
import { EnvironmentLog } from "./environment-log.ts";
import type { FleetOptions } from "./fleet.ts";
import type { HostProcess } from "./host-process.ts";
import type { Hosts } from "./hosts.ts";
import { IdleEnvironments } from "./idle-environments.ts";
import { type Materials, Opening, type Rehearsals } from "./opening.ts";
import { Pools } from "./pools.ts";
import { RecordingSink, rehearsals } from "./recording.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import { Spares } from "./spares.ts";
import { planStart, type StartPlan } from "./start-plan.ts";
import { type Placement, VersionPool } from "./version-pool.ts";

/** What becomes of invocations when something happens to their environment. */
export interface EnvironmentUsers {
  send(environment: Environment, invocation: RunningInvocation): void;
  detach(environment: Environment, invocation: RunningInvocation): void;
  moveOn(invocation: RunningInvocation, reason: string): void;
  settle(invocation: RunningInvocation, outcome: InvokeOutcome): void;
  /** An environment of the version became idle: somebody may wait for one. */
  placeWaitingFor(pool: VersionPool): void;
  isAwaited(pool: VersionPool): boolean;
}

/** The execution environments that there are: who opens, waits idle, moves and ends. */
export class Environments {
  readonly #options: FleetOptions;
  readonly #hosts: Hosts;
  readonly #invocations: EnvironmentUsers;
  readonly #pools = new Pools();
  readonly #idle: IdleEnvironments;
  readonly #opening: Opening;
  readonly #spares: Spares;
  readonly #all = new Map<number, Environment>();
  #nextEnvironment = 1;
  /** Nothing new is accepted: what becomes free ends. */
  isClosing = false;

  constructor(options: FleetOptions, hosts: Hosts, invocations: EnvironmentUsers) {
    this.#options = options;
    this.#hosts = hosts;
    this.#invocations = invocations;
    this.#opening = new Opening(options);
    this.#spares = new Spares(this, options, (pool, plan) => {
      this.#open(pool, undefined, plan).isAhead = true;
    });
    this.#idle = new IdleEnvironments({
      idleTimeoutMs: options.idleTimeoutMs,
      memoryBudgetBytes: options.memoryBudgetBytes,
      max: options.maxEnvironments,
      onRetire: (environment) => {
        environment.pool.removeIdle(environment);
        this.close(environment);
      },
    });
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Environment> {
    return this.#all.values();
  }

  /** Ends those that were idle for too long. */
  sweep(): void {
    this.#idle.sweep();
    this.#pools.sweep((pool) => this.#invocations.isAwaited(pool));
  }

  /** An idle environment of the version, or one that is being restored ahead, which is the caller's now. */
  take(pool: VersionPool): Environment | undefined {
    const environment = pool.takeIdle();
    if (environment !== undefined) this.#idle.take(environment);
    const taken = environment ?? pool.takeOpening();
    if (taken !== undefined) this.stockUp(pool);
    return taken;
  }

  /** New credentials for an environment, as variables. */
  issue(environment: Environment): Readonly<Record<string, string>> {
    return this.#opening.issue(environment);
  }

  /** The demand for the version rose, or its snapshot is new. */
  stockUp(pool: VersionPool): void {
    this.#spares.stockUp(pool);
  }

  /** Runs the version's init apart from all others, and what it asks of its host is written down. */
  record(spec: VersionSpec, events: readonly string[], signal: AbortSignal): RecordingSink {
    const pool = new VersionPool(spec);
    pool.placement = "solo";
    pool.isRetired = true;
    const sink = new RecordingSink();
    if (signal.aborted || this.isClosing) {
      sink.failed("Nobody waits for it any more");
      return sink;
    }
    try {
      const environment = this.#open(
        pool,
        undefined,
        { snapshot: undefined, reason: "" },
        { sink, events: rehearsals(spec, events) },
      );
      // Whoever waits behind it for a build of their own need not wait for this one's end.
      const end = () => this.close(environment);
      signal.addEventListener("abort", end, { once: true });
      void sink.outcome.then(() => signal.removeEventListener("abort", end));
    } catch (error) {
      sink.noRoom(error instanceof Error ? error.message : String(error));
    }
    return sink;
  }

  /** Those of the version: none if it was never used. */
  poolsOf(key: string): readonly VersionPool[] {
    return this.#pools.ofVersion(key);
  }

  pools(): Iterable<VersionPool> {
    return this.#pools;
  }

  /** Ends the version's idle environments. @returns How many. */
  retireIdle(key: string): number {
    const idle = this.poolsOf(key).flatMap((pool) => pool.idle);
    for (const environment of idle) this.close(environment);
    return idle.length;
  }

  /** The version is not wanted any more: its idle environments end now, its busy ones after their event. */
  retire(spec: VersionSpec): void {
    const { key } = spec;
    // An earlier process may have kept some for one that was not used since.
    this.#options.codeCaches.forget(spec);
    for (const host of this.#hosts.all) host.codeCaches.delete(key);
    for (const pool of this.#pools.remove(key)) {
      pool.isRetired = true;
      for (const environment of [...pool.idle]) {
        this.#idle.take(environment);
        this.close(environment);
      }
      if (pool.environments.size === 0) this.#dropBundle(pool);
    }
  }

  pool(spec: VersionSpec, tenantId?: string): VersionPool {
    const pool = this.#pools.of(spec, tenantId);
    // Where one is stopped, all of its host's would be without their limits of time.
    if (this.#options.inspections !== undefined) pool.placement = "solo";
    return pool;
  }

  /** A cold start: an environment that opens, with the invocation right behind. */
  open(pool: VersionPool, invocation: RunningInvocation | undefined): Environment {
    const plan = invocation?.isLastAttempt
      ? { snapshot: undefined, reason: "hosts were lost over its start: this one is by init" }
      : planStart(pool.spec, this.#options.snapshots);
    const environment = this.#open(pool, invocation, plan);
    if (invocation !== undefined) this.stockUp(pool);
    return environment;
  }

  /** Whether its environment would run apart, and others that do are being started already. */
  mustWait(pool: VersionPool): boolean {
    if ((pool.placement !== "solo" && !pool.restoresApart) || !this.#hosts.areMostStarting) return false;
    return placementOf(pool, planStart(pool.spec, this.#options.snapshots)) === "solo";
  }

  /**
   * @param waiting How many wait for an environment that runs apart.
   * @throws {TooManyRequestsException} There would be no room for one more behind them.
   */
  checkRoomBehind(waiting: number): void {
    let count = waiting + 1;
    let memoryBytes = count * openingBytes("solo");
    for (const { state, heldBytes } of this.#all.values()) {
      // What is idle makes room.
      if (state === "idle") continue;
      count++;
      memoryBytes += heldBytes;
    }
    if (count <= this.#options.maxEnvironments && memoryBytes <= this.#options.memoryBudgetBytes) return;
    throw new TooManyRequestsException("ConcurrentInvocationLimitExceeded");
  }

  #open(
    pool: VersionPool,
    invocation: RunningInvocation | undefined,
    plan: StartPlan,
    record?: { sink: RecordingSink; events: Rehearsals },
  ): Environment {
    const placement = placementOf(pool, plan);
    this.#makeRoom(placement);
    const host = this.#hosts.choose(placement, pool.spec.memorySizeMb);
    const { clock, logs } = this.#options;
    const id = this.#nextEnvironment++;
    const log = new EnvironmentLog(logs, clock, pool.spec, randomBytes(16).toString("hex"));
    const environment = new Environment({
      id,
      pool,
      host,
      log,
      openDeadlineMs: performance.now() + this.#opening.timeoutMs(pool.spec, record?.events),
      askedAtMs: clock.now(),
      plan,
      recording: record?.sink,
    });
    this.#all.set(id, environment);
    pool.environments.add(environment);
    host.environments.set(id, environment);
    // From here on whatever ends the environment takes care of its invocation, too.
    if (invocation !== undefined) {
      invocation.environment = environment;
      environment.firstInvocation = invocation;
    }
    const materials = this.#opening.materials(environment);
    if (!(materials instanceof Promise)) this.#sendOpen(environment, materials, record?.events);
    else {
      materials.then(
        (read) => this.#sendOpen(environment, read, record?.events),
        (error: unknown) => this.#cannotRead(environment, error),
      );
    }
    return environment;
  }

  #cannotRead(environment: Environment, error: unknown): void {
    const { functionArn } = environment.pool.spec;
    this.#options.onBug(new Error(`Cannot read the bundle of ${functionArn}`, { cause: error }));
    if (environment.state === "gone") return;
    const invocation = environment.firstInvocation;
    environment.firstInvocation = undefined;
    this.forget(environment);
    if (invocation === undefined) return;
    this.#invocations.settle(invocation, {
      kind: "exited",
      reason: "because the function's code could not be read",
    });
  }

  /** Retires idle environments until there is room for one more. @throws {TooManyRequestsException} All are busy. */
  #makeRoom(placement: Placement): void {
    let memoryBytes = openingBytes(placement);
    for (const environment of this.#all.values()) memoryBytes += environment.heldBytes;
    for (;;) {
      const isFull = this.#all.size >= this.#options.maxEnvironments;
      if (!isFull && memoryBytes <= this.#options.memoryBudgetBytes) return;
      const retired = this.#idle.retireOldest();
      if (retired === undefined) throw new TooManyRequestsException("ConcurrentInvocationLimitExceeded");
      memoryBytes -= retired.heldBytes;
    }
  }

  #sendOpen(environment: Environment, materials: Materials, rehearsed?: Rehearsals): void {
    // The host may have died while the bundle was read: then the invocation was placed anew.
    if (environment.state === "gone") return;
    // A recording has its host to itself: one that starts slowly is as good as any other.
    if (environment.host.isSilent && environment.recording === undefined) {
      // A long turn began meanwhile: whoever waits is served elsewhere.
      this.close(environment);
      return;
    }
    const inspections = environment.recording === undefined ? this.#options.inspections : undefined;
    environment.host.isInspected = inspections !== undefined;
    this.#opening.send(environment, materials, rehearsed);
    inspections?.opened(environment);
    const { plan, pool, firstInvocation } = environment;
    if (plan.snapshot !== undefined) pool.snapshotHashes.add(plan.snapshot.hash);
    if (firstInvocation !== undefined) this.#invocations.send(environment, firstInvocation);
    else environment.starts(undefined);
  }

  /** A host runs one init after the other: the time of those that wait starts anew. */
  initEnded(host: HostProcess): void {
    const deadlineMs = performance.now() + this.#options.initTimeoutMs;
    for (const environment of host.environments.values()) {
      if (environment.state === "opening") environment.openDeadlineMs = deadlineMs;
    }
  }

  /** The environment is free again: idle, or closed if nobody will want it. */
  release(environment: Environment): void {
    const { pool } = environment;
    if (pool.isRetired || this.isClosing) {
      this.close(environment);
      return;
    }
    if (pool.placement !== environment.host.role && this.#moveEnvironment(environment)) return;
    environment.state = "idle";
    pool.idle.push(environment);
    this.#idle.add(environment);
    this.#invocations.placeWaitingFor(pool);
  }

  #moveEnvironment(environment: Environment): boolean {
    const { pool } = environment;
    if (pool.placement === "solo") {
      this.close(environment);
      return true;
    }
    if (pool.isMoving || this.#all.size >= this.#options.maxEnvironments) return false;
    // A move is a start more: it can wait until the version is quiet, and the next event's end asks for it again.
    if (this.#hosts.isRushed || pool.isAtWork(environment)) return false;
    pool.isMoving = true;
    // Not in this turn: an answer is on its way to a client.
    setImmediate(() => {
      pool.isMoving = false;
      if (this.isClosing || pool.isRetired || environment.state !== "idle") return;
      pool.removeIdle(environment);
      this.#idle.take(environment);
      this.close(environment);
      try {
        this.open(pool, undefined);
      } catch {
        // No room: the next request starts cold.
      }
    });
    return false;
  }

  close(environment: Environment): void {
    if (environment.state === "gone") return;
    environment.host.sendClose(environment.id);
    this.forget(environment);
  }

  forget(environment: Environment): void {
    if (environment.state === "gone") return;
    if (environment.state === "idle") {
      environment.pool.removeIdle(environment);
      this.#idle.take(environment);
    }
    environment.state = "gone";
    // What was sent behind the event that ended it has not been started, nor what waits for the bundle.
    const waiting = environment.inFlight > 0 ? invocationsOf(environment) : [];
    for (const invocation of waiting) this.#invocations.detach(environment, invocation);
    environment.recording?.failed("Init's environment ended before it was recorded", true);
    const unsent = environment.firstInvocation;
    environment.firstInvocation = undefined;
    if (unsent !== undefined) waiting.push(unsent);
    this.#all.delete(environment.id);
    const { pool } = environment;
    pool.environments.delete(environment);
    if (pool.isRetired && pool.environments.size === 0) this.#dropBundle(pool);
    environment.host.environments.delete(environment.id);
    this.#options.remote.environmentClosed(environment.id);
    this.#options.inspections?.gone(environment);
    this.#hosts.environmentGone(environment.host);
    // After what is still to be logged of its last invocation.
    setImmediate(() => environment.log.close());
    for (const invocation of waiting) this.#invocations.moveOn(invocation, "because its environment ended");
  }

  /** The last environment of a version that is not wanted any more has ended. */
  #dropBundle(pool: VersionPool): void {
    for (const host of this.#hosts.all) for (const hash of pool.snapshotHashes) host.snapshots.drop(hash);
    const { hash } = pool.spec.bundle;
    for (const other of this.#pools) if (other.spec.bundle.hash === hash) return;
    for (const host of this.#hosts.all) host.sendDropBundle(hash);
  }
}

/** A heap in whose restore a host ended is restored by itself. */
function placementOf({ placement, restoresApart }: VersionPool, { snapshot }: StartPlan): Placement {
  return snapshot !== undefined && restoresApart ? "solo" : placement;
}
