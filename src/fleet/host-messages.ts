import type { RemoteOperations } from "../egress/index.ts";
import type { InvokeOutcome } from "../model/invocation.ts";
import type { StartRecord } from "../model/starts.ts";
import type { StartStrategy } from "../model/version.ts";
import { FrameError, type FrameReader, FromHost, maxCodeCacheBytes, Start } from "../model/wire/index.ts";
import type { CodeCacheSource } from "./code-cache-source.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { Environment } from "./environment.ts";
import type { Environments } from "./environments.ts";
import type { HostProcess } from "./host-process.ts";
import type { Inspections } from "./inspections.ts";
import { errorTypeOf, outcomeOf } from "./outcome.ts";
import { initFailure } from "./recording.ts";
import type { SnapshotSource } from "./start-plan.ts";

const megabyte = 1024 * 1024;
const strategies: Readonly<Record<number, StartStrategy>> = {
  [Start.init]: "init",
  [Start.codeCache]: "code-cache",
  [Start.snapshot]: "snapshot",
};
/** What V8 may hold of an isolate beside its function's memory. */
const heapOverheadMb = 64;
/** As the host's own operation has it. */
const maxLogCharacters = 256 * 1024;

/**
 * What hosts say. Each frame may come from a guest that broke out: it counts only for environments and invocations
 * which that host holds, and what it claims is bounded.
 */
export class HostMessages {
  readonly #environments: Environments;
  readonly #invocations: Dispatcher;
  readonly #remote: RemoteOperations;
  readonly #initTimeoutMs: number;
  readonly #snapshots: SnapshotSource;
  readonly #codeCaches: CodeCacheSource;
  readonly #inspections: Inspections | undefined;
  /** Restores that init had to replace. */
  failedRestores = 0;

  constructor(
    environments: Environments,
    invocations: Dispatcher,
    options: {
      remote: RemoteOperations;
      initTimeoutMs: number;
      snapshots: SnapshotSource;
      codeCaches: CodeCacheSource;
      inspections?: Inspections | undefined;
    },
  ) {
    this.#environments = environments;
    this.#invocations = invocations;
    this.#remote = options.remote;
    this.#initTimeoutMs = options.initTimeoutMs;
    this.#snapshots = options.snapshots;
    this.#codeCaches = options.codeCaches;
    this.#inspections = options.inspections;
  }

  frame(host: HostProcess, kind: number, id: number, frame: FrameReader): void {
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
        this.#opened(host, id, frame);
        break;
      case FromHost.restoreFailed:
        this.#restoreFailed(host, id, frame.string());
        break;
      case FromHost.recording: {
        const sink = host.environments.get(id)?.recording;
        if (sink?.piece(frame.ownBytes()) === false)
          throw new FrameError("A host sent more than a recording holds");
        break;
      }
      case FromHost.codeCache:
        this.#codeCache(host, id, frame);
        break;
      case FromHost.inspected: {
        const environment = host.environments.get(id);
        if (environment !== undefined)
          this.#inspections?.received(environment, frame.u32(), frame.u8() === 1, frame.ownBytes());
        break;
      }
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
        if (environment !== undefined) this.#environments.forget(environment);
        break;
      }
      case FromHost.bounced:
        this.#invocations.bounced(host, id);
        break;
      case FromHost.ready:
        host.isReady = true;
        this.#invocations.placeWaiting();
        break;
      case FromHost.longTurn:
        this.#longTurn(host, id, frame.u32(), frame.u32());
        break;
      case FromHost.turnEnded:
        this.#turnEnded(host, id);
        break;
    }
  }

  #opened(host: HostProcess, id: number, frame: FrameReader): void {
    const environment = host.environments.get(id);
    if (environment?.state !== "opening" || !environment.isOpenSent) return;
    this.#environments.initEnded(host);
    if (environment.recording !== undefined) {
      const open = this.#remote.openFetches(id);
      const [socket] = this.#remote.openSockets(id);
      if (open > 0) {
        environment.recording.notFreezable(
          `${open} responses to requests of init were not read to their end`,
        );
      } else if (socket !== undefined) {
        environment.recording.notFreezable(
          `a socket to ${socket} was still open when init had ended: connect when the first event comes, or end it in a ` +
            "hook that awslambda.snapstart.registerBeforeSnapshot takes",
        );
      } else environment.recording.done();
      this.#environments.close(environment);
      return;
    }
    const start = startOf(environment, frame);
    // What the host says counts for what it was asked to do.
    const isRestored = start.strategy === "snapshot" && environment.plan.snapshot !== undefined;
    const durationMs = duration(start.openMs) ?? 0;
    environment.pool.started(start.record);
    environment.memoryBytes = Math.max(environment.memoryBytes, start.record.memoryBytes);
    const invocation = environment.firstInvocation;
    environment.firstInvocation = undefined;
    if (isRestored) {
      environment.log.restored(durationMs, invocation);
      environment.pool.restoresApart = false;
      this.#snapshots.restored(environment.pool.spec);
    }
    if (invocation === undefined) {
      this.#environments.release(environment);
      return;
    }
    environment.state = "busy";
    if (isRestored) invocation.restoreDurationMs = durationMs;
    else invocation.initDurationMs = durationMs;
    invocation.deadlineMs = performance.now() + environment.pool.spec.timeoutMs;
  }

  /** The environment goes on by init, which the log says and the snapshot's keeper hears. */
  #restoreFailed(host: HostProcess, id: number, reason: string): void {
    const environment = host.environments.get(id);
    if (environment?.state !== "opening" || environment.plan.snapshot === undefined) return;
    const said = reason.slice(0, 500);
    // Init starts from nothing: what the hooks asked for is not to be met again.
    this.#remote.environmentClosed(id);
    const invocation = environment.firstInvocation;
    const durationMs = performance.now() - environment.askedMs;
    environment.log.restoreFailed(durationMs, "Runtime.RestoreFailed", invocation);
    environment.log.initStarted(invocation);
    environment.planFailed(`its snapshot could not be restored: ${said}`);
    // Init has all of its time, however long the hooks took.
    environment.openDeadlineMs = performance.now() + this.#initTimeoutMs;
    this.failedRestores++;
    this.#snapshots.failed(environment.pool.spec, said);
  }

  /**
   * Believed once, and of a host that never ran another function: whoever broke out in one that did could make bytecode
   * for a neighbour's environment, and run as that neighbour in every other host. What one tenant's events led to is not
   * for the hosts of other tenants either.
   */
  #codeCache(host: HostProcess, id: number, frame: FrameReader): void {
    const environment = host.environments.get(id);
    if (environment === undefined || !environment.usesCodeCache || environment.pool.isRetired) return;
    const { spec } = environment.pool;
    const held = host.codeCaches.get(spec.key);
    const bytes = frame.ownBytes();
    if (bytes.byteLength > maxCodeCacheBytes)
      throw new FrameError("A host sent more than a code cache holds");
    if (bytes.byteLength === 0) {
      if (held !== "given") return;
      host.codeCaches.set(spec.key, "refused");
      this.#codeCaches.rejected(spec);
    } else if (held === undefined || held === "refused") {
      host.codeCaches.set(spec.key, "made");
      if (host.functions.size === 1 && !spec.isPerTenant) this.#codeCaches.keep(spec, bytes);
    }
  }

  #openFailed(host: HostProcess, id: number, frame: FrameReader): void {
    const environment = host.environments.get(id);
    if (environment?.state !== "opening") return;
    const failure = frame.u8();
    const outcome = outcomeOf(failure, frame.bytes(), environment.pool.spec, true);
    environment.recording?.failed(initFailure(outcome, environment.pool.spec, this.#initTimeoutMs));
    const invocation = environment.firstInvocation;
    const initMs = performance.now() - (environment.openDeadlineMs - this.#initTimeoutMs);
    environment.log.initFailed(initMs, outcome.kind === "timedOut", errorTypeOf(outcome), invocation);
    if (invocation !== undefined) this.#invocations.detach(environment, invocation);
    this.#environments.forget(environment);
    this.#environments.initEnded(host);
    if (invocation === undefined) return;
    this.#invocations.settle(
      invocation,
      // Lambda gives an init that took too long to the first event as the runtime's own failure.
      outcome.kind === "timedOut" ? { kind: "timedOut", timeoutMs: this.#initTimeoutMs } : outcome,
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
    learn(environment, readMeasures(frame), invocation.isFirst);
    const outcome = outcomeFor(frame.bytesOrNothing());
    this.#invocations.finished(environment, invocation);
    this.#invocations.settle(invocation, outcome, durationMs);
  }

  #failed(host: HostProcess, id: number, frame: FrameReader): void {
    const invocation = host.invocations.get(id);
    const environment = invocation?.environment;
    if (invocation === undefined || environment === undefined) return;
    const durationMs = duration(frame.f64());
    const measures = readMeasures(frame);
    const failure = frame.u8();
    const lives = frame.u8() === 1;
    // One that ends its environment with each event would only ever be seen in first ones.
    learn(environment, measures, invocation.isFirst && lives);
    const outcome = outcomeOf(failure, frame.bytes(), environment.pool.spec, !lives);
    if (lives) this.#invocations.finished(environment, invocation);
    else {
      this.#invocations.detach(environment, invocation);
      this.#environments.forget(environment);
    }
    this.#invocations.settle(invocation, outcome, durationMs);
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
    this.#remote.start({ environmentId: id, operation, args }, (error, value) => {
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
      this.#invocations.detach(environment, invocation);
      if (environment.inFlight === 0) this.#environments.close(environment);
      this.#invocations.moveOn(invocation, "because its host did not answer");
    }
  }
}

/** What a host says of a start, as far as it can be. */
function startOf(environment: Environment, frame: FrameReader) {
  const openMs = duration(frame.f64()) ?? 0;
  const strategy = strategies[frame.u8()] ?? "init";
  const isolateMs = duration(frame.f64()) ?? 0;
  const contextMs = duration(frame.f64()) ?? 0;
  const bindMs = duration(frame.f64()) ?? 0;
  const memoryBytes = Math.min(duration(frame.f64()) ?? 0, mostMemoryBytes(environment));
  const hostReason = frame.string().slice(0, 500);
  const last = Math.max(0, openMs - isolateMs - contextMs - bindMs);
  const reason = environment.plan.reason || hostReason;
  const record: StartRecord = {
    atMs: environment.askedAtMs,
    strategy,
    ...(reason === "" ? {} : { reason }),
    phasesMs: {
      isolate: isolateMs,
      context: contextMs,
      bind: bindMs,
      [strategy === "snapshot" ? "restore" : "load"]: last,
    },
    memoryBytes,
    durationMs: performance.now() - environment.askedMs,
    ...(environment.isAhead ? { isAhead: true } : {}),
  };
  return { openMs, strategy, record };
}

/** A time that a host says, if it can be one. */
function duration(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function readMeasures(frame: FrameReader) {
  return { longestTurnMs: frame.f64(), memoryBytes: frame.f64(), isInFirstTurn: frame.u8() === 1 };
}

function learn(
  environment: Environment,
  { longestTurnMs, memoryBytes, isInFirstTurn }: ReturnType<typeof readMeasures>,
  isFirst: boolean,
): void {
  if (memoryBytes > 0) environment.memoryBytes = Math.min(memoryBytes, mostMemoryBytes(environment));
  environment.pool.observe(longestTurnMs, isInFirstTurn, isFirst);
}

/** What a host says of its memory decides what others get, so it counts up to what its function may have. */
function mostMemoryBytes(environment: Environment): number {
  return (environment.pool.spec.memorySizeMb + heapOverheadMb) * megabyte;
}
