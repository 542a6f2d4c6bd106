import { type Figures, totalsOf } from "../bench-figures.ts";
import { digits, formatMs } from "../format.ts";
import type { PlotSpec } from "../plot-library.ts";
import { logDensity } from "../statistics.ts";
import { plotScale, scaleSpec } from "./plot-scale.ts";
import { colorOf, config, ink, msAxis, muted, plotWidthPx } from "./plot-theme.ts";

const rowPx = 48;
/** Of a row: where its starts lie as dots, below its curve. */
const dotsFrom = 0.04;
const dotsTo = 0.2;
const baseline = 0.24;
const curve = 0.72;

/** A row a strategy: the curve says where its starts lie, a dot is one start, the line is the median. */
export function distributionPlot(all: readonly Figures[], baselineLabel: string): PlotSpec {
  const figures = all.filter(({ total }) => total !== null);
  const curves = figures.map(({ result }) => logDensity(totalsOf(result)));
  const scale = plotScale(
    curves.flatMap((points) => [points[0]!.value, points.at(-1)!.value]),
    { lengthPx: plotWidthPx, withZero: false, logFrom: 4 },
  );
  const bottomOf = (row: number) => figures.length - 1 - row;
  const y = { type: "quantitative" as const, scale: { domain: [0, figures.length] }, axis: null };
  const x = { field: "ms", type: "quantitative" as const, scale: scaleSpec(scale), axis: msAxis(scale) };
  const color = {
    field: "row",
    type: "nominal" as const,
    scale: { domain: figures.map((_, row) => row), range: figures.map(({ strategy }) => colorOf(strategy)) },
    legend: null,
  };
  const labels = figures.map(({ strategy, total, ratio }, row) => ({
    row,
    y: bottomOf(row) + baseline + 0.14,
    name: strategy.label,
    median: formatMs(total!.median),
    ratio: ratio === null ? "" : `${digits(ratio.value)} ×`,
  }));
  const heads = [{ y: figures.length + 0.1, median: "median", ratio: `× ${baselineLabel}` }];
  const column = (values: object[], field: string, at: number, more: object) => ({
    data: { values },
    mark: {
      type: "text" as const,
      baseline: "middle" as const,
      align: "right" as const,
      clip: false,
      ...more,
    },
    encoding: {
      x: { value: at },
      y: { ...y, field: "y" },
      text: { field, type: "nominal" as const },
    },
  });
  return {
    width: plotWidthPx,
    height: figures.length * rowPx,
    config,
    layer: [
      {
        data: {
          values: curves.flatMap((points, row) => {
            const highest = Math.max(...points.map(({ density }) => density));
            return points.map(({ value, density }) => ({
              row,
              ms: value,
              from: bottomOf(row) + baseline,
              to: bottomOf(row) + baseline + (density / highest) * curve,
            }));
          }),
        },
        mark: { type: "area", opacity: 0.45, line: { strokeWidth: 1.5 } },
        encoding: { x, y: { ...y, field: "to" }, y2: { field: "from" }, color, detail: { field: "row" } },
      },
      {
        data: {
          values: figures.flatMap(({ result }, row) =>
            totalsOf(result).map((ms, index) => ({
              row,
              ms,
              // Dots of equal starts lie beside each other; the golden ratio spreads them evenly.
              y: bottomOf(row) + dotsFrom + ((index * 0.618034) % 1) * (dotsTo - dotsFrom),
            })),
          ),
        },
        mark: { type: "circle", size: 9, opacity: 0.5 },
        encoding: { x, y: { ...y, field: "y" }, color },
      },
      {
        data: {
          values: figures.map(({ total }, row) => ({
            ms: total!.median,
            from: bottomOf(row) + dotsFrom,
            to: bottomOf(row) + baseline + curve,
          })),
        },
        mark: { type: "rule", color: ink, strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: "from" }, y2: { field: "to" } },
      },
      column(labels, "name", -12, { color: ink, fontWeight: 600 }),
      column(labels, "median", plotWidthPx + 72, { color: ink, fontWeight: 600 }),
      column(labels, "ratio", plotWidthPx + 142, { color: muted }),
      column(heads, "median", plotWidthPx + 72, { color: muted, fontSize: 12 }),
      column(heads, "ratio", plotWidthPx + 142, { color: muted, fontSize: 12 }),
    ],
  } as PlotSpec;
}
