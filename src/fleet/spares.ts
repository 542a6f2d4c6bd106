import { openingBytes } from "./environment.ts";
import type { Environments } from "./environments.ts";
import { planStart, type SnapshotSource, type StartPlan } from "./start-plan.ts";
import type { VersionPool } from "./version-pool.ts";

/** How long after a start the next environment is restored ahead, ms: whoever waits goes first. */
const delayMs = 5;

export interface SparesOptions {
  /** For each version in use. */
  readonly spareEnvironments: number;
  readonly memoryBudgetBytes: number;
  readonly maxEnvironments: number;
  readonly snapshots: SnapshotSource;
  /** Given: one environment is there ahead of need, so that a debugger can be attached to it. */
  readonly inspections?: object | undefined;
}

/**
 * Restores one environment more than is needed now, so that who comes next needn't wait: for versions whose start is
 * quick, while there is plenty of memory.
 */
export class Spares {
  readonly #environments: Environments;
  readonly #options: SparesOptions;
  readonly #open: (pool: VersionPool, plan: StartPlan) => void;

  /** @param open Opens an environment that nobody waits for; throws when there is no room. */
  constructor(
    environments: Environments,
    options: SparesOptions,
    open: (pool: VersionPool, plan: StartPlan) => void,
  ) {
    this.#environments = environments;
    this.#options = options;
    this.#open = open;
  }

  /** The demand for the version rose, or its snapshot is new. */
  stockUp(pool: VersionPool): void {
    if (!this.#isWanted(pool) || pool.isStocking) return;
    pool.isStocking = true;
    setTimeout(() => {
      pool.isStocking = false;
      if (this.#environments.isClosing || pool.isRetired || pool.hasOpening || !this.#isWanted(pool)) return;
      const plan = planStart(pool.spec, this.#options.snapshots);
      if (!this.#isInspected && (plan.snapshot === undefined || !this.#hasPlenty(pool))) return;
      try {
        this.#open(pool, plan);
      } catch {
        // No room: whoever comes next waits for a start of their own.
      }
    }, delayMs).unref();
  }

  get #isInspected(): boolean {
    return this.#options.inspections !== undefined;
  }

  #isWanted({ spec, idle, environments }: VersionPool): boolean {
    if (this.#isInspected) return environments.size === 0;
    return spec.start === "snapshot" && idle.length < this.#options.spareEnvironments;
  }

  /** Whether half of the memory and of the environments would still be free with one more of these. */
  #hasPlenty(pool: VersionPool): boolean {
    let memoryBytes = openingBytes(pool.restoresApart ? "solo" : pool.placement);
    let largestBytes = 0;
    for (const environment of this.#environments) {
      memoryBytes += environment.heldBytes;
      if (environment.pool === pool) largestBytes = Math.max(largestBytes, environment.heldBytes);
    }
    return (
      memoryBytes + largestBytes <= this.#options.memoryBudgetBytes / 2 &&
      this.#environments.size + 1 <= this.#options.maxEnvironments / 2
    );
  }
}
