import type { VersionSpec } from "../model/version.ts";
import { type Conduct, newConduct, VersionPool } from "./version-pool.ts";

/** A version's pools, by tenant. */
interface Tenants {
  readonly pools: Map<string, VersionPool>;
  /** What took its host down for one tenant would do so for the next, too. */
  readonly conduct: Conduct;
}

/**
 * The pools that serve: one for each version, and of a version whose tenants are kept apart one for each tenant, so
 * that no environment ever serves two.
 */
export class Pools {
  readonly #shared = new Map<string, VersionPool>();
  /** By the version's key. */
  readonly #perTenant = new Map<string, Tenants>();

  of(spec: VersionSpec, tenantId: string | undefined): VersionPool {
    const { key } = spec;
    if (tenantId === undefined) {
      let pool = this.#shared.get(key);
      if (pool === undefined) {
        pool = new VersionPool(spec);
        this.#shared.set(key, pool);
      }
      return pool;
    }
    let tenants = this.#perTenant.get(key);
    if (tenants === undefined) {
      tenants = { pools: new Map(), conduct: newConduct(spec) };
      this.#perTenant.set(key, tenants);
    }
    let pool = tenants.pools.get(tenantId);
    if (pool === undefined) {
      pool = new VersionPool(spec, tenantId, tenants.conduct);
      tenants.pools.set(tenantId, pool);
    }
    return pool;
  }

  /** All of a version. */
  ofVersion(key: string): readonly VersionPool[] {
    const shared = this.#shared.get(key);
    const tenants = this.#perTenant.get(key)?.pools.values() ?? [];
    return [...(shared === undefined ? [] : [shared]), ...tenants];
  }

  *[Symbol.iterator](): Generator<VersionPool, void> {
    yield* this.#shared.values();
    for (const { pools } of this.#perTenant.values()) yield* pools.values();
  }

  /** The version is not wanted any more. @returns What it had. */
  remove(key: string): readonly VersionPool[] {
    const pools = this.ofVersion(key);
    this.#shared.delete(key);
    this.#perTenant.delete(key);
    return pools;
  }

  /**
   * Forgets tenants that have no environment: there may be any number of them. A version that has to run apart is
   * remembered until it is removed.
   * @param isAwaited Somebody waits for one.
   */
  sweep(isAwaited: (pool: VersionPool) => boolean): void {
    for (const [key, { pools, conduct }] of this.#perTenant) {
      for (const [tenantId, pool] of pools) {
        if (pool.environments.size === 0 && !isAwaited(pool)) pools.delete(tenantId);
      }
      if (pools.size === 0 && conduct.placement !== "solo") this.#perTenant.delete(key);
    }
  }
}
