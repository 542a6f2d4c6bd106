import { randomBytes } from "node:crypto";
import type { RemoteOperations } from "../egress/index.ts";
import type { Clock } from "../model/clock.ts";
import { TooManyRequestsException } from "../model/errors.ts";
import type {
  Invocation,
  InvocationObserver,
  InvokeOutcome,
  InvokeRequest,
  Invoker,
} from "../model/invocation.ts";
import type { VersionSpec } from "../model/version.ts";
import { Failure, FrameError, type FrameReader, FromHost } from "../model/wire/index.ts";
import type { LogStore } from "../observe/index.ts";
import { BundleCache, type BundleText } from "./bundle-cache.ts";
import { Environment, openingBytes } from "./environment.ts";
import { EnvironmentLog } from "./environment-log.ts";
import type { HostEnd, HostProcess } from "./host-process.ts";
import { Hosts } from "./hosts.ts";
import { IdleEnvironments } from "./idle-environments.ts";
import { openSettingsJson } from "./open-settings.ts";
import { RunningInvocation } from "./running-invocation.ts";
import { type Placement, VersionPool } from "./version-pool.ts";
import { Watch } from "./watch.ts";

export interface FleetOptions {
  readonly guestDir: string;
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly remote: RemoteOperations;
  readonly maxConcurrency: number;
  readonly maxEnvironments: number;
  readonly memoryBudgetBytes: number;
  readonly idleTimeoutMs: number;
  readonly initTimeoutMs: number;
  readonly logBytesPerInvocation: number;
  readonly spareHosts: number;
  /** A bug of ours: the environment it touched is stopped. */
  readonly onBug: (error: unknown) => void;
}

/** Times that an invocation is given to a host before its caller is told that hosts keep failing. */
const maxAttempts = 3;
/** Times that hosts may say that they have not started it. An honest one says so once for each of its long turns. */
const maxBounces = 16;
const megabyte = 1024 * 1024;
/** What V8 may hold of an isolate beside its function's memory. */
const heapOverheadMb = 64;
/** As the host's own operation has it. */
const maxLogCharacters = 256 * 1024;
const bundleCacheBytes = 128 * 1024 * 1024;

/** Every execution environment there is, and the way of an invocation through one. */
export class Fleet implements Invoker {
  readonly #options: FleetOptions;
  readonly #pools = new Map<string, VersionPool>();
  readonly #idle: IdleEnvironments;
  readonly #hosts: Hosts;
  readonly #watch: Watch;
  readonly #bundles = new BundleCache(bundleCacheBytes);
  readonly #environments = new Map<number, Environment>();
  #nextSequence = 1;
  #nextEnvironment = 1;
  #running = 0;
  /** Accepts nothing new. */
  #isClosing = false;
  /** The time to end in peace is over, too. */
  #isClosed = false;
  #onQuiet: (() => void) | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#idle = new IdleEnvironments({
      idleTimeoutMs: options.idleTimeoutMs,
      memoryBudgetBytes: options.memoryBudgetBytes,
      max: options.maxEnvironments,
      onRetire: (environment) => this.#retireEnvironment(environment),
    });
    this.#hosts = new Hosts(options.guestDir, options.spareHosts, {
      frame: (host, kind, id, frame) => this.#frame(host, kind, id, frame),
      ended: (host, end) => this.#hostEnded(host, end),
      bug: options.onBug,
    });
    this.#watch = new Watch(this.#hosts, () => this.#idle.sweep());
  }

  /** Counts for health and inspection. */
  get figures(): { running: number; environments: number; hosts: number } {
    return { running: this.#running, environments: this.#environments.size, hosts: this.#hosts.all.size };
  }

  invoke(request: InvokeRequest, observer: InvocationObserver, options?: { logTail?: boolean }): Invocation {
    if (this.#isClosing || this.#running >= this.#options.maxConcurrency) {
      throw new TooManyRequestsException("ConcurrentInvocationLimitExceeded");
    }
    const invocation = new RunningInvocation(request, observer, options?.logTail === true);
    this.#running++;
    try {
      this.#place(invocation);
    } catch (error) {
      this.#running--;
      throw error;
    }
    return invocation;
  }

  /** The version is not wanted any more: its idle environments end now, its busy ones after their event. */
  retire(key: string): void {
    const pool = this.#pools.get(key);
    if (pool === undefined) return;
    this.#pools.delete(key);
    pool.isRetired = true;
    for (const environment of [...pool.idle]) {
      this.#idle.take(environment);
      this.#close(environment);
    }
    if (pool.environments.size === 0) this.#dropBundle(pool);
  }

  /** The last environment of a version that is not wanted any more has ended. */
  #dropBundle(pool: VersionPool): void {
    const { hash } = pool.spec.bundle;
    for (const other of this.#pools.values()) if (other.spec.bundle.hash === hash) return;
    for (const host of this.#hosts.all) host.sendDropBundle(hash);
  }

  /** Waits for running invocations, at most `drainMs`, and ends every host. */
  async close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    if (this.#running > 0 && drainMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, drainMs);
        this.#onQuiet = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isClosed = true;
    this.#watch.close();
    for (const environment of [...this.#environments.values()]) {
      const unsent = environment.firstInvocation;
      for (const invocation of [
        ...this.#invocationsOf(environment),
        ...(unsent === undefined ? [] : [unsent]),
      ]) {
        this.#settle(invocation, { kind: "exited", reason: "because Brisk was stopped" });
      }
      environment.log.close();
    }
    await this.#hosts.close();
  }

  // ---- placing an invocation ----

  #place(invocation: RunningInvocation): void {
    const pool = this.#pool(invocation.request.spec);
    // One that came back is not sent behind another again.
    const quick = invocation.bounces === 0 ? pool.busyButQuick() : undefined;
    if (quick !== undefined) {
      this.#send(quick, invocation);
      return;
    }
    const environment = pool.takeIdle();
    if (environment !== undefined) {
      this.#idle.take(environment);
      this.#send(environment, invocation);
    } else this.#open(pool, invocation);
  }

  #pool(spec: VersionSpec): VersionPool {
    let pool = this.#pools.get(spec.key);
    if (pool === undefined) {
      pool = new VersionPool(spec);
      this.#pools.set(spec.key, pool);
    }
    return pool;
  }

  #send(environment: Environment, invocation: RunningInvocation): void {
    const { request } = invocation;
    const { timeoutMs } = environment.pool.spec;
    const nowMs = performance.now();
    invocation.sequence = this.#nextSequence;
    this.#nextSequence = this.#nextSequence >= 0x7fffffff ? 1 : this.#nextSequence + 1;
    invocation.environment = environment;
    invocation.sentMs = nowMs;
    invocation.isFirst = !environment.wasSentTo;
    environment.wasSentTo = true;
    environment.inFlight++;
    environment.pool.sentTo(environment);
    environment.host.invocations.set(invocation.sequence, invocation);
    if (environment.state === "opening") {
      environment.firstInvocation = invocation;
      environment.log.initStarted(invocation);
    } else {
      environment.state = "busy";
      invocation.deadlineMs = nowMs + timeoutMs;
    }
    environment.host.sendInvoke(
      invocation.sequence,
      environment.id,
      timeoutMs,
      contextJson(environment.pool, request),
      request.payload,
    );
  }

  /** A cold start: an environment that opens, with the invocation right behind. */
  #open(pool: VersionPool, invocation: RunningInvocation | undefined): Environment {
    this.#makeRoom(pool.placement);
    const host = this.#hosts.choose(pool.placement, pool.spec.memorySizeMb);
    const { clock, logs, initTimeoutMs } = this.#options;
    const id = this.#nextEnvironment++;
    const log = new EnvironmentLog(logs, clock, pool.spec, randomBytes(16).toString("hex"));
    const environment = new Environment(id, pool, host, log, performance.now() + initTimeoutMs);
    this.#environments.set(id, environment);
    pool.environments.add(environment);
    host.environments.set(id, environment);
    const { bundle } = pool.spec;
    if (host.bundles.has(bundle.hash)) this.#sendOpen(environment, invocation);
    else {
      const text = this.#bundles.peek(bundle.hash);
      if (text !== undefined) this.#sendOpen(environment, invocation, text);
      else {
        if (invocation !== undefined) {
          invocation.environment = environment;
          environment.firstInvocation = invocation;
        }
        this.#bundles.read(bundle).then(
          (read) => this.#sendOpen(environment, invocation, read),
          (error: unknown) => {
            this.#options.onBug(
              new Error(`Cannot read the bundle of ${pool.spec.functionArn}`, { cause: error }),
            );
            if (environment.state === "gone") return;
            environment.firstInvocation = undefined;
            this.#forget(environment);
            if (invocation !== undefined) {
              this.#settle(invocation, {
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
    for (const environment of this.#environments.values()) memoryBytes += environment.heldBytes;
    for (;;) {
      const isFull = this.#environments.size >= this.#options.maxEnvironments;
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
      this.#close(environment);
      return;
    }
    environment.isOpenSent = true;
    const { hash } = pool.spec.bundle;
    if (text !== undefined && !host.bundles.has(hash)) host.sendBundle(hash, text.script, text.map);
    host.sendOpen(environment.id, openSettingsJson(pool.spec, log.streamName, this.#options));
    if (invocation !== undefined) this.#send(environment, invocation);
    else log.initStarted(undefined);
  }

  // ---- what hosts say ----

  #frame(host: HostProcess, kind: number, id: number, frame: FrameReader): void {
    switch (kind) {
      case FromHost.result:
        this.#ended(host, id, frame, (payload) => ({ kind: "success", payload }));
        break;
      case FromHost.failure:
        this.#failed(host, id, frame);
        break;
      case FromHost.streamChunk: {
        const invocation = host.invocations.get(id);
        if (!invocation?.isStreaming) break;
        const bytes = frame.ownBytes();
        if (invocation.received(bytes.byteLength)) invocation.observer.chunk(bytes);
        else throw new FrameError("A host sent more of a stream than its client's window");
        break;
      }
      case FromHost.streamHead: {
        const invocation = host.invocations.get(id);
        if (invocation === undefined || invocation.isStreaming) break;
        invocation.isStreaming = true;
        // Its client left before it was known to stream.
        if (invocation.isAborted) invocation.abort();
        invocation.observer.streamStarted(frame.string());
        break;
      }
      case FromHost.streamEnd:
        this.#ended(host, id, frame, () => ({ kind: "streamed" }));
        break;
      case FromHost.opened:
        this.#opened(host, id, frame.f64());
        break;
      case FromHost.openFailed:
        this.#openFailed(host, id, frame);
        break;
      case FromHost.log:
        this.#logged(host, id, frame);
        break;
      case FromHost.operation:
        this.#operation(host, id, frame);
        break;
      case FromHost.closed: {
        const environment = host.environments.get(id);
        if (environment !== undefined) this.#forget(environment);
        break;
      }
      case FromHost.bounced:
        this.#bounced(host, id);
        break;
      case FromHost.ready:
        host.isReady = true;
        break;
      case FromHost.longTurn:
        this.#longTurn(host, id, frame.u32(), frame.u32());
        break;
      case FromHost.turnEnded:
        this.#turnEnded(host, id);
        break;
    }
  }

  #opened(host: HostProcess, id: number, initDurationMs: number): void {
    const environment = host.environments.get(id);
    if (environment?.state !== "opening" || !environment.isOpenSent) return;
    this.#initEnded(host);
    const invocation = environment.firstInvocation;
    environment.firstInvocation = undefined;
    if (invocation === undefined) {
      this.#release(environment);
      return;
    }
    environment.state = "busy";
    invocation.initDurationMs = duration(initDurationMs) ?? 0;
    invocation.deadlineMs = performance.now() + environment.pool.spec.timeoutMs;
  }

  /** A host runs one init after the other: the time of those that wait starts anew. */
  #initEnded(host: HostProcess): void {
    const deadlineMs = performance.now() + this.#options.initTimeoutMs;
    for (const environment of host.environments.values()) {
      if (environment.state === "opening") environment.openDeadlineMs = deadlineMs;
    }
  }

  #openFailed(host: HostProcess, id: number, frame: FrameReader): void {
    const environment = host.environments.get(id);
    if (environment?.state !== "opening") return;
    const failure = frame.u8();
    const outcome = outcomeOf(failure, frame.bytes(), environment.pool.spec, true);
    const invocation = environment.firstInvocation;
    const initMs = performance.now() - (environment.openDeadlineMs - this.#options.initTimeoutMs);
    environment.log.initFailed(initMs, outcome.kind === "timedOut", errorTypeOf(outcome), invocation);
    if (invocation !== undefined) this.#detach(environment, invocation);
    this.#forget(environment);
    this.#initEnded(host);
    if (invocation === undefined) return;
    this.#settle(
      invocation,
      // Lambda gives an init that took too long to the first event as the runtime's own failure.
      outcome.kind === "timedOut" ? { kind: "timedOut", timeoutMs: this.#options.initTimeoutMs } : outcome,
    );
  }

  #ended(
    host: HostProcess,
    id: number,
    frame: FrameReader,
    outcomeFor: (payload: Buffer) => InvokeOutcome,
  ): void {
    const invocation = host.invocations.get(id);
    const environment = invocation?.environment;
    if (invocation === undefined || environment === undefined) return;
    const durationMs = duration(frame.f64());
    readMeasures(environment, frame);
    const outcome = outcomeFor(frame.bytesOrNothing());
    this.#finished(environment, invocation);
    this.#settle(invocation, outcome, durationMs);
  }

  #failed(host: HostProcess, id: number, frame: FrameReader): void {
    const invocation = host.invocations.get(id);
    const environment = invocation?.environment;
    if (invocation === undefined || environment === undefined) return;
    const durationMs = duration(frame.f64());
    readMeasures(environment, frame);
    const failure = frame.u8();
    const lives = frame.u8() === 1;
    const outcome = outcomeOf(failure, frame.bytes(), environment.pool.spec, !lives);
    if (lives) this.#finished(environment, invocation);
    else {
      this.#detach(environment, invocation);
      this.#forget(environment);
    }
    this.#settle(invocation, outcome, durationMs);
  }

  #finished(environment: Environment, invocation: RunningInvocation): void {
    this.#detach(environment, invocation);
    if (environment.inFlight === 0 && environment.state === "busy") this.#release(environment);
  }

  /** The environment has nothing to do with it any more. */
  #detach(environment: Environment, invocation: RunningInvocation): void {
    if (environment.host.invocations.delete(invocation.sequence)) environment.inFlight--;
    if (environment.firstInvocation === invocation) environment.firstInvocation = undefined;
  }

  /** The host gives it back: it has not started it, since the one before still ran or a turn took long. */
  #bounced(host: HostProcess, id: number): void {
    const invocation = host.invocations.get(id);
    const environment = invocation?.environment;
    if (invocation === undefined || environment === undefined) return;
    environment.pool.bounced();
    this.#finished(environment, invocation);
    invocation.bounces++;
    this.#placeAgain(invocation, "because its host did not answer");
  }

  #logged(host: HostProcess, id: number, frame: FrameReader): void {
    const environment = host.environments.get(id);
    if (environment === undefined) return;
    const named = host.invocations.get(frame.u32());
    const invocation = named?.environment === environment ? named : undefined;
    // During init the lines belong to no request, but to whoever waits for it.
    const timeMs = frame.f64();
    environment.log.console(timeMs, frame.string(), frame.string().slice(0, maxLogCharacters), invocation);
  }

  #operation(host: HostProcess, id: number, frame: FrameReader): void {
    if (!host.environments.has(id)) return;
    const number = frame.u32();
    const call = frame.u8() === 1 ? -number : number;
    const operation = frame.string();
    const args = frame.values();
    this.#options.remote.start({ environmentId: id, operation, args }, (error, value) => {
      if (host.environments.has(id)) host.sendCompletion(id, call, error, value);
    });
  }

  /** What waits behind a long turn has not been started, and goes to another host; the turn itself may go on. */
  #longTurn(host: HostProcess, sequence: number, lastStarted: number, report: number): void {
    // Reports have a pipe of their own: the end of that turn may have been faster.
    if (report <= host.endedLongTurns) return;
    host.isSilent = true;
    host.longTurn = { invocation: sequence, lastStarted };
    this.#moveUnstarted(host, sequence, lastStarted);
  }

  /** Until it reads `resume` it bounces what it reads: some of that was moved already. */
  #turnEnded(host: HostProcess, report: number): void {
    host.endedLongTurns = report;
    host.isSilent = false;
    host.longTurn = undefined;
    host.sendResume(report);
  }

  /** @see Host: what is moved here is what it bounces or forgets behind that turn. */
  #moveUnstarted(host: HostProcess, sequence: number, lastStarted: number): void {
    for (const invocation of [...host.invocations.values()]) {
      const { environment } = invocation;
      if (environment === undefined || invocation.sequence <= lastStarted) continue;
      // Closing one environment moves all that wait for it.
      if (host.invocations.get(invocation.sequence) !== invocation) continue;
      // The turn may be the init that it waits for.
      if (sequence === 0 && invocation.isFirst) continue;
      this.#detach(environment, invocation);
      if (environment.inFlight === 0) this.#close(environment);
      this.#moveOn(invocation, "because its host did not answer");
    }
  }

  /** A host is gone: everything in it is, too. */
  #hostEnded(host: HostProcess, end: HostEnd): void {
    this.#hosts.remove(host);
    const inFlight = [...host.invocations.values()];
    // Those whose environment still waits for its bundle have not been sent.
    const unsent: RunningInvocation[] = [];
    for (const { firstInvocation } of host.environments.values()) {
      if (firstInvocation !== undefined && !host.invocations.has(firstInvocation.sequence)) {
        unsent.push(firstInvocation);
      }
    }
    for (const environment of host.environments.values()) environment.firstInvocation = undefined;
    host.invocations.clear();
    // One that has not even started did not break because of what it was sent.
    const suspects = !host.isReady
      ? []
      : inFlight.filter((invocation) => end.culprit === undefined || invocation.sequence === end.culprit);
    if (end.cause !== "closed") for (const suspect of suspects) suspect.environment?.pool.blame();
    const lastStarted = host.longTurn?.lastStarted;
    // Whose init had not ended has not been given to its handler; whether it or something else broke the host shows
    // when it is tried again, alone.
    const opening = new Set(inFlight.filter((invocation) => invocation.environment?.state === "opening"));
    for (const environment of [...host.environments.values()]) this.#forget(environment);
    for (const invocation of inFlight) {
      const isCulprit = suspects.length === 1 && suspects[0] === invocation;
      const hasStarted = host.isReady && (lastStarted === undefined || invocation.sequence <= lastStarted);
      const mayTryAgain = opening.has(invocation) && (end.cause === "crash" || !isCulprit);
      if (mayTryAgain || (!isCulprit && !hasStarted)) this.#moveOn(invocation, end.detail);
      else {
        const { spec } = invocation.request;
        const timeoutMs = opening.has(invocation) ? this.#options.initTimeoutMs : spec.timeoutMs;
        this.#settle(invocation, outcomeOfEnd(end, isCulprit, spec, timeoutMs));
      }
    }
    for (const invocation of unsent) this.#moveOn(invocation, end.detail);
  }

  /** Its host is lost to it. */
  #moveOn(invocation: RunningInvocation, reason: string): void {
    invocation.attempts++;
    this.#placeAgain(invocation, reason);
  }

  #placeAgain(invocation: RunningInvocation, reason: string): void {
    if (invocation.isSettled) return;
    // What streams has started, whatever its host says.
    if (
      invocation.isStreaming ||
      invocation.attempts >= maxAttempts ||
      invocation.bounces > maxBounces ||
      this.#isClosed
    ) {
      this.#settle(invocation, { kind: "exited", reason });
      return;
    }
    invocation.environment = undefined;
    invocation.deadlineMs = Number.POSITIVE_INFINITY;
    try {
      this.#place(invocation);
    } catch {
      this.#settle(invocation, { kind: "exited", reason });
    }
  }

  // ---- the life of environments ----

  /** The environment is free again: idle, or closed if nobody will want it. */
  #release(environment: Environment): void {
    const { pool } = environment;
    if (pool.isRetired || this.#isClosing) {
      this.#close(environment);
      return;
    }
    if (pool.placement !== environment.host.role && this.#moveEnvironment(environment)) return;
    environment.state = "idle";
    pool.idle.push(environment);
    this.#idle.add(environment);
  }

  /**
   * A version that left probation gets its environments elsewhere: one after another, each opened before the old
   * one closes, so that no request waits for it.
   */
  #moveEnvironment(environment: Environment): boolean {
    const { pool } = environment;
    if (pool.placement === "solo") {
      this.#close(environment);
      return true;
    }
    if (pool.isMoving || this.#environments.size >= this.#options.maxEnvironments) return false;
    pool.isMoving = true;
    // Not in this turn: an answer is on its way to a client.
    setImmediate(() => {
      pool.isMoving = false;
      if (this.#isClosing || pool.isRetired || environment.state !== "idle") return;
      pool.removeIdle(environment);
      this.#idle.take(environment);
      this.#close(environment);
      try {
        this.#open(pool, undefined);
      } catch {
        // No room: the next request starts cold.
      }
    });
    return false;
  }

  #retireEnvironment(environment: Environment): void {
    environment.pool.removeIdle(environment);
    this.#close(environment);
  }

  #close(environment: Environment): void {
    if (environment.state === "gone") return;
    environment.host.sendClose(environment.id);
    this.#forget(environment);
  }

  #forget(environment: Environment): void {
    if (environment.state === "gone") return;
    if (environment.state === "idle") {
      environment.pool.removeIdle(environment);
      this.#idle.take(environment);
    }
    environment.state = "gone";
    // What was sent behind the event that ended it has not been started, nor what waits for the bundle.
    const waiting = environment.inFlight > 0 ? this.#invocationsOf(environment) : [];
    for (const invocation of waiting) this.#detach(environment, invocation);
    const unsent = environment.firstInvocation;
    environment.firstInvocation = undefined;
    if (unsent !== undefined) waiting.push(unsent);
    this.#environments.delete(environment.id);
    const { pool } = environment;
    pool.environments.delete(environment);
    if (pool.isRetired && pool.environments.size === 0) this.#dropBundle(pool);
    environment.host.environments.delete(environment.id);
    this.#options.remote.environmentClosed(environment.id);
    this.#hosts.environmentGone(environment.host);
    // After what is still to be logged of its last invocation.
    setImmediate(() => environment.log.close());
    for (const invocation of waiting) this.#moveOn(invocation, "because its environment ended");
  }

  #invocationsOf(environment: Environment): RunningInvocation[] {
    return [...environment.host.invocations.values()].filter((one) => one.environment === environment);
  }

  #settle(invocation: RunningInvocation, outcome: InvokeOutcome, durationMs?: number): void {
    if (invocation.isSettled) return;
    invocation.isSettled = true;
    this.#running--;
    const { environment } = invocation;
    environment?.host.invocations.delete(invocation.sequence);
    const report = {
      durationMs: durationMs ?? Math.max(0, performance.now() - invocation.sentMs),
      maxMemoryUsedMb: (environment?.memoryBytes ?? 0) / (1024 * 1024),
      ...(invocation.initDurationMs === undefined ? {} : { initDurationMs: invocation.initDurationMs }),
    };
    // The log comes after the response, unless the response carries it.
    if (invocation.wantsTail) environment?.log.ended(invocation, outcome, report);
    try {
      invocation.observer.settled(outcome, report, invocation.tail());
    } catch (error) {
      this.#options.onBug(error);
    }
    if (!invocation.wantsTail) environment?.log.ended(invocation, outcome, report);
    if (this.#running === 0) this.#onQuiet?.();
  }
}

/** A time that a host says, if it can be one. */
function duration(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function readMeasures(environment: Environment, frame: FrameReader): void {
  const longestTurnMs = frame.f64();
  const memoryBytes = frame.f64();
  // What a host says of its memory decides what others get, so it counts up to what its function may have.
  const maxBytes = (environment.pool.spec.memorySizeMb + heapOverheadMb) * megabyte;
  if (memoryBytes > 0) environment.memoryBytes = Math.min(memoryBytes, maxBytes);
  environment.pool.observe(longestTurnMs, frame.u8() === 1);
}

function contextJson(pool: VersionPool, request: InvokeRequest): string {
  const { requestId, invokedFunctionArn, traceId, clientContext } = request;
  const arn =
    invokedFunctionArn === pool.spec.functionArn ? pool.arnJson : JSON.stringify(invokedFunctionArn);
  let json = `{"requestId":"${requestId}","invokedFunctionArn":${arn}`;
  if (traceId !== undefined) json += `,"traceId":${JSON.stringify(traceId)}`;
  if (clientContext !== undefined) json += `,"clientContext":${JSON.stringify(clientContext)}`;
  return `${json}}`;
}

/** @param isFatal The environment ended with it. */
function outcomeOf(failure: number, detail: Buffer, spec: VersionSpec, isFatal: boolean): InvokeOutcome {
  switch (failure) {
    case Failure.functionError:
      return { kind: "functionError", payload: detail, errorType: errorTypeIn(detail), fatal: isFatal };
    case Failure.timedOut:
      return { kind: "timedOut", timeoutMs: spec.timeoutMs };
    case Failure.cpuTimeExceeded:
      return { kind: "cpuTimeExceeded", cpuTimeMs: spec.cpuTimeMs };
    case Failure.outOfMemory:
      return { kind: "outOfMemory", memorySizeMb: spec.memorySizeMb };
    case Failure.aborted:
      return { kind: "aborted" };
    default:
      return { kind: "exited", reason: detail.toString("utf8").slice(0, 200) };
  }
}

/** @param timeoutMs Of the phase that it was in. */
function outcomeOfEnd(end: HostEnd, isCulprit: boolean, spec: VersionSpec, timeoutMs: number): InvokeOutcome {
  if (!isCulprit)
    return { kind: "exited", reason: "with error: signal: killed (another function took the host down)" };
  if (end.cause === "outOfMemory") return { kind: "outOfMemory", memorySizeMb: spec.memorySizeMb };
  if (end.cause === "deadline") return { kind: "timedOut", timeoutMs };
  return { kind: "exited", reason: end.detail };
}

function errorTypeIn(json: Buffer): string {
  try {
    const parsed = JSON.parse(json.toString("utf8")) as { errorType?: unknown };
    return typeof parsed.errorType === "string" ? parsed.errorType.slice(0, 100) : "Unknown";
  } catch {
    return "Unknown";
  }
}

function errorTypeOf(outcome: InvokeOutcome): string {
  if (outcome.kind === "functionError") return outcome.errorType;
  return outcome.kind === "outOfMemory" ? "Runtime.OutOfMemory" : "Runtime.ExitError";
}
