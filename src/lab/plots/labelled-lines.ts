import type { PlotSpec } from "../plot-library.ts";
import { type PlotScale, scaleSpec, spreadLabels } from "./plot-scale.ts";
import { config, plotWidthPx } from "./plot-theme.ts";

export interface Series {
  readonly label: string;
  readonly color: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

export interface LinesOptions {
  readonly x: PlotScale;
  readonly y: PlotScale;
  readonly xAxis: object;
  readonly yAxis: object;
  readonly heightPx: number;
  readonly widthPx?: number;
  readonly withDots: boolean;
}

/** Lines with their names at their ends, moved apart where the ends lie too close. */
export function labelledLines(all: readonly Series[], options: LinesOptions): PlotSpec {
  const series = all.filter(({ points }) => points.length > 0);
  const { x, y, heightPx, widthPx = plotWidthPx } = options;
  const ends = series.map(({ points }) => points.at(-1)!);
  const places = spreadLabels(
    ends.map((end) => y.toPixel(end.y)),
    18,
    heightPx,
  );
  const xChannel = { field: "x", type: "quantitative", scale: scaleSpec(x), axis: options.xAxis };
  const yChannel = { field: "y", type: "quantitative", scale: scaleSpec(y), axis: options.yAxis };
  const color = {
    field: "row",
    type: "nominal",
    scale: { domain: series.map((_, row) => row), range: series.map((each) => each.color) },
    legend: null,
  };
  const rows = series.flatMap(({ points }, row) => points.map((point) => ({ row, ...point })));
  return {
    width: widthPx,
    height: heightPx,
    config,
    layer: [
      {
        data: { values: rows.filter(({ low, high }) => low !== undefined && high !== undefined) },
        mark: { type: "rule", strokeWidth: 5, opacity: 0.3, strokeCap: "round" },
        encoding: { x: xChannel, y: { ...yChannel, field: "low" }, y2: { field: "high" }, color },
      },
      {
        data: { values: rows },
        mark: { type: "line", strokeWidth: 2.2, strokeJoin: "round" },
        encoding: { x: xChannel, y: yChannel, color, detail: { field: "row" } },
      },
      ...(options.withDots
        ? [
            {
              data: { values: rows },
              mark: { type: "circle", size: 48, opacity: 1 },
              encoding: { x: xChannel, y: yChannel, color },
            },
          ]
        : []),
      {
        data: {
          values: series.map(({ label }, row) => ({
            row,
            x: ends[row]!.x,
            y: y.fromPixel(places[row]!),
            label,
          })),
        },
        mark: { type: "text", align: "left", baseline: "middle", dx: 10, fontWeight: 600 },
        encoding: { x: xChannel, y: yChannel, text: { field: "label" }, color },
      },
    ],
  } as unknown as PlotSpec;
}
