import { escapeJson, type Html, html, Html as Raw } from "./html.ts";
import { reportStyle } from "./html-report-style.ts";
import type { LabRun, RunHeader } from "./model.ts";
import type { PlotSpec } from "./plot-library.ts";

/**
 * The page around a report. Its policy forbids scripts and any request: were a name to get through unescaped, it
 * could still do nothing. The run itself is in it as JSON, so that the page is all that has to be kept.
 */
export function reportPage(run: LabRun, title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Raw(reportStyle)}</style>
</head>
<body>
<main>
${body}
${about(run)}
</main>
<script type="application/json" id="run">${new Raw(escapeJson(run))}</script>
</body>
</html>
`.text;
}

export interface Figure {
  /** The question that it answers. */
  readonly title: string;
  /** How to read it. */
  readonly caption: string;
  readonly plots: readonly PlotSpec[];
}

/** Nothing where there is nothing to draw. The library is loaded by the first figure. */
export async function figure({ title, caption, plots }: Figure): Promise<Html | null> {
  if (plots.length === 0) return null;
  const { renderSvg } = await import("./plot-library.ts");
  const drawings = await Promise.all(plots.map(renderSvg));
  return html`<figure>
<h3>${title}</h3>
<figcaption>${caption}</figcaption>
${drawings.map((svg) => html`<div class="plot">${new Raw(withLabel(svg, title))}</div>`)}
</figure>
`;
}

export interface Cell {
  readonly content: string | Html;
  readonly className?: "good" | "bad" | "unknown" | "words";
}

export function table(heads: readonly string[], rows: readonly (readonly (string | Cell)[])[]): Html {
  const cellOf = (cell: string | Cell) =>
    typeof cell === "string"
      ? html`<td>${cell}</td>`
      : html`<td class="${cell.className ?? ""}">${cell.content}</td>`;
  return html`<div class="table"><table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map(cellOf)}</tr>\n`)}</tbody>
</table></div>
`;
}

/** A day, in words that mean the same everywhere. */
export function dayOf({ startedAt }: RunHeader): string {
  return new Date(startedAt).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
}

function about(run: LabRun): Html {
  const { machine, versions } = run;
  const memory = `${Math.round(machine.memoryBytes / 2 ** 30)} GiB`;
  const facts: [string, string][] = [
    ["command", run.command],
    [
      "started",
      `${run.startedAt.replace("T", " ").replace(/\.\d+Z$/, "")} UTC, took ${Math.round(run.durationMs / 1000)} s`,
    ],
    [
      "machine",
      `${machine.cpu}, ${machine.cpus} processors, ${memory}, ${machine.os}, ${machine.architecture}`,
    ],
    [
      "versions",
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
    ["commit", run.commit ?? "none: an installed package"],
    [
      "runs",
      `${run.settings.runs} kept, ${run.settings.warmUpRuns} before those thrown away, seed ${run.settings.seed}`,
    ],
  ];
  return html`<h2>How it was measured</h2>
<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${name === "command" ? html`<code>${value}</code>` : value}</dd>`)}</dl>
`;
}

/** To who hears the page, a drawing is its question; the answer is in the table. */
function withLabel(svg: string, title: string): string {
  return svg.replace(/^<svg /, () => html`<svg role="img" aria-label="${title}" `.text);
}
