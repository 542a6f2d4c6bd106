import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RetiredBundles } from "../../../src/control/retired-bundles.ts";
import type { Bundle } from "../../../src/model/version.ts";

const bundle = (name: string): Bundle => ({ hash: name, key: name, builtins: [] });
const [first, second, serving] = ["first", "second", "serving"].map(bundle) as [Bundle, Bundle, Bundle];

let kept: string[][];
let bugs: unknown[];
let retired: RetiredBundles;
let isBroken = false;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  kept = [];
  bugs = [];
  isBroken = false;
  const sweep = async (keep: readonly Bundle[]) => {
    kept.push(keep.map(({ key }) => key));
    if (isBroken) throw new Error("no disk");
  };
  retired = new RetiredBundles({
    bundler: { sweep },
    inUse: () => [serving],
    onBug: (error) => bugs.push(error),
    delayMs: 1000,
  });
});
afterEach(() => {
  retired.close();
  vi.useRealTimers();
});

test("a bundle goes after the delay, and one that was retired later after its own", async () => {
  retired.add(first);
  await vi.advanceTimersByTimeAsync(400);
  retired.add(second);
  expect(kept).toEqual([]);
  await vi.advanceTimersByTimeAsync(600);
  expect(kept).toEqual([["serving", "second"]]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept.slice(1)).toEqual([["serving"]]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kept).toHaveLength(2);
});

test("a sweep that fails is reported, and the next one happens; after close() none does", async () => {
  isBroken = true;
  retired.add(first);
  await vi.advanceTimersByTimeAsync(1000);
  expect(bugs).toEqual([new Error("no disk")]);
  isBroken = false;
  retired.add(second);
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept).toEqual([["serving"], ["serving"]]);
  retired.add(first);
  retired.close();
  retired.add(second);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(kept).toHaveLength(2);
});
