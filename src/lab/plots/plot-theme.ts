import type { PhaseName, Strategy } from "../model.ts";
import type { PlotScale } from "./plot-scale.ts";

/** Colours are the page's CSS variables, so that one drawing serves light and dark. */
export const ink = "var(--ink)";
export const muted = "var(--muted)";
export const paper = "var(--paper)";
export const faint = "var(--faint)";

export const plotWidthPx = 680;

const known = [
  "node-process",
  "deno-process",
  "bun-process",
  "worker-thread",
  "node-vm",
  "workerd-loader",
  "init",
  "code-cache",
  "snapshot",
  "snapshot-warm-up",
  "restored-ahead",
  "warm",
];

/** An unknown one takes its family's colour: its label tells it apart. */
export function colorOf({ id, family }: Strategy): string {
  return known.includes(id) ? `var(--${id})` : `var(--${family})`;
}

/** In the order in which a start goes through them; the last two are ours. */
export const phaseLabels: Readonly<Record<PhaseName | "rest" | "whole", string>> = {
  process: "process or thread",
  isolate: "isolate",
  context: "context",
  bind: "bind",
  init: "init",
  restore: "restore",
  firstInvoke: "first invoke",
  rest: "way there and back",
  whole: "not split up",
};

export const phaseColors = Object.keys(phaseLabels).map((name) => `var(--phase-${name})`);

/** What all plots share. */
export const config = {
  background: "transparent",
  font: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  view: { stroke: null },
  // The tables beside the plots hold the figures for who can't see them.
  aria: false,
  axis: {
    labelColor: muted,
    titleColor: muted,
    titleFontWeight: "normal",
    titleFontSize: 12,
    labelFontSize: 12,
    gridColor: faint,
    domain: false,
    ticks: false,
    labelPadding: 6,
    titlePadding: 10,
  },
  // Plots below each other begin at the same place.
  axisY: { minExtent: 58 },
  legend: {
    labelColor: ink,
    labelFontSize: 12,
    title: null,
    symbolType: "square",
    symbolSize: 120,
    labelLimit: 0,
  },
  text: { fill: ink, fontSize: 13 },
} as const;

/** Ticks with their unit: `5 ms`, `1 s`. */
export function msAxis(scale: PlotScale, title: string | null = null) {
  return {
    title,
    values: [...scale.ticks],
    labelExpr:
      "datum.value >= 1000 ? format(datum.value / 1000, '~r') + ' s' : format(datum.value, '~r') + ' ms'",
  };
}

export function megabyteAxis(scale: PlotScale, title: string | null = null) {
  return { title, values: [...scale.ticks], labelExpr: "format(datum.value, '~r') + ' MB'" };
}
