import { beforeEach, describe, expect, test, vi } from "vitest";

type Hooks = typeof import("../../../../snapshots/snapstart/hooks.ts");

let hooks: Hooks;
const told: string[] = [];

beforeEach(async () => {
  vi.resetModules();
  hooks = await import("../../../../snapshots/snapstart/hooks.ts");
  told.length = 0;
});

const hook =
  (name: string, ms = 0) =>
  async () => {
    told.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    told.push(`${name} ends`);
  };

describe("hooks around a snapshot", () => {
  test("before: the last registered first, each awaited", async () => {
    const { snapstart, runBeforeSnapshot } = hooks;
    snapstart.registerBeforeSnapshot(hook("one"));
    snapstart.registerBeforeSnapshot(hook("two", 5));
    await runBeforeSnapshot();
    expect(told).toEqual(["two begins", "two ends", "one begins", "one ends"]);
  });

  test("after: in the order of registration, each awaited", async () => {
    const { snapstart, runAfterRestore } = hooks;
    snapstart.registerAfterRestore(hook("one", 5));
    snapstart.registerAfterRestore(() => told.push("two"));
    await runAfterRestore();
    expect(told).toEqual(["one begins", "one ends", "two"]);
  });

  test("hooks that are registered by hooks run too", async () => {
    const { snapstart, runBeforeSnapshot, runAfterRestore } = hooks;
    snapstart.registerBeforeSnapshot(() => {
      snapstart.registerBeforeSnapshot(() => told.push("inner before"));
      snapstart.registerAfterRestore(() => {
        snapstart.registerAfterRestore(() => told.push("inner after"));
      });
    });
    snapstart.registerBeforeSnapshot(() => told.push("last"));
    await runBeforeSnapshot();
    await runAfterRestore();
    expect(told).toEqual(["last", "inner before", "inner after"]);
  });

  test("one that throws or rejects ends the run with its error", async () => {
    const { snapstart, runBeforeSnapshot, runAfterRestore } = hooks;
    snapstart.registerBeforeSnapshot(() => told.push("never"));
    snapstart.registerBeforeSnapshot(() => {
      throw new RangeError("before");
    });
    snapstart.registerAfterRestore(() => Promise.reject(new RangeError("after")));
    snapstart.registerAfterRestore(() => told.push("never"));
    await expect(runBeforeSnapshot()).rejects.toThrow("before");
    await expect(runAfterRestore()).rejects.toThrow("after");
    expect(told).toEqual([]);
  });

  test("an environment is restored once: a second run calls nothing", async () => {
    const { snapstart, runAfterRestore, hasAfterRestore } = hooks;
    expect(hasAfterRestore()).toBe(false);
    snapstart.registerAfterRestore(() => told.push("once"));
    expect(hasAfterRestore()).toBe(true);
    await runAfterRestore();
    await runAfterRestore();
    expect(told).toEqual(["once"]);
    expect(hasAfterRestore()).toBe(false);
  });

  test("what is no function is refused at once", () => {
    const { snapstart } = hooks;
    expect(() => snapstart.registerBeforeSnapshot("x" as never)).toThrow(TypeError);
    expect(() => snapstart.registerAfterRestore(undefined as never)).toThrow(/"hook" argument/);
  });
});
