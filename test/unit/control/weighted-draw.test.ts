import { describe, expect, test } from "vitest";
import { WeightedDraw } from "../../../src/control/weighted-draw.ts";

const weights = [0, 0.001, 0.01, 0.1, 1 / 3, 0.5, 0.9, 0.999, 1];

/** The same numbers on every machine (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function draws(weight: number, random: () => number, count: number): boolean[] {
  const draw = new WeightedDraw(weight, random);
  return Array.from({ length: count }, () => draw.next());
}

const countOf = (drawn: readonly boolean[]) => drawn.filter(Boolean).length;

describe("WeightedDraw", () => {
  const sources: Record<string, () => () => number> = {
    "Math.random": () => Math.random,
    "a seeded source": () => seeded(1),
    "a source that always says the least": () => () => 0,
    "a source that always says the most": () => () => 1 - Number.EPSILON,
    "a source that changes its mind every 5,000 draws": () => {
      let asked = 0;
      return () => (Math.floor(asked++ / 5000) % 2 === 0 ? 0 : 0.999_999);
    },
  };

  test.each(Object.keys(sources))("any 10,000 in a row keep the weight within 1%%: %s", (name) => {
    for (const weight of weights) {
      const drawn = draws(weight, sources[name]!(), 30_000);
      for (let from = 0; from + 10_000 <= drawn.length; from += 1000) {
        const share = countOf(drawn.slice(from, from + 10_000)) / 10_000;
        expect(Math.abs(share - weight), `weight ${weight} from ${from}`).toBeLessThan(0.01);
      }
    }
  });

  test("a weight of 0 is never drawn, and one of 1 always", () => {
    for (const random of [() => 0, () => 1 - Number.EPSILON, seeded(2)]) {
      expect(countOf(draws(0, random, 1000))).toBe(0);
      expect(countOf(draws(1, random, 1000))).toBe(1000);
    }
  });

  test("it stays chance: what came before hardly tells what comes next", () => {
    const drawn = draws(0.5, seeded(3), 100_000);
    const repeated = drawn.filter((one, at) => at > 0 && one === drawn[at - 1]).length / drawn.length;
    expect(repeated).toBeGreaterThan(0.47);
    expect(repeated).toBeLessThan(0.51);
    // Runs of eight are what a mere turn-taking would not have.
    expect(drawn.map((one) => (one ? "1" : "0")).join("")).toMatch(/1{8}/);
  });
});
