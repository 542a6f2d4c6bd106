import { describe, expect, test } from "vitest";
import { typicalPhases } from "../../../src/lab/plots/phases-plot.ts";
import { plotScale, spreadLabels } from "../../../src/lab/plots/plot-scale.ts";

describe("plotScale()", () => {
  test("is logarithmic only where values differ much, and there and back is the same value", () => {
    const near = plotScale([10, 20], { lengthPx: 100 });
    const far = plotScale([1, 500], { lengthPx: 100, isVertical: true });
    expect([near.isLog, far.isLog]).toEqual([false, true]);
    for (const scale of [near, far]) expect(scale.fromPixel(scale.toPixel(12))).toBeCloseTo(12, 8);
    expect(far.toPixel(500)).toBeLessThan(far.toPixel(1));
  });

  test("a linear scale begins at zero unless told otherwise", () => {
    expect(plotScale([10, 20], { lengthPx: 100 }).domain[0]).toBe(0);
    expect(plotScale([10, 20], { lengthPx: 100, withZero: false }).domain[0]).toBeGreaterThan(9);
  });

  test("ticks are round and inside, also of a single value", () => {
    for (const values of [[3, 900], [0.02, 0.5], [7], [0], [1, 50]]) {
      const { ticks, domain } = plotScale(values, { lengthPx: 100 });
      expect(ticks.length).toBeGreaterThan(1);
      for (const tick of ticks) expect(tick >= domain[0] && tick <= domain[1]).toBe(true);
    }
  });
});

describe("spreadLabels()", () => {
  test("leaves alone what has room, and centres what has not", () => {
    expect(spreadLabels([10, 60, 200], 18, 300)).toEqual([10, 60, 200]);
    expect(spreadLabels([100, 100, 100], 18, 300)).toEqual([82, 100, 118]);
  });

  test("never lets two touch, nor one leave the plot, whatever their order", () => {
    const places = spreadLabels([299, 5, 3, 298, 297, 150, 4, 149], 18, 300);
    const sorted = places.toSorted((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++)
      expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(17.999);
    expect(sorted[0]).toBeGreaterThanOrEqual(0);
    expect(sorted.at(-1)).toBeLessThanOrEqual(300);
  });
});

describe("typicalPhases()", () => {
  const start = (totalMs: number, init: number) => ({
    totalMs,
    phasesMs: { init },
    cpuMs: null,
    secondInvokeMs: null,
  });

  test("adds up to the whole, and one slow start does not move it", () => {
    const starts = [start(10, 6), start(10, 7), start(10, 6), start(900, 890), start(10, 7)];
    const shares = typicalPhases(starts);
    expect(shares.map(({ phase }) => phase)).toEqual(["init", "rest"]);
    expect(shares.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(10, 10);
  });

  test("of starts that were not split up is the whole", () => {
    const whole = { totalMs: 5, phasesMs: {}, cpuMs: null, secondInvokeMs: null };
    expect(typicalPhases([whole])).toEqual([{ phase: "whole", ms: 5 }]);
  });
});
