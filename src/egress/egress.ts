import { OperationError, type Value } from "../model/values.ts";
import { AddressPolicy } from "./address-policy.ts";
import { defaultEgressLimits, type EgressLimits } from "./egress-limits.ts";
import { type EgressParts, EnvironmentEgress } from "./environment-egress.ts";
import { type Resolve, systemResolve } from "./guarded-connector.ts";
import { NameLookup } from "./names/name-lookup.ts";
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

/** Carries out guests' outgoing traffic. @throws {TypeError} If a rule in `allow` or `deny` is malformed. */
export function createEgress(options: EgressOptions): RemoteOperations {
  return new Egress(options);
}

class Egress implements RemoteOperations {
  readonly #parts: EgressParts;
  readonly #environments = new Map<number, EnvironmentEgress>();
  #closed = false;

  constructor({ allow, deny = [], resolve = systemResolve, limits = {}, ownService }: EgressOptions) {
    this.#parts = {
      policy: new AddressPolicy(allow, deny),
      lookup: new NameLookup(resolve),
      limits: { ...defaultEgressLimits, ...limits },
      shared: { handles: 0, requestBytes: 0 },
      ownService,
    };
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
      (error: OperationError) => {
        if (!environment.closed) done(error);
      },
    );
  }

  openFetches(environmentId: number): number {
    return this.#environments.get(environmentId)?.openFetches ?? 0;
  }

  openSockets(environmentId: number): readonly string[] {
    return this.#environments.get(environmentId)?.openSockets ?? [];
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
      environment = new EnvironmentEgress(id, this.#parts);
      this.#environments.set(id, environment);
    }
    return environment;
  }
}
