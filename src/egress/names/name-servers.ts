import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { OperationError } from "../../model/values.ts";
import type { AddressPolicy } from "../address-policy.ts";

/** One question to name servers, which may be taken back. */
export class NameServers {
  readonly #resolver: Resolver;

  /** @throws {OperationError} A server is none, or may not be reached. */
  constructor(
    options: {
      servers?: readonly string[] | undefined;
      timeoutMs?: number | undefined;
      tries?: number | undefined;
    },
    policy: AddressPolicy,
  ) {
    this.#resolver = new Resolver({ timeout: options.timeoutMs ?? 5000, tries: options.tries ?? 2 });
    if (options.servers === undefined) return;
    for (const server of options.servers) {
      const address = addressOf(server);
      policy.check(address, address);
    }
    this.#resolver.setServers(options.servers);
  }

  resolve(type: string, name: string): Promise<unknown> {
    switch (type) {
      // With how long they hold; who does not ask for that drops it.
      case "A":
        return this.#resolver.resolve4(name, { ttl: true });
      case "AAAA":
        return this.#resolver.resolve6(name, { ttl: true });
      case "CAA":
        return this.#resolver.resolveCaa(name);
      default:
        return this.#resolver.resolve(name, type as "TXT");
    }
  }

  reverse(address: string): Promise<string[]> {
    return this.#resolver.reverse(address);
  }

  cancel(): void {
    this.#resolver.cancel();
  }
}

/** `1.1.1.1`, `1.1.1.1:53`, `::1`, `[::1]:53`. */
function addressOf(server: string): string {
  const bare =
    /^\[([^\]]+)\](?::\d{1,5})?$/.exec(server)?.[1] ??
    (isIP(server) === 0 ? server.replace(/:\d{1,5}$/, "") : server);
  if (isIP(bare) !== 0) return bare;
  throw new OperationError(
    "EINVAL",
    `Cannot look up a name: ${JSON.stringify(server)} is no server's address`,
  );
}
