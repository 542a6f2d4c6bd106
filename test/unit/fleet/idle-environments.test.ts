import { describe, expect, it } from "vitest";
import type { Environment } from "../../../src/fleet/environment.ts";
import { IdleEnvironments } from "../../../src/fleet/idle-environments.ts";

/** As the fleet does it: an environment that is retired is taken out, too. */
function tracked(memoryBudgetBytes: number) {
  const retired: number[] = [];
  const idle: IdleEnvironments = new IdleEnvironments({
    idleTimeoutMs: 60_000,
    memoryBudgetBytes,
    max: 1000,
    onRetire: (environment) => {
      retired.push(environment.id);
      idle.take(environment);
    },
  });
  return { idle, retired };
}

function environment(id: number, heldBytes: number): Environment {
  return { id, heldBytes } as Environment;
}

describe("IdleEnvironments", () => {
  it("retires the oldest beyond the memory budget, each once, and counts what is left", () => {
    const { idle, retired } = tracked(100);
    for (let id = 1; id <= 60; id++) idle.add(environment(id, 10));
    expect(retired).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect([idle.size, idle.memoryBytes]).toEqual([10, 100]);
  });

  it("retireOldest() retires in the order of last use until none is left", () => {
    const { idle, retired } = tracked(100);
    for (let id = 1; id <= 3; id++) idle.add(environment(id, 10));
    expect([idle.retireOldest()?.id, idle.retireOldest()?.id, idle.retireOldest()?.id]).toEqual([1, 2, 3]);
    expect(idle.retireOldest()).toBeUndefined();
    expect(retired).toEqual([1, 2, 3]);
    expect([idle.size, idle.memoryBytes]).toEqual([0, 0]);
  });

  it("does not keep an environment that is larger than the whole budget", () => {
    const { idle, retired } = tracked(100);
    idle.add(environment(1, 101));
    expect([retired, idle.size]).toEqual([[1], 0]);
  });
});
