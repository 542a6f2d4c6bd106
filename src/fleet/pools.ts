import type { VersionSpec } from "../model/version.ts";
import { VersionPool } from "./version-pool.ts";

/**
 * The pools that serve: one for each version, and of a version whose tenants are kept apart one for each tenant, so
 * that no environment ever serves two.
 */
export class Pools {
  readonly #shared = new Map<string, VersionPool>();
  /** By the version's key, then by tenant. */
  readonly #perTenant = new Map<string, Map<string, VersionPool>>();

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
      tenants = new Map();
      this.#perTenant.set(key, tenants);
    }
    let pool = tenants.get(tenantId);
    if (pool === undefined) {
      pool = new VersionPool(spec, tenantId);
      tenants.set(tenantId, pool);
    }
    return pool;
  }

  /** All of a version. */
  ofVersion(key: string): readonly VersionPool[] {
    const shared = this.#shared.get(key);
    const tenants = this.#perTenant.get(key);
    return [...(shared === undefined ? [] : [shared]), ...(tenants?.values() ?? [])];
  }

  *[Symbol.iterator](): Generator<VersionPool, void> {
    yield* this.#shared.values();
    for (const tenants of this.#perTenant.values()) yield* tenants.values();
  }

  /** The version is not wanted any more. @returns What it had. */
  remove(key: string): readonly VersionPool[] {
    const pools = this.ofVersion(key);
    this.#shared.delete(key);
    this.#perTenant.delete(key);
    return pools;
  }

  /** Forgets tenants that have no environment: there may be any number of them. @param isAwaited Somebody waits for one. */
  sweep(isAwaited: (pool: VersionPool) => boolean): void {
    for (const [key, tenants] of this.#perTenant) {
      for (const [tenantId, pool] of tenants) {
        if (pool.environments.size === 0 && !isAwaited(pool)) tenants.delete(tenantId);
      }
      if (tenants.size === 0) this.#perTenant.delete(key);
    }
  }
}
