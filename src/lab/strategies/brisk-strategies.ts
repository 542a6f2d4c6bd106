import { randomBytes } from "node:crypto";
import { BriskServer } from "../brisk-server.ts";
import type { SignCall } from "../http-client.ts";
import type { Strategy } from "../model.ts";
import { BriskDeployment, type BriskStart } from "./brisk-deployment.ts";
import type { StartStrategy } from "./strategy.ts";

const starts: readonly (BriskStart & { readonly strategy: Strategy })[] = [
  {
    strategy: { id: "init", label: "Brisk, init", family: "brisk" },
    served: "init",
    warmUp: "none",
    kind: "cold",
  },
  {
    strategy: { id: "code-cache", label: "Brisk, code cache", family: "brisk" },
    served: "code-cache",
    warmUp: "none",
    kind: "cold",
  },
  {
    strategy: { id: "snapshot", label: "Brisk, snapshot", family: "brisk" },
    served: "snapshot",
    warmUp: "none",
    kind: "cold",
  },
  {
    strategy: { id: "snapshot-warm-up", label: "Brisk, snapshot + warm-up", family: "brisk" },
    served: "snapshot",
    warmUp: "event",
    kind: "cold",
  },
  {
    strategy: { id: "restored-ahead", label: "Brisk, restored ahead", family: "brisk" },
    served: "snapshot",
    warmUp: "event",
    kind: "ahead",
  },
  {
    strategy: { id: "warm", label: "Brisk, warm (no start)", family: "brisk" },
    served: undefined,
    warmUp: "none",
    kind: "warm",
  },
];

export interface BriskOptions {
  /** Of a Brisk that runs; absent: the laboratory starts its own. */
  readonly origin?: string | undefined;
  /** For that one, where it wants signed requests. */
  readonly sign?: SignCall | undefined;
  /** For those. */
  readonly flags?: readonly string[];
}

/**
 * Ways of starting inside of Brisk. What is started on demand has a Brisk that restores nothing ahead, as that would
 * be in its CPU time; both are started when they are first wanted.
 */
export class BriskStrategies implements AsyncDisposable {
  readonly all: readonly StartStrategy[];
  readonly #options: BriskOptions;
  readonly #servers = new Map<"onDemand" | "ahead", Promise<BriskServer>>();

  constructor(options: BriskOptions = {}) {
    this.#options = options;
    this.all = starts.map((start) => ({
      strategy: start.strategy,
      deploy: async (workload) => {
        const server = await this.server(start.kind === "ahead" ? "ahead" : "onDemand");
        return BriskDeployment.create(server, start, nameOf(workload.id, start.strategy.id), workload);
      },
    }));
  }

  server(kind: "onDemand" | "ahead"): Promise<BriskServer> {
    const { origin, sign, flags = [] } = this.#options;
    const running = this.#servers.get(kind);
    if (running !== undefined) return running;
    const spares = kind === "ahead" ? "1" : "0";
    const server =
      origin === undefined
        ? BriskServer.start(flags, { BRISK_SPARE_ENVIRONMENTS: spares })
        : Promise.resolve(BriskServer.at(origin, sign));
    this.#servers.set(kind, server);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const servers = await Promise.allSettled(this.#servers.values());
    for (const server of servers) {
      if (server.status === "fulfilled") await server.value[Symbol.asyncDispose]();
    }
  }
}

/** One that nobody has yet, as the Brisk may be somebody's. */
function nameOf(workload: string, strategy: string): string {
  return `lab-${workload}-${strategy}-${randomBytes(3).toString("hex")}`;
}
