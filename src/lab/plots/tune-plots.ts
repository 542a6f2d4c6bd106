import { formatUsd } from "../format.ts";
import type { PlotSpec } from "../plot-library.ts";
import { percentile } from "../statistics.ts";
import type { TuneCost } from "../tune-costs.ts";
import { type PlotScale, plotScale, scaleSpec } from "./plot-scale.ts";
import { config, faint, ink, msAxis, muted, plotWidthPx } from "./plot-theme.ts";

const heightPx = 340;
const smallHeightPx = 170;

/** Duration against cost, a path from the smallest memory size to the largest: down and left is better. */
export function costPlot(costs: readonly TuneCost[]): PlotSpec | null {
  const rows = measured(costs);
  if (rows.length === 0) return null;
  const x = plotScale(
    rows.map(({ usd }) => usd),
    { lengthPx: plotWidthPx, logFrom: Infinity },
  );
  const y = plotScale(
    rows.map(({ ms }) => ms),
    { lengthPx: heightPx, isVertical: true },
  );
  const xChannel = quantitative("usd", x, usdAxis(x, "a million invocations"));
  const yChannel = quantitative("ms", y, msAxis(y, "median duration"));
  return {
    width: plotWidthPx,
    height: heightPx,
    config,
    layer: [
      {
        data: { values: rows },
        mark: { type: "line", color: muted, strokeWidth: 1.5, strokeDash: [4, 4] },
        encoding: { x: xChannel, y: yChannel, order: { field: "mb", type: "quantitative" } },
      },
      {
        data: { values: rows },
        mark: { type: "circle", size: 150, opacity: 1 },
        encoding: { x: xChannel, y: yChannel, color: markColor },
      },
      {
        data: { values: rows },
        mark: { type: "text", align: "left", baseline: "middle", dx: 14, color: ink, fontWeight: 600 },
        encoding: { x: xChannel, y: yChannel, text: { field: "label" } },
      },
    ],
  } as unknown as PlotSpec;
}

/** Two plots over the same sizes, one unit each: two scales on one plot could be made to say anything. */
export function bySizePlots(costs: readonly TuneCost[]): PlotSpec[] {
  const rows = measured(costs);
  if (rows.length === 0) return [];
  const x = plotScale(
    rows.map(({ mb }) => mb),
    { lengthPx: plotWidthPx, withZero: false },
  );
  const sizes = rows.map(({ mb }) => mb);
  const xAxis = { title: null, values: sizes, grid: false, labelExpr: "datum.value + ' MB'" };
  const xChannel = quantitative("mb", x, xAxis);
  const ms = plotScale(
    rows.flatMap(({ low, high }) => [low, high]),
    { lengthPx: smallHeightPx, isVertical: true },
  );
  const usd = plotScale(
    rows.map((row) => row.usd),
    { lengthPx: smallHeightPx, isVertical: true, logFrom: Infinity },
  );
  // Fixed, so that a size is at the same place in both.
  const padding = { left: 96, right: 24, top: 8, bottom: 30 };
  const common = { width: plotWidthPx, height: smallHeightPx, autosize: { type: "none" }, padding, config };
  const dots = { type: "circle", size: 90, opacity: 1 };
  const line = { type: "line", color: muted, strokeWidth: 1.5 };
  const durations = quantitative("ms", ms, msAxis(ms, "duration"));
  const bills = quantitative("usd", usd, usdAxis(usd, "a million invocations"));
  return [
    {
      ...common,
      data: { values: rows },
      layer: [
        {
          mark: { type: "rule", strokeWidth: 6, opacity: 0.3, strokeCap: "round", color: muted },
          encoding: { x: xChannel, y: { ...durations, field: "low" }, y2: { field: "high" } },
        },
        { mark: line, encoding: { x: xChannel, y: durations } },
        { mark: dots, encoding: { x: xChannel, y: durations, color: markColor } },
      ],
    },
    {
      ...common,
      data: { values: rows },
      layer: [
        { mark: line, encoding: { x: xChannel, y: bills } },
        { mark: dots, encoding: { x: xChannel, y: bills, color: markColor } },
      ],
    },
  ] as unknown as PlotSpec[];
}

const markColor = {
  field: "color",
  type: "nominal",
  scale: null,
  legend: null,
};

function measured(costs: readonly TuneCost[]) {
  return costs.flatMap(({ point, durationMs, usdPerMillion, mark }) =>
    durationMs === null || usdPerMillion === null
      ? []
      : [
          {
            mb: point.memorySizeMb,
            ms: durationMs,
            usd: usdPerMillion,
            low: percentile(point.durationsMs, 5),
            high: percentile(point.durationsMs, 95),
            label: `${point.memorySizeMb} MB${mark === null ? "" : `, ${mark}`}`,
            color:
              mark === null
                ? "var(--init)"
                : mark === "cheapest"
                  ? "var(--workerd-loader)"
                  : "var(--snapshot-warm-up)",
          },
        ],
  );
}

function quantitative(field: string, scale: PlotScale, axis: object) {
  return { field, type: "quantitative", scale: scaleSpec(scale), axis: { gridColor: faint, ...axis } };
}

/** Written out by us: a format of the library would show cents of a price far below one. */
function usdAxis(scale: PlotScale, title: string) {
  const labels = Object.fromEntries(scale.ticks.map((tick) => [String(tick), formatUsd(tick)]));
  return { title, values: [...scale.ticks], labelExpr: `${JSON.stringify(labels)}[toString(datum.value)]` };
}
