import { OperationError, type Value } from "../model/values.ts";
import { AddressPolicy } from "./address-policy.ts";
import { toOperationError } from "./egress-failure.ts";
import { defaultEgressLimits, type EgressLimits } from "./egress-limits.ts";
import { EnvironmentEgress, type SharedUse } from "./environment-egress.ts";
import { createGuardedConnector, type Resolve, systemResolve } from "./guarded-connector.ts";
import type { OwnService } from "./own-service.ts";
import type { RemoteCall, RemoteOperations } from "./remote-operations.ts";

export interface EgressOptions {
  /** What guests may reach besides public addresses: CIDR blocks, addresses, names such as `db.internal`, `*.example.com`. */
  readonly allow: readonly string[];
  /** What they may not reach, even if it is allowed: the same, or `public`. */
  readonly deny?: readonly string[];
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  readonly limits?: Partial<EgressLimits>;
  /** Answers within this process what guests send to its origin, which no name or address leads to. */
  readonly ownService?: OwnService | undefined;
}

/** Carries out guests' outgoing HTTP. @throws {TypeError} If a block in `allow` is malformed. */
export function createEgress(options: EgressOptions): RemoteOperations {
  return new Egress(options);
}

class Egress implements RemoteOperations {
  readonly #policy: AddressPolicy;
  readonly #resolve: Resolve;
  readonly #limits: EgressLimits;
  readonly #ownService: OwnService | undefined;
  readonly #environments = new Map<number, EnvironmentEgress>();
  readonly #use: SharedUse = { handles: 0, requestBytes: 0 };
  #closed = false;

  constructor({ allow, deny = [], resolve = systemResolve, limits = {}, ownService }: EgressOptions) {
    this.#policy = new AddressPolicy(allow, deny);
    this.#resolve = resolve;
    this.#ownService = ownService;
    this.#limits = { ...defaultEgressLimits, ...limits };
  }

  start(call: RemoteCall, done: (error: OperationError | undefined, value?: Value) => void): void {
    if (this.#closed) {
      done(new OperationError("ECONNRESET", "fetch failed: the runtime is shutting down"));
      return;
    }
    const environment = this.#environment(call.environmentId);
    environment.run(call.operation, call.args).then(
      (value) => {
        if (!environment.closed) done(undefined, value);
      },
      (error) => {
        if (!environment.closed) done(toOperationError(error));
      },
    );
  }

  openFetches(environmentId: number): number {
    return this.#environments.get(environmentId)?.open ?? 0;
  }

  environmentClosed(environmentId: number): void {
    const environment = this.#environments.get(environmentId);
    this.#environments.delete(environmentId);
    environment?.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const environments = [...this.#environments.values()];
    this.#environments.clear();
    await Promise.all(environments.map((environment) => environment.close()));
  }

  #environment(id: number): EnvironmentEgress {
    let environment = this.#environments.get(id);
    if (environment === undefined) {
      const connector = createGuardedConnector(this.#policy, this.#resolve, this.#limits.connectTimeoutMs);
      environment = new EnvironmentEgress(connector, this.#limits, this.#use, this.#ownService);
      this.#environments.set(id, environment);
    }
    return environment;
  }
}
