import { beforeAll, expect, test } from "vitest";
import { guestHeap, roundTrip, sameEverywhere } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

test("FinalizationRegistry passes for V8's own", async () => {
  await sameEverywhere({
    init: `
      class Mine extends FinalizationRegistry {}
      const registry = new FinalizationRegistry(() => {});
      const target = {};
      const token = {};
      Object.assign(kept, { registry, target, token, mine: new Mine(() => {}), Native: FinalizationRegistry });
      return [
        FinalizationRegistry.name, FinalizationRegistry.length, FinalizationRegistry.prototype.constructor === FinalizationRegistry,
        String(registry), Object.keys(registry), kept.mine instanceof Mine, registry instanceof FinalizationRegistry,
        registry.register(target, 1, token) === undefined, registry.unregister(token), registry.unregister(token),
        registry.register(target, 2, token) === undefined, registry.register.length, registry.register.name,
        attempt(() => FinalizationRegistry(() => {})), attempt(() => new FinalizationRegistry()),
        attempt(() => registry.register(1)), attempt(() => registry.register(target, target)), attempt(() => registry.unregister(1)),
        attempt(() => registry.register(target, 1, "no token")), attempt(() => registry.register(target, 1, undefined)),
        attempt(() => FinalizationRegistry.prototype.register.call({}, target, 1)),
      ];
      function attempt(run) { try { return String(run()); } catch (error) { return error.name; } }`,
    check: `
      const { registry, token, mine, Native } = kept;
      return [
        registry.unregister(token), registry.unregister(token), mine.register({}, 1) === undefined,
        registry instanceof FinalizationRegistry, new Native(() => {}) instanceof FinalizationRegistry,
        Native === FinalizationRegistry,
      ];`,
  });
});

test("registrations of init are told of after the restore: the living, to the callback they were made with", async () => {
  const { recorded, restored } = await roundTrip({
    skipsNative: true,
    init: `
      kept.told = [];
      kept.registry = new FinalizationRegistry((held) => kept.told.push(held));
      kept.alive = { name: "alive" };
      kept.registry.register(kept.alive, "alive");
      kept.registry.register({}, "gone before the freeze");
      kept.later = {};
      kept.registry.register(kept.later, "unregistered", kept.later);
      return kept.told.length;`,
    check: `
      kept.registry.unregister(kept.later);
      kept.alive = undefined;
      kept.later = undefined;
      return kept.told;`,
    afterwards: "return kept.told;",
  });
  expect([recorded.check, restored.check]).toEqual([[], []]);
  // Only what was alive at the restore, and only when V8 has collected it.
  expect(restored.afterwards).toEqual(["alive"]);
});
