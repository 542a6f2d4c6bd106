import { TooManyRequestsException } from "../model/errors.ts";
import type { InvokeOutcome, InvokeRequest } from "../model/invocation.ts";
import type { Environment } from "./environment.ts";
import type { Environments, EnvironmentUsers } from "./environments.ts";
import type { HostProcess } from "./host-process.ts";
import type { RunningInvocation } from "./running-invocation.ts";
import type { VersionPool } from "./version-pool.ts";

/** Times that hosts may say that they have not started it. An honest one says so once for each of its long turns. */
const maxBounces = 16;

/** The way of an invocation: to an environment, to another one if need be, and to its one end. */
export class Dispatcher implements EnvironmentUsers {
  readonly #onBug: (error: unknown) => void;
  #environments!: Environments;
  /** Those whose version runs apart, until a process may be started for them. */
  readonly #waiting: RunningInvocation[] = [];
  #nextSequence = 1;
  #running = 0;
  #onQuiet: (() => void) | undefined;
  /** The time to end in peace is over: nothing is tried again. */
  isClosed = false;

  constructor(onBug: (error: unknown) => void) {
    this.#onBug = onBug;
  }

  /** Environments and dispatcher know each other; the fleet makes both. */
  attach(environments: Environments): void {
    this.#environments = environments;
  }

  get running(): number {
    return this.#running;
  }

  /** @throws {TooManyRequestsException} No environment may be opened for it. */
  start(invocation: RunningInvocation): void {
    this.#running++;
    try {
      this.place(invocation);
    } catch (error) {
      this.#running--;
      throw error;
    }
  }

  /** Resolves when nothing runs any more, or after `timeoutMs`. */
  quiet(timeoutMs: number): Promise<void> {
    if (this.#running === 0 || timeoutMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#onQuiet = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** @param hasWaited It was let in already: whoever came later is behind it. */
  place(invocation: RunningInvocation, hasWaited = false): void {
    // Of a version that was retired meanwhile it is still that pool: a new one would be nobody's to retire.
    const { request } = invocation;
    invocation.pool ??= this.#environments.pool(request.spec, request.tenantId);
    const { pool } = invocation;
    // One that came back is not sent behind another again.
    const quick = invocation.bounces === 0 ? pool.busyButQuick() : undefined;
    if (quick !== undefined) {
      this.send(quick, invocation);
      return;
    }
    const environment = this.#environments.take(pool);
    if (environment !== undefined) this.send(environment, invocation);
    else if (this.#environments.mustWait(pool)) {
      if (!hasWaited) {
        this.#environments.checkRoomBehind(this.#waiting.length);
        invocation.sentMs = performance.now();
      }
      this.#waiting.push(invocation);
    } else this.#environments.open(pool, invocation);
  }

  /** A host has started or ended: who waits may go on, in the order in which they came. */
  placeWaiting(): void {
    for (const invocation of this.#waiting.splice(0)) this.#placeWaiter(invocation);
  }

  /** An environment is idle: who waits for one of its version goes on. Others need not be looked at. */
  placeWaitingFor(pool: VersionPool): void {
    const index = this.#waiting.findIndex((invocation) => invocation.pool === pool);
    if (index >= 0) for (const invocation of this.#waiting.splice(index, 1)) this.#placeWaiter(invocation);
  }

  #placeWaiter(invocation: RunningInvocation): void {
    try {
      this.place(invocation, true);
    } catch (error) {
      if (!(error instanceof TooManyRequestsException)) this.#onBug(error);
      this.settle(invocation, { kind: "exited", reason: "because there was no room for its environment" });
    }
  }

  isAwaited(pool: VersionPool): boolean {
    return this.#waiting.some((invocation) => invocation.pool === pool);
  }

  endWaiting(reason: string): void {
    for (const invocation of this.#waiting.splice(0)) this.settle(invocation, { kind: "exited", reason });
  }

  send(environment: Environment, invocation: RunningInvocation): void {
    if (environment.state === "opening" && !environment.isOpenSent) {
      // It goes to its host right behind the message that opens the environment.
      invocation.environment = environment;
      environment.firstInvocation = invocation;
      return;
    }
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
    if (environment.pool.spec.version === "$LATEST") environment.pool.sample(request.payload);
    environment.host.invocations.set(invocation.sequence, invocation);
    if (environment.state === "opening") {
      environment.firstInvocation = invocation;
      environment.starts(invocation);
    } else {
      environment.state = "busy";
      invocation.deadlineMs = nowMs + timeoutMs;
    }
    environment.host.sendInvoke(
      invocation.sequence,
      environment.id,
      timeoutMs,
      contextJson(
        environment.pool,
        request,
        nowMs < environment.renewAtMs ? undefined : this.#environments.issue(environment),
      ),
      request.payload,
    );
  }

  finished(environment: Environment, invocation: RunningInvocation): void {
    this.detach(environment, invocation);
    if (environment.inFlight === 0 && environment.state === "busy") this.#environments.release(environment);
  }

  /** The environment has nothing to do with it any more. */
  detach(environment: Environment, invocation: RunningInvocation): void {
    if (environment.host.invocations.delete(invocation.sequence)) environment.inFlight--;
    if (environment.firstInvocation === invocation) environment.firstInvocation = undefined;
  }

  /** The host gives it back: it has not started it, since the one before still ran or a turn took long. */
  bounced(host: HostProcess, id: number): void {
    const invocation = host.invocations.get(id);
    const environment = invocation?.environment;
    if (invocation === undefined || environment === undefined) return;
    environment.pool.bounced();
    // It may have carried credentials.
    if (environment.renewAtMs !== Number.POSITIVE_INFINITY) environment.renewAtMs = 0;
    this.finished(environment, invocation);
    invocation.bounces++;
    this.#placeAgain(invocation, "because its host did not answer");
  }

  /** Its host is lost to it. */
  moveOn(invocation: RunningInvocation, reason: string): void {
    invocation.attempts++;
    this.#placeAgain(invocation, reason);
  }

  #placeAgain(invocation: RunningInvocation, reason: string): void {
    if (invocation.isSettled) return;
    // What streams has started, whatever its host says.
    if (
      invocation.isStreaming ||
      !invocation.hasAttempts ||
      invocation.bounces > maxBounces ||
      this.isClosed
    ) {
      this.settle(invocation, { kind: "exited", reason });
      return;
    }
    invocation.environment = undefined;
    invocation.deadlineMs = Number.POSITIVE_INFINITY;
    try {
      this.place(invocation);
    } catch {
      this.settle(invocation, { kind: "exited", reason });
    }
  }

  settle(invocation: RunningInvocation, outcome: InvokeOutcome, durationMs?: number): void {
    if (invocation.isSettled) return;
    invocation.isSettled = true;
    this.#running--;
    const { environment } = invocation;
    environment?.host.invocations.delete(invocation.sequence);
    const report = {
      durationMs: durationMs ?? Math.max(0, performance.now() - invocation.sentMs),
      maxMemoryUsedMb: (environment?.memoryBytes ?? 0) / (1024 * 1024),
      ...(invocation.initDurationMs === undefined ? {} : { initDurationMs: invocation.initDurationMs }),
      ...(invocation.restoreDurationMs === undefined
        ? {}
        : { restoreDurationMs: invocation.restoreDurationMs }),
    };
    // The log comes after the response, unless the response carries it.
    if (invocation.wantsTail) environment?.log.ended(invocation, outcome, report);
    try {
      invocation.observer.settled(outcome, report, invocation.tail());
    } catch (error) {
      this.#onBug(error);
    }
    if (!invocation.wantsTail) environment?.log.ended(invocation, outcome, report);
    if (this.#running === 0) this.#onQuiet?.();
  }
}

function contextJson(
  pool: VersionPool,
  request: InvokeRequest,
  variables: Readonly<Record<string, string>> | undefined,
): string {
  const { requestId, invokedFunctionArn, traceId, clientContext, tenantId } = request;
  const arn =
    invokedFunctionArn === pool.spec.functionArn ? pool.arnJson : JSON.stringify(invokedFunctionArn);
  let json = `{"requestId":"${requestId}","invokedFunctionArn":${arn}`;
  if (traceId !== undefined) json += `,"traceId":${JSON.stringify(traceId)}`;
  if (clientContext !== undefined) json += `,"clientContext":${JSON.stringify(clientContext)}`;
  if (tenantId !== undefined) json += `,"tenantId":${JSON.stringify(tenantId)}`;
  if (variables !== undefined) json += `,"variables":${JSON.stringify(variables)}`;
  return `${json}}`;
}
