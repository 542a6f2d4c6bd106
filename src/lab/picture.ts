import { figuresOf, strategyOf } from "./bench-figures.ts";
import { reportColors } from "./html-report-style.ts";
import type { BenchRun, Workload } from "./model.ts";
import { distributionPlot } from "./plots/distribution-plot.ts";

/** How long each strategy took, as an SVG file of its own, for light and dark: to be shown in a document. */
export async function distributionPicture(run: BenchRun, workload: Workload): Promise<string> {
  const { renderSvg } = await import("./plot-library.ts");
  const baseline = strategyOf(run, run.settings.baseline).label;
  const svg = await renderSvg(distributionPlot(figuresOf(run, workload), baseline));
  const inside = svg.indexOf(">") + 1;
  const background = '<rect width="100%" height="100%" fill="var(--panel)"/>';
  return `${svg.slice(0, inside)}<style>${reportColors}</style>${background}${svg.slice(inside)}\n`;
}
