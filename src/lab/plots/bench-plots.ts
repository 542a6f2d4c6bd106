import { type Figures, strategyOf } from "../bench-figures.ts";
import { digits } from "../format.ts";
import type { BenchRun, Burst, RestoreSeries } from "../model.ts";
import type { PlotSpec } from "../plot-library.ts";
import { fitLine, median, percentile } from "../statistics.ts";
import { labelledLines } from "./labelled-lines.ts";
import { plotScale, scaleSpec, spreadLabels } from "./plot-scale.ts";
import { colorOf, config, megabyteAxis, msAxis, plotWidthPx } from "./plot-theme.ts";

const heightPx = 360;

/** A line a strategy: how long the first, the second, the last of the answers took. */
export function burstPlot(run: BenchRun, all: readonly Burst[]): PlotSpec | null {
  const bursts = all.filter(({ latenciesMs }) => latenciesMs.length > 0);
  if (bursts.length === 0) return null;
  const sizes = bursts.map(({ size }) => size);
  const x = plotScale([1, Math.max(...sizes)], { lengthPx: plotWidthPx, withZero: false, logFrom: Infinity });
  const y = plotScale(
    bursts.flatMap(({ latenciesMs }) => latenciesMs),
    { lengthPx: heightPx, isVertical: true, logFrom: 20 },
  );
  return labelledLines(
    bursts.map(({ strategy, latenciesMs }) => ({
      label: strategyOf(run, strategy).label,
      color: colorOf(strategyOf(run, strategy)),
      points: latenciesMs.toSorted((a, b) => a - b).map((ms, index) => ({ x: index + 1, y: ms })),
    })),
    {
      x,
      y,
      xAxis: {
        title: "answers received",
        values: x.ticks,
        grid: false,
        labelExpr: "format(datum.value, 'd')",
      },
      yAxis: msAxis(y),
      heightPx,
      withDots: false,
    },
  );
}

/** Medians with the middle nine tenths; the label is what a further megabyte costs. */
export function restorePlot(all: readonly RestoreSeries[]): PlotSpec | null {
  const series = all
    .map(({ label, points }) => ({ label, points: points.filter(({ restoreMs }) => restoreMs.length > 0) }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return null;
  const points = series.flatMap((each) => each.points);
  const x = plotScale(
    points.map(({ heapBytes }) => heapBytes / 1e6),
    { lengthPx: plotWidthPx, logFrom: Infinity },
  );
  const y = plotScale(
    points.flatMap(({ restoreMs }) => [percentile(restoreMs, 5), percentile(restoreMs, 95)]),
    { lengthPx: heightPx, isVertical: true, logFrom: Infinity },
  );
  const colors = ["var(--snapshot)", "var(--init)", "var(--workerd-loader)", "var(--bun-process)"];
  return labelledLines(
    series.map(({ label, points }, index) => {
      const shown = points.map(({ heapBytes, restoreMs }) => ({
        x: heapBytes / 1e6,
        y: median(restoreMs),
        low: percentile(restoreMs, 5),
        high: percentile(restoreMs, 95),
      }));
      const line = fitLine(shown);
      return {
        label: line === null ? label : `${label}, ${digits(line.slope)} ms a MB`,
        color: colors[index % colors.length]!,
        points: shown,
      };
    }),
    {
      x,
      y,
      xAxis: { ...megabyteAxis(x, "heap in use"), grid: false },
      yAxis: msAxis(y),
      heightPx,
      withDots: true,
    },
  );
}

/** Down is faster, left is smaller. */
export function memoryPlot(all: readonly Figures[]): PlotSpec | null {
  const figures = all.filter(({ total, result }) => total !== null && result.rssBytesPerEnvironment !== null);
  if (figures.length < 2) return null;
  const points = figures.map(({ strategy, total, result }) => ({
    label: strategy.label,
    color: colorOf(strategy),
    mb: result.rssBytesPerEnvironment! / 1e6,
    ms: total!.median,
    low: total!.interval?.low ?? total!.median,
    high: total!.interval?.high ?? total!.median,
  }));
  const x = plotScale(
    points.map(({ mb }) => mb),
    { lengthPx: plotWidthPx },
  );
  const y = plotScale(
    points.flatMap(({ low, high }) => [low, high]),
    { lengthPx: heightPx, isVertical: true },
  );
  const places = labelPlaces(points.map(({ mb, ms }) => ({ x: x.toPixel(mb), y: y.toPixel(ms) })));
  const xChannel = {
    field: "mb",
    type: "quantitative",
    scale: scaleSpec(x),
    axis: { ...megabyteAxis(x, "memory of one more environment"), grid: true },
  };
  const yChannel = {
    field: "ms",
    type: "quantitative",
    scale: scaleSpec(y),
    axis: msAxis(y, "median of the cold start"),
  };
  const color = {
    field: "row",
    type: "nominal",
    scale: { domain: points.map((_, row) => row), range: points.map((point) => point.color) },
    legend: null,
  };
  const rows = points.map((point, row) => ({ row, ...point, labelY: y.fromPixel(places[row]!) }));
  return {
    width: plotWidthPx,
    height: heightPx,
    config,
    layer: [
      {
        data: { values: rows },
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x: xChannel, y: { ...yChannel, field: "low" }, y2: { field: "high" }, color },
      },
      {
        data: { values: rows },
        mark: { type: "circle", size: 130, opacity: 1 },
        encoding: { x: xChannel, y: yChannel, color },
      },
      {
        data: { values: rows },
        mark: { type: "text", align: "left", baseline: "middle", dx: 12, fontWeight: 600 },
        encoding: { x: xChannel, y: { ...yChannel, field: "labelY" }, text: { field: "label" }, color },
      },
    ],
  } as unknown as PlotSpec;
}

/** Points whose labels would run into each other are spread together; those far apart sideways don't matter to each other. */
function labelPlaces(points: readonly { readonly x: number; readonly y: number }[]): number[] {
  const labelPx = 150;
  const places = points.map(({ y }) => y);
  const order = points.map((_, index) => index).sort((a, b) => points[a]!.x - points[b]!.x);
  let group: number[] = [];
  const settle = () => {
    const spread = spreadLabels(
      group.map((index) => points[index]!.y),
      17,
      heightPx,
    );
    for (const [position, index] of group.entries()) places[index] = spread[position]!;
    group = [];
  };
  for (const index of order) {
    const last = group.at(-1);
    if (last !== undefined && points[index]!.x - points[last]!.x > labelPx) settle();
    group.push(index);
  }
  settle();
  return places;
}
