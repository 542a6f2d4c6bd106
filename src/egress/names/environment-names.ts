import { lookupService } from "node:dns/promises";
import { isIP } from "node:net";
import { z } from "zod";
import { OperationError, type Value } from "../../model/values.ts";
import type { AddressPolicy } from "../address-policy.ts";
import type { EgressLimits } from "../egress-limits.ts";
import type { Resolve } from "../guarded-connector.ts";
import { isOwnName, type OwnService, ownServiceAddress } from "../own-service.ts";
import { RateAllowance } from "../rate-allowance.ts";
import { NameServers } from "./name-servers.ts";

const name = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\w.*-]+$/u);
const address = z.string().refine((text) => isIP(text) !== 0, "no IP address");
const resolver = z.strictObject({
  /** Asked in place of the system's; each under the policy as a connection would be. */
  servers: z.array(z.string().max(64)).max(8).optional(),
  timeoutMs: z.number().int().min(100).max(60_000).optional(),
  tries: z.number().int().min(1).max(8).optional(),
});
const recordType = z.enum([
  ...(["A", "AAAA", "ANY", "CAA", "CNAME", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV", "TLSA", "TXT"] as const),
]);

/** Asks what takes a thread of the system's resolver, when it is this environment's turn. */
export type AskSystem = <T>(question: () => Promise<T>) => Promise<T>;

/** Names that are remembered with what they led to, and how much of it. */
const maxNames = 256;
const maxAddresses = 64;

/**
 * One environment's questions about names. Answers are told as they are, also addresses that the policy forbids: an
 * address alone reaches nothing, and who then connects hears which setting forbids it. Names that are denied are not asked for.
 */
export class EnvironmentNames {
  readonly #policy: AddressPolicy;
  readonly #resolve: Resolve;
  readonly #ask: AskSystem;
  readonly #limits: EgressLimits;
  readonly #rate: RateAllowance;
  readonly #ownService: OwnService | undefined;
  /** Addresses that it was told of a name, the latest name last. */
  readonly #led = new Map<string, ReadonlySet<string>>();
  readonly #running = new Set<NameServers>();
  #lookups = 0;

  constructor(
    policy: AddressPolicy,
    resolve: Resolve,
    ask: AskSystem,
    limits: EgressLimits,
    ownService?: OwnService,
  ) {
    this.#ask = ask;
    this.#ownService = ownService;
    this.#policy = policy;
    this.#resolve = resolve;
    this.#limits = limits;
    this.#rate = new RateAllowance(limits.lookupsPerSecond, 4 * limits.lookupsPerSecond);
  }

  /** @throws {OperationError | Error} With the code that Node has for it. */
  async run(operation: string, args: readonly Value[]): Promise<Value> {
    if (this.#lookups >= this.#limits.lookupsAtOnce) {
      throw new OperationError(
        "ELIMIT",
        `Cannot look up a name: ${this.#limits.lookupsAtOnce} look-ups of this environment are under way already`,
      );
    }
    this.#rate.take("Cannot look up a name");
    this.#lookups++;
    try {
      return await this.#run(operation, args);
    } finally {
      this.#lookups--;
    }
  }

  /** Whether a look-up of the name gave the address: a rule for the name then holds for a connection there. */
  hasLed(name: string, address: string): boolean {
    return this.#led.get(name)?.has(address) === true;
  }

  close(): void {
    for (const servers of this.#running) servers.cancel();
  }

  async #run(operation: string, args: readonly Value[]): Promise<Value> {
    switch (operation) {
      case "dns.lookup": {
        const hostname = parse(name, args[0], "the name");
        this.#policy.checkName(hostname);
        if (this.#ownService !== undefined && isOwnName(this.#ownService, hostname)) {
          return JSON.stringify([ownServiceAddress]);
        }
        return JSON.stringify(this.#noted(hostname, await this.#resolve(hostname)));
      }
      case "dns.resolve": {
        const type = parse(recordType, args[0], "the record type");
        const hostname = parse(name, args[1], "the name");
        this.#policy.checkName(hostname);
        return await this.#askServers(args[2], (servers) => servers.resolve(type, hostname));
      }
      case "dns.reverse": {
        const of = parse(address, args[0], "the address");
        this.#policy.check(of, of);
        return await this.#askServers(args[1], (servers) => servers.reverse(of));
      }
      case "dns.service": {
        const of = parse(address, args[0], "the address");
        const port = parse(z.number().int().min(0).max(65_535), args[1], "the port");
        this.#policy.check(of, of);
        return JSON.stringify(await this.#ask(() => lookupService(of, port)));
      }
      default:
        throw new OperationError(
          "EINVAL",
          `Cannot run ${JSON.stringify(operation.slice(0, 64))}: no such operation`,
        );
    }
  }

  #noted(hostname: string, addresses: readonly string[]): readonly string[] {
    this.#led.delete(hostname);
    this.#led.set(hostname, new Set(addresses.slice(0, maxAddresses)));
    const [oldest] = this.#led.keys();
    if (this.#led.size > maxNames && oldest !== undefined) this.#led.delete(oldest);
    return addresses;
  }

  async #askServers(options: Value, question: (servers: NameServers) => Promise<unknown>): Promise<string> {
    const parsed = parse(resolver, parseJson(options), "the resolver");
    const servers = new NameServers(parsed, this.#policy);
    this.#running.add(servers);
    try {
      return JSON.stringify(await question(servers));
    } finally {
      this.#running.delete(servers);
    }
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OperationError(
    "EINVAL",
    `Cannot look up a name: ${what}: ${parsed.error.issues[0]?.message ?? "malformed"}`,
  );
}

function parseJson(value: Value): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}
