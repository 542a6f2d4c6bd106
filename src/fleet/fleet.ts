import type { RemoteOperations } from "../egress/index.ts";
import type { Clock } from "../model/clock.ts";
import { TooManyRequestsException } from "../model/errors.ts";
import type { Invocation, InvocationObserver, InvokeRequest, Invoker } from "../model/invocation.ts";
import type { LogStore } from "../observe/index.ts";
import { Dispatcher } from "./dispatcher.ts";
import { invocationsOf } from "./environment.ts";
import { Environments } from "./environments.ts";
import { HostMessages } from "./host-messages.ts";
import { Hosts } from "./hosts.ts";
import { buryHost } from "./lost-host.ts";
import { RunningInvocation } from "./running-invocation.ts";
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

/** Every execution environment there is, and the way of an invocation through one: wires the parts, decides nothing. */
export class Fleet implements Invoker {
  readonly #maxConcurrency: number;
  readonly #environments: Environments;
  readonly #invocations: Dispatcher;
  readonly #hosts: Hosts;
  readonly #watch: Watch;

  constructor(options: FleetOptions) {
    this.#maxConcurrency = options.maxConcurrency;
    const { initTimeoutMs } = options;
    const invocations = new Dispatcher(options.onBug);
    this.#hosts = new Hosts(options.guestDir, options.spareHosts, {
      frame: (host, kind, id, frame) => messages.frame(host, kind, id, frame),
      ended: (host, end) => {
        this.#hosts.remove(host);
        buryHost(host, end, { environments, invocations, initTimeoutMs });
      },
      bug: options.onBug,
    });
    const environments = new Environments(options, this.#hosts, invocations);
    invocations.attach(environments);
    const messages = new HostMessages(environments, invocations, options);
    this.#environments = environments;
    this.#invocations = invocations;
    this.#watch = new Watch(this.#hosts, () => environments.sweep());
  }

  /** Counts for health and inspection. */
  get figures(): { running: number; environments: number; hosts: number } {
    return {
      running: this.#invocations.running,
      environments: this.#environments.size,
      hosts: this.#hosts.all.size,
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
  retire(key: string): void {
    this.#environments.retire(key);
  }

  /** Waits for running invocations, at most `drainMs`, and ends every host. */
  async close(drainMs: number): Promise<void> {
    this.#environments.isClosing = true;
    await this.#invocations.quiet(drainMs);
    this.#invocations.isClosed = true;
    this.#watch.close();
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
