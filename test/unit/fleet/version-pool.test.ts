import { describe, expect, it } from "vitest";
import type { Environment } from "../../../src/fleet/environment.ts";
import { VersionPool } from "../../../src/fleet/version-pool.ts";
import { versionSpec } from "./version-spec.ts";

/** Invocations until a version that behaves is trusted; quick ones in a row until events are sent in a row. */
const probation = 50;
const quickStreak = 32;

function observe(pool: VersionPool, times: number, turnMs = 0.2, inFirstTurn = true): void {
  for (let count = 0; count < times; count++) pool.observe(turnMs, inFirstTurn, false);
}

function environment(changes: { state?: Environment["state"]; inFlight?: number; isSilent?: boolean } = {}) {
  const { isSilent = false, ...rest } = changes;
  return { state: "busy", inFlight: 1, host: { isSilent }, ...rest } as Environment;
}

describe("VersionPool's placement", () => {
  it("is among newcomers until probation is over, then among the proven", () => {
    const pool = new VersionPool(versionSpec());
    observe(pool, probation - 1, 99);
    expect(pool.placement).toBe("newcomer");
    observe(pool, 1, 99);
    expect(pool.placement).toBe("proven");
  });

  it("is apart after the third long turn, and a version with a long turn is never proven", () => {
    const pool = new VersionPool(versionSpec());
    observe(pool, 2, 100);
    observe(pool, 10 * probation);
    expect(pool.placement).toBe("newcomer");
    observe(pool, 1, 100);
    expect(pool.placement).toBe("solo");
  });

  it("is apart after one turn of a second, also for one that was proven", () => {
    const pool = new VersionPool(versionSpec());
    observe(pool, probation);
    observe(pool, 1, 1000);
    expect(pool.placement).toBe("solo");
  });

  it("is not decided by first events, which compile code", () => {
    const pool = new VersionPool(versionSpec());
    for (let count = 0; count < 10; count++) pool.observe(1500, true, true);
    expect(pool.placement).toBe("newcomer");
  });

  it("stays apart whatever it does later", () => {
    const blamed = new VersionPool(versionSpec());
    blamed.blame();
    observe(blamed, 10 * probation);
    expect(blamed.placement).toBe("solo");
  });

  it("is apart from the start for a function that asks for it", () => {
    const pool = new VersionPool(versionSpec({ environmentVariables: { BRISK_PLACEMENT: "solo" } }));
    observe(pool, probation);
    expect(pool.placement).toBe("solo");
  });
});

describe("VersionPool.busyButQuick()", () => {
  function quickPool(recent = environment()): VersionPool {
    const pool = new VersionPool(versionSpec());
    observe(pool, quickStreak);
    pool.sentTo(recent);
    return pool;
  }

  it("gives the environment that was sent to last, once enough invocations in a row were quick", () => {
    const recent = environment();
    const pool = new VersionPool(versionSpec());
    pool.sentTo(recent);
    observe(pool, quickStreak - 1);
    expect(pool.busyButQuick()).toBeUndefined();
    observe(pool, 1);
    expect(pool.busyButQuick()).toBe(recent);
  });

  it.each<[string, (pool: VersionPool) => void]>([
    ["took a millisecond", (pool) => pool.observe(1, true, false)],
    ["waited for something", (pool) => pool.observe(0.1, false, false)],
    ["came back unstarted", (pool) => pool.bounced()],
  ])("gives none after an invocation that %s, until as many were quick again", (_what, happen) => {
    const pool = quickPool();
    happen(pool);
    expect(pool.busyButQuick()).toBeUndefined();
    observe(pool, quickStreak - 1);
    expect(pool.busyButQuick()).toBeUndefined();
    observe(pool, 1);
    expect(pool.busyButQuick()).toBeDefined();
  });

  it.each([
    ["is idle", environment({ state: "idle", inFlight: 0 })],
    ["still opens", environment({ state: "opening" })],
    ["is gone", environment({ state: "gone" })],
    ["is on a host that does not answer", environment({ isSilent: true })],
    ["has as many events under way as the pipe should hold", environment({ inFlight: 16 })],
  ])("gives none that %s", (_what, recent) => {
    expect(quickPool(recent).busyButQuick()).toBeUndefined();
  });
});

describe("VersionPool.takeIdle()", () => {
  it("takes the one that was used last, so that the others grow old", () => {
    const pool = new VersionPool(versionSpec());
    const [first, second] = [environment(), environment()];
    pool.idle.push(first, second);
    expect([pool.takeIdle(), pool.takeIdle(), pool.takeIdle()]).toEqual([second, first, undefined]);
  });

  it("passes over those whose host does not answer, and leaves them in", () => {
    const pool = new VersionPool(versionSpec());
    const [answering, silent] = [environment(), environment({ isSilent: true })];
    pool.idle.push(answering, silent);
    expect(pool.takeIdle()).toBe(answering);
    expect(pool.takeIdle()).toBeUndefined();
    expect(pool.idle).toEqual([silent]);
  });
});
