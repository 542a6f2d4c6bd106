import type { Value } from "../model/values.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { toOperationError } from "./egress-failure.ts";
import type { EgressLimits } from "./egress-limits.ts";
import { EnvironmentFetches } from "./environment-fetches.ts";
import { createGuardedConnector, type Resolve } from "./guarded-connector.ts";
import { InFlightBytes } from "./in-flight-bytes.ts";
import { type AskSystem, EnvironmentNames } from "./names/environment-names.ts";
import type { NameLookup } from "./names/name-lookup.ts";
import type { OwnService } from "./own-service.ts";
import { RateAllowance } from "./rate-allowance.ts";
import type { SharedUse } from "./shared-use.ts";
import { EnvironmentSockets } from "./sockets/environment-sockets.ts";
import { toSocketError } from "./sockets/socket-failure.ts";

/** What the environments of one egress have in common: none of it is one environment's own. */
export interface EgressParts {
  readonly policy: AddressPolicy;
  readonly lookup: NameLookup;
  readonly limits: EgressLimits;
  readonly shared: SharedUse;
  readonly ownService: OwnService | undefined;
}

/** Everything that one environment has outside. It is known by the environment alone, so no other can name it. */
export class EnvironmentEgress {
  readonly #fetches: EnvironmentFetches;
  readonly #sockets: EnvironmentSockets;
  readonly #names: EnvironmentNames;
  readonly #leaveQueue: () => void;
  #closed = false;

  constructor(id: number, { policy, lookup, limits, shared, ownService }: EgressParts) {
    const resolve: Resolve = (hostname) => lookup.resolve(id, hostname);
    const bytes = new InFlightBytes(limits, shared);
    const connects = new RateAllowance(limits.connectsPerSecond, 4 * limits.connectsPerSecond);
    const connector = createGuardedConnector(policy, resolve, connects, limits.connectTimeoutMs);
    this.#fetches = new EnvironmentFetches(connector, limits, shared, bytes, ownService);
    this.#leaveQueue = () => lookup.leave(id);
    const ask: AskSystem = (question) => lookup.ask(id, question);
    this.#names = new EnvironmentNames(policy, resolve, ask, limits, ownService);
    const names = this.#names;
    this.#sockets = new EnvironmentSockets({
      policy,
      resolve,
      names,
      limits,
      shared,
      bytes,
      connects,
      ownService,
    });
  }

  /** Responses that were not read to their end. */
  get openFetches(): number {
    return this.#fetches.open;
  }

  /** Where its open sockets lead, as `host:port`. */
  get openSockets(): readonly string[] {
    return this.#sockets.open;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws {OperationError} Whatever the operation or its arguments are. */
  async run(operation: string, args: readonly Value[]): Promise<Value> {
    const area = operation.slice(0, operation.indexOf(".") + 1);
    try {
      if (area === "net.") return await this.#sockets.run(operation, args);
      if (area === "dns.") return await this.#names.run(operation, args);
      return await this.#fetches.run(operation, args);
    } catch (error) {
      throw area === "net." || area === "dns." ? toSocketError(error) : toOperationError(error);
    }
  }

  /** Ends every connection, also idle ones. Answers to what was running are dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#sockets.close();
    this.#names.close();
    this.#leaveQueue();
    await this.#fetches.close();
  }
}
