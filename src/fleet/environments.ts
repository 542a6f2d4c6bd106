import { randomBytes } from "node:crypto";
import { TooManyRequestsException } from "../model/errors.ts";
import type { InvokeOutcome } from "../model/invocation.ts";
import type { VersionSpec } from "../model/version.ts";
import { BundleCache, type BundleText } from "./bundle-cache.ts";
import { Environment, invocationsOf, openingBytes } from "./environment.ts";
import { EnvironmentLog } from "./environment-log.ts";
import type { FleetOptions } from "./fleet.ts";
import type { HostProcess } from "./host-process.ts";
import type { Hosts } from "./hosts.ts";
import { IdleEnvironments } from "./idle-environments.ts";
import { openSettingsJson } from "./open-settings.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import { type Placement, VersionPool } from "./version-pool.ts";

const bundleCacheBytes = 128 * 1024 * 1024;

/** What becomes of invocations when something happens to their environment. */
export interface EnvironmentUsers {
  send(environment: Environment, invocation: RunningInvocation): void;
  detach(environment: Environment, invocation: RunningInvocation): void;
  moveOn(invocation: RunningInvocation, reason: string): void;
  settle(invocation: RunningInvocation, outcome: InvokeOutcome): void;
}

/** The execution environments that there are: who opens, waits idle, moves and ends. */
export class Environments {
  readonly #options: FleetOptions;
  readonly #hosts: Hosts;
  readonly #invocations: EnvironmentUsers;
  readonly #pools = new Map<string, VersionPool>();
  readonly #idle: IdleEnvironments;
  readonly #bundles = new BundleCache(bundleCacheBytes);
  readonly #all = new Map<number, Environment>();
  #nextEnvironment = 1;
  /** Nothing new is accepted: what becomes free ends. */
  isClosing = false;

  constructor(options: FleetOptions, hosts: Hosts, invocations: EnvironmentUsers) {
    this.#options = options;
    this.#hosts = hosts;
    this.#invocations = invocations;
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
  }

  /** An idle environment of the version, which is the caller's now. */
  take(pool: VersionPool): Environment | undefined {
    const environment = pool.takeIdle();
    if (environment !== undefined) this.#idle.take(environment);
    return environment;
  }

  /** The version is not wanted any more: its idle environments end now, its busy ones after their event. */
  retire(key: string): void {
    const pool = this.#pools.get(key);
    if (pool === undefined) return;
    this.#pools.delete(key);
    pool.isRetired = true;
    for (const environment of [...pool.idle]) {
      this.#idle.take(environment);
      this.close(environment);
    }
    if (pool.environments.size === 0) this.#dropBundle(pool);
  }

  pool(spec: VersionSpec): VersionPool {
    let pool = this.#pools.get(spec.key);
    if (pool === undefined) {
      pool = new VersionPool(spec);
      this.#pools.set(spec.key, pool);
    }
    return pool;
  }

  /** A cold start: an environment that opens, with the invocation right behind. */
  open(pool: VersionPool, invocation: RunningInvocation | undefined): Environment {
    this.#makeRoom(pool.placement);
    const host = this.#hosts.choose(pool.placement, pool.spec.memorySizeMb);
    const { clock, logs, initTimeoutMs } = this.#options;
    const id = this.#nextEnvironment++;
    const log = new EnvironmentLog(logs, clock, pool.spec, randomBytes(16).toString("hex"));
    const environment = new Environment(id, pool, host, log, performance.now() + initTimeoutMs);
    this.#all.set(id, environment);
    pool.environments.add(environment);
    host.environments.set(id, environment);
    // From here on whatever ends the environment takes care of its invocation, too.
    if (invocation !== undefined) {
      invocation.environment = environment;
      environment.firstInvocation = invocation;
    }
    const { bundle } = pool.spec;
    if (host.bundles.has(bundle.hash)) this.#sendOpen(environment, invocation);
    else {
      const text = this.#bundles.peek(bundle.hash);
      if (text !== undefined) this.#sendOpen(environment, invocation, text);
      else {
        this.#bundles.read(bundle).then(
          (read) => this.#sendOpen(environment, invocation, read),
          (error: unknown) => {
            this.#options.onBug(
              new Error(`Cannot read the bundle of ${pool.spec.functionArn}`, { cause: error }),
            );
            if (environment.state === "gone") return;
            environment.firstInvocation = undefined;
            this.forget(environment);
            if (invocation !== undefined) {
              this.#invocations.settle(invocation, {
                kind: "exited",
                reason: "because the function's code could not be read",
              });
            }
          },
        );
      }
    }
    return environment;
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

  #sendOpen(environment: Environment, invocation: RunningInvocation | undefined, text?: BundleText): void {
    const { host, pool, log } = environment;
    // The host may have died while the bundle was read: then the invocation was placed anew.
    if (environment.state === "gone") return;
    if (host.isSilent) {
      // A long turn began meanwhile: whoever waits is served elsewhere.
      this.close(environment);
      return;
    }
    environment.isOpenSent = true;
    const { hash } = pool.spec.bundle;
    if (text !== undefined && !host.bundles.has(hash)) host.sendBundle(hash, text.script, text.map);
    host.sendOpen(environment.id, openSettingsJson(pool.spec, log.streamName, this.#options));
    if (invocation !== undefined) this.#invocations.send(environment, invocation);
    else log.initStarted(undefined);
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
  }

  #moveEnvironment(environment: Environment): boolean {
    const { pool } = environment;
    if (pool.placement === "solo") {
      this.close(environment);
      return true;
    }
    if (pool.isMoving || this.#all.size >= this.#options.maxEnvironments) return false;
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
    const unsent = environment.firstInvocation;
    environment.firstInvocation = undefined;
    if (unsent !== undefined) waiting.push(unsent);
    this.#all.delete(environment.id);
    const { pool } = environment;
    pool.environments.delete(environment);
    if (pool.isRetired && pool.environments.size === 0) this.#dropBundle(pool);
    environment.host.environments.delete(environment.id);
    this.#options.remote.environmentClosed(environment.id);
    this.#hosts.environmentGone(environment.host);
    // After what is still to be logged of its last invocation.
    setImmediate(() => environment.log.close());
    for (const invocation of waiting) this.#invocations.moveOn(invocation, "because its environment ended");
  }

  /** The last environment of a version that is not wanted any more has ended. */
  #dropBundle(pool: VersionPool): void {
    const { hash } = pool.spec.bundle;
    for (const other of this.#pools.values()) if (other.spec.bundle.hash === hash) return;
    for (const host of this.#hosts.all) host.sendDropBundle(hash);
  }
}
