import type { Module, Require } from "./module.ts";

/** What `node:module` shows of the bundle that runs here. */
export interface BundleModules {
  readonly Module: typeof Module;
  readonly cache: Record<string, Module>;
  createRequire(file: unknown): Require;
}

export const current: { modules: BundleModules | undefined } = { modules: undefined };
