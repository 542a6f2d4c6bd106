import type { Figures } from "../bench-figures.ts";
import { formatMs } from "../format.ts";
import { phaseNames, type Start } from "../model.ts";
import type { PlotSpec } from "../plot-library.ts";
import { plotScale, scaleSpec } from "./plot-scale.ts";
import { config, ink, msAxis, phaseColors, phaseLabels, plotWidthPx } from "./plot-theme.ts";

/** Bars shorter than this share of the longest are drawn once more, larger. */
const zoomBelow = 1 / 5;

export interface PhaseShare {
  readonly phase: keyof typeof phaseLabels;
  readonly ms: number;
}

/** The whole, and below it the fast ones again where the slow ones make them too small to read. Empty where no phase was measured. */
export function phasesPlots(figures: readonly Figures[]): PlotSpec[] {
  const bars = figures
    .filter(({ result }) => result.starts.length > 0)
    .map(({ strategy, result }) => ({ label: strategy.label, shares: typicalPhases(result.starts) }));
  if (!bars.some(({ shares }) => shares.some(({ phase }) => phase !== "whole"))) return [];
  const longest = Math.max(...bars.map(lengthOf));
  const short = bars.filter((bar) => lengthOf(bar) < longest * zoomBelow);
  const isWorthIt = short.length >= 2 && short.length < bars.length;
  return [
    barsPlot(bars, { withLegend: true }),
    ...(isWorthIt ? [barsPlot(short, { withLegend: false })] : []),
  ];
}

/**
 * Where the time of a typical start goes: means over the middle half of the starts by their whole. Medians of parts
 * would not add up to the whole; a mean over all of them would be pulled by a few slow ones.
 */
export function typicalPhases(starts: readonly Start[]): PhaseShare[] {
  const sorted = starts.toSorted((a, b) => a.totalMs - b.totalMs);
  const cut = Math.floor(sorted.length / 4);
  const middle = sorted.slice(cut, sorted.length - cut);
  const mean = (value: (start: Start) => number) =>
    middle.reduce((total, start) => total + value(start), 0) / middle.length;
  const whole = mean(({ totalMs }) => totalMs);
  const shares = phaseNames
    .map((phase) => ({ phase, ms: mean(({ phasesMs }) => phasesMs[phase] ?? 0) }))
    .filter(({ ms }) => ms > 0);
  if (shares.length === 0) return [{ phase: "whole", ms: whole }];
  const rest = whole - shares.reduce((total, { ms }) => total + ms, 0);
  return rest > 0 ? [...shares, { phase: "rest", ms: rest }] : shares;
}

interface Bar {
  readonly label: string;
  readonly shares: readonly PhaseShare[];
}

function lengthOf({ shares }: Bar): number {
  return shares.reduce((total, { ms }) => total + ms, 0);
}

function barsPlot(bars: readonly Bar[], { withLegend }: { readonly withLegend: boolean }): PlotSpec {
  const names = Object.keys(phaseLabels) as (keyof typeof phaseLabels)[];
  const scale = plotScale(bars.map(lengthOf), { lengthPx: plotWidthPx, logFrom: Number.POSITIVE_INFINITY });
  const x = { type: "quantitative", scale: scaleSpec(scale), axis: msAxis(scale) };
  const y = {
    field: "row",
    type: "ordinal",
    scale: { domain: bars.map((_, row) => row), paddingInner: 0.3 },
    axis: null,
  };
  const shown = names.filter((name) => bars.some(({ shares }) => shares.some(({ phase }) => phase === name)));
  const segments = bars.flatMap(({ shares }, row) => {
    let end = 0;
    return shares.map(({ phase, ms }) => {
      const from = end;
      end += ms;
      return { row, phase: phaseLabels[phase], from, to: end };
    });
  });
  const labels = bars.map((bar, row) => ({
    row,
    name: bar.label,
    end: lengthOf(bar),
    total: formatMs(lengthOf(bar)),
  }));
  return {
    width: plotWidthPx,
    height: bars.length * 32,
    // Fixed, so that the plot and its enlargement begin at the same place.
    autosize: { type: "none" },
    padding: { left: 200, right: 72, top: withLegend ? 56 : 8, bottom: 28 },
    config,
    layer: [
      {
        data: { values: segments },
        mark: { type: "bar" },
        encoding: {
          x: { ...x, field: "from" },
          x2: { field: "to" },
          y,
          color: {
            field: "phase",
            type: "nominal",
            scale: {
              domain: shown.map((name) => phaseLabels[name]),
              range: shown.map((name) => phaseColors[names.indexOf(name)]),
            },
            legend: withLegend ? { orient: "top", offset: 14, columns: 5, columnPadding: 16 } : null,
          },
        },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "left", baseline: "middle", dx: 8, color: ink, fontWeight: 600 },
        encoding: { x: { ...x, field: "end" }, y, text: { field: "total" } },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "right", baseline: "middle", color: ink, fontWeight: 600 },
        encoding: { x: { value: -12 }, y, text: { field: "name" } },
      },
    ],
  } as unknown as PlotSpec;
}
