import { describe, expect, it, vi } from "vitest";
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

  it("one that was taken is not retired, and counts as just used when it comes back", () => {
    const { idle, retired } = tracked(30);
    const first = environment(1, 10);
    for (const one of [first, environment(2, 10), environment(3, 10)]) idle.add(one);
    idle.take(first);
    expect([idle.size, idle.memoryBytes, retired]).toEqual([2, 20, []]);
    idle.add(first);
    idle.add(environment(4, 10));
    expect(retired).toEqual([2]);
  });

  it("sweep() retires what was idle for idleTimeoutMs, counted from its last use", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    // The cache takes an entry from the clock's zero for one without a time.
    let nowMs = 1000;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    const pass = (ms: number) => {
      nowMs += ms;
      vi.advanceTimersByTime(ms);
    };
    try {
      const { idle, retired } = tracked(100);
      const [first, second] = [environment(1, 10), environment(2, 10)];
      idle.add(first);
      idle.add(second);
      pass(50_000);
      idle.take(first);
      idle.add(first);
      idle.sweep();
      expect(retired).toEqual([]);
      pass(20_000);
      idle.sweep();
      expect(retired).toEqual([2]);
      pass(50_000);
      idle.sweep();
      expect([retired, idle.size]).toEqual([[2, 1], 0]);
    } finally {
      clock.mockRestore();
      vi.useRealTimers();
    }
  });
});
