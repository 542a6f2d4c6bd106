import type { RemoteOperations } from "../egress/index.ts";
import type { Clock } from "../model/clock.ts";
import { TooManyRequestsException } from "../model/errors.ts";
import type { Invocation, InvocationObserver, InvokeRequest, Invoker } from "../model/invocation.ts";
import type { EnvironmentCounts, StartRecord, StartsView } from "../model/starts.ts";
import type { VersionSpec } from "../model/version.ts";
import type { LogStore } from "../observe/index.ts";
import type { BundleReader } from "./bundle-cache.ts";
import type { CodeCacheSource } from "./code-cache-source.ts";
import { Dispatcher } from "./dispatcher.ts";
import { invocationsOf } from "./environment.ts";
import { Environments } from "./environments.ts";
import type { GuestFolders } from "./guest-folders.ts";
import { HostMessages } from "./host-messages.ts";
import { Hosts } from "./hosts.ts";
import type { Inspections } from "./inspections.ts";
import { buryHost } from "./lost-host.ts";
import type { RecordingOutcome } from "./recording.ts";
import { RunningInvocation } from "./running-invocation.ts";
import type { SnapshotSource } from "./start-plan.ts";
import { mostStarts } from "./version-pool.ts";
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
  /** Environments restored ahead of need, for each version with a snapshot that is in use. */
  readonly spareEnvironments: number;
  readonly snapshots: SnapshotSource;
  readonly codeCaches: CodeCacheSource;
  /** Absent: environments get none. */
  readonly credentials?: CredentialSource | undefined;
  readonly readBundle: BundleReader;
  /** Where environments' files lie; absent: there are none. */
  readonly folders?: GuestFolders;
  /** Debuggers may be attached to all environments; absent: to none. */
  readonly inspections?: Inspections | undefined;
  /** A bug of ours: the environment it touched is stopped. */
  readonly onBug: (error: unknown) => void;
}

/** Credentials of a version's role, as variables for its environments. */
export interface CredentialSource {
  /** Answered from memory. @returns `renewAfterMs`: how long the environment may go without asking again. */
  issue(spec: VersionSpec): {
    readonly variables: Readonly<Record<string, string>>;
    readonly renewAfterMs: number;
  };
}

/** Every execution environment there is, and the way of an invocation through one: wires the parts, decides nothing. */
export class Fleet implements Invoker, StartsView {
  readonly #maxConcurrency: number;
  readonly #environments: Environments;
  readonly #invocations: Dispatcher;
  readonly #hosts: Hosts;
  readonly #watch: Watch;
  readonly #messages: HostMessages;
  #closed: Promise<void> | undefined;

  constructor(options: FleetOptions) {
    this.#maxConcurrency = options.maxConcurrency;
    const { initTimeoutMs } = options;
    const invocations = new Dispatcher(options.onBug);
    this.#hosts = new Hosts(
      options.guestDir,
      options.spareHosts,
      {
        frame: (host, kind, id, frame) => messages.frame(host, kind, id, frame),
        ended: (host, end) => {
          this.#hosts.remove(host, end);
          buryHost(host, end, { environments, invocations, initTimeoutMs, snapshots: options.snapshots });
          invocations.placeWaiting();
        },
        bug: options.onBug,
      },
      options.folders,
    );
    const environments = new Environments(options, this.#hosts, invocations);
    invocations.attach(environments);
    const messages = new HostMessages(environments, invocations, options);
    this.#messages = messages;
    this.#environments = environments;
    this.#invocations = invocations;
    this.#watch = new Watch(this.#hosts, () => {
      environments.sweep();
      this.#hosts.refill();
    });
  }

  /** Counts for health and inspection. */
  get figures(): { running: number; environments: number; hosts: number; failedRestores: number } {
    return {
      running: this.#invocations.running,
      environments: this.#environments.size,
      hosts: this.#hosts.all.size,
      failedRestores: this.#messages.failedRestores,
    };
  }

  invoke(request: InvokeRequest, observer: InvocationObserver, options?: { logTail?: boolean }): Invocation {
    if (this.#environments.isClosing || this.#invocations.running >= this.#maxConcurrency) {
      throw new TooManyRequestsException("ConcurrentInvocationLimitExceeded");
    }
    const invocation = new RunningInvocation(request, observer, options?.logTail === true);
    this.#invocations.start(invocation);
    return invocation;
  }

  /** The version is not wanted any more: its idle environments end now, its busy ones after their event. */
  retire(spec: VersionSpec): void {
    this.#environments.retire(spec);
  }

  /**
   * Runs the version's init to write it down, then the sample events (JSON texts) without effect.
   * @param signal Ends it: nobody wants the recording any more.
   */
  record(spec: VersionSpec, events: readonly string[], signal: AbortSignal): Promise<RecordingOutcome> {
    return this.#environments.record(spec, events, signal).outcome;
  }

  /** Restores an environment ahead of the version's first event. */
  prepareSpare(spec: VersionSpec): void {
    this.#environments.stockUp(this.#environments.pool(spec));
  }

  /** The first events that the function's `$LATEST` was given since it was deployed, JSON texts. */
  sampleEvents(functionArn: string): readonly string[] {
    let events: readonly string[] = [];
    for (const pool of this.#environments.pools()) {
      const { spec } = pool;
      if (spec.functionArn === functionArn && spec.version === "$LATEST" && pool.events.length > 0) {
        events = pool.events;
      }
    }
    return events;
  }

  starts(key: string): readonly StartRecord[] {
    const pools = this.#environments.poolsOf(key);
    if (pools.length === 1) return pools[0]!.starts;
    return pools
      .flatMap(({ starts }) => starts)
      .sort((a, b) => b.atMs - a.atMs)
      .slice(0, mostStarts);
  }

  environments(key: string): EnvironmentCounts {
    const counts = { idle: 0, busy: 0, starting: 0 };
    for (const { environments } of this.#environments.poolsOf(key)) {
      for (const { state } of environments) {
        if (state === "opening") counts.starting++;
        else if (state !== "gone") counts[state]++;
      }
    }
    return counts;
  }

  retireIdle(key: string): number {
    return this.#environments.retireIdle(key);
  }

  /** Waits for running invocations, at most `drainMs`, and ends every host. Idempotent. */
  close(drainMs: number): Promise<void> {
    this.#closed ??= this.#close(drainMs);
    return this.#closed;
  }

  async #close(drainMs: number): Promise<void> {
    this.#environments.isClosing = true;
    await this.#invocations.quiet(drainMs);
    this.#invocations.isClosed = true;
    this.#watch.close();
    this.#invocations.endWaiting("because Brisk was stopped");
    for (const environment of [...this.#environments]) {
      const unsent = environment.firstInvocation;
      const left = invocationsOf(environment);
      for (const invocation of unsent === undefined ? left : [...left, unsent]) {
        this.#invocations.settle(invocation, { kind: "exited", reason: "because Brisk was stopped" });
      }
      environment.log.close();
    }
    await this.#hosts.close();
  }
}
