import { countOf, type Figures, figuresOf, strategyOf } from "./bench-figures.ts";
import {
  digits,
  formatClaimValue,
  formatInterval,
  formatMs,
  formatSize,
  formatTarget,
  formatUsd,
} from "./format.ts";
import { type Html, html } from "./html.ts";
import { type Cell, dayOf, figure, reportPage, table } from "./html-report-page.ts";
import type { BenchRun, Claim, Failure, LabRun, TuneRun, Workload } from "./model.ts";
import { burstPlot, memoryPlot, restorePlot } from "./plots/bench-plots.ts";
import { distributionPlot } from "./plots/distribution-plot.ts";
import { phasesPlots } from "./plots/phases-plot.ts";
import { colorOf } from "./plots/plot-theme.ts";
import { bySizePlots, costPlot } from "./plots/tune-plots.ts";
import { median } from "./statistics.ts";
import { tuneCosts } from "./tune-costs.ts";

/** One HTML file that needs nothing but itself, for light and dark. Takes a second or two: intervals and drawings. */
export async function htmlReport(run: LabRun): Promise<string> {
  return run.kind === "bench" ? await benchReport(run) : await tuneReport(run);
}

async function benchReport(run: BenchRun): Promise<string> {
  const sections: Html[] = [];
  for (const workload of run.workloads) sections.push(await workloadSection(run, workload));
  const restore = restorePlot(run.restoreBySize);
  const restores = await figure({
    title: "How does a restore grow with the heap?",
    caption: "Dots are medians, bars hold the middle nine tenths of the restores. The label is the slope.",
    plots: restore === null ? [] : [restore],
  });
  const body = html`<h1>How long does a cold start take?</h1>
<p class="quiet">${run.settings.runs} cold starts by each strategy, in turns, on ${run.machine.cpu}, ${dayOf(run)}</p>
${run.workloads.map((workload) => leadOf(run, workload))}
${run.claims.length > 0 ? claimsSection(run.claims) : null}
${sections}
${restores === null ? null : html`<h2>Restores by heap size</h2>${restores}`}`;
  return reportPage(run, "Cold starts by Brisk's laboratory", body);
}

/** The finding in one sentence: the fastest of ours that starts on demand, against the baseline. */
function leadOf(run: BenchRun, workload: Workload): Html | null {
  const figures = figuresOf(run, workload).filter(({ total }) => total !== null);
  const base = figures.find(({ strategy }) => strategy.id === run.settings.baseline);
  // What was restored before it was asked for has most of its start behind it: it is shown, but no headline.
  const ours = figures.filter(
    ({ strategy }) => strategy.family === "brisk" && !["warm", "restored-ahead"].includes(strategy.id),
  );
  const best = ours.toSorted((a, b) => a.total!.median - b.total!.median)[0];
  if (base === undefined || best === undefined || best === base) return null;
  return html`<p class="lead">${workload.label}: <b>${formatMs(best.total!.median)}</b> with ${best.strategy.label},
<b>${formatMs(base.total!.median)}</b> with ${base.strategy.label}: <b>${digits(base.total!.median / best.total!.median)} times</b> as fast.</p>
`;
}

function claimsSection(claims: readonly Claim[]): Html {
  return html`<h2>What was promised, and what this run says</h2>
${table(
  ["", "measured", "95% CI", "promised", ""],
  claims.map((claim): (string | Cell)[] => [
    {
      content: html`${claim.label}${claim.note === null ? null : html`<br><span class="quiet">${claim.note}</span>`}`,
      className: "words",
    },
    formatClaimValue(claim),
    claim.interval === null ? "–" : formatInterval(claim.interval),
    formatTarget(claim.target, claim.unit),
    claim.isMet === null
      ? { content: "not measured", className: "unknown" }
      : claim.isMet
        ? { content: "✓ met", className: "good" }
        : { content: "✗ missed", className: "bad" },
  ]),
)}`;
}

async function workloadSection(run: BenchRun, workload: Workload): Promise<Html> {
  const figures = figuresOf(run, workload);
  const baseline = strategyOf(run, run.settings.baseline).label;
  const size = workload.bundleBytes === null ? "" : ` ${formatSize(workload.bundleBytes)} of code.`;
  const drawn = figures.some(({ total }) => total !== null) ? [distributionPlot(figures, baseline)] : [];
  const memory = memoryPlot(figures);
  const burst = burstPlot(run, workload.bursts);
  return html`<h2>${workload.label}</h2>
<p class="quiet">${workload.description}${size}</p>
${await figure({
  title: "How long until the whole answer is there?",
  caption:
    "From opening the connection to the last byte. A dot is one start, the curve shows where they crowd, the line is the median. A wide range is on a logarithmic scale.",
  plots: drawn,
})}
${figuresTable(run, figures, baseline)}
${notes(run, workload, figures)}
${await figure({
  title: "Where does the time go?",
  caption: "Means over the middle half of the starts, so that the parts add up.",
  plots: phasesPlots(figures),
})}
${await figure({
  title: "What does speed cost in memory?",
  caption: "Lower is faster, further left is smaller.",
  plots: memory === null ? [] : [memory],
})}
${await figure({
  title: `When ${workload.bursts[0]?.size ?? run.settings.burstSize} start at once, how long does each wait?`,
  caption: "Time since the burst began at which the first, the second, … the last answer was there.",
  plots: burst === null ? [] : [burst],
})}
${workload.bursts.length > 0 ? burstTable(run, workload) : null}
`;
}

function figuresTable(run: BenchRun, figures: readonly Figures[], baseline: string): Html {
  const isThin = figures.some(({ total }) => total?.isP99Thin);
  const ms = (value: number | null | undefined) => (value == null ? "–" : formatMs(value));
  return html`${table(
    [
      "strategy",
      "median",
      "95% CI",
      "p95",
      isThin ? "p99 *" : "p99",
      `× ${baseline}`,
      "CPU",
      "memory",
      "second call",
      "failed",
    ],
    figures.map(({ strategy, result, total, ratio, cpuMs, secondInvokeMs, failed }): (string | Cell)[] => [
      {
        content: html`<span class="swatch" style="background: ${colorOf(strategy)}"></span>${strategy.label}`,
      },
      ms(total?.median),
      total?.interval ? formatInterval(total.interval) : "–",
      ms(total?.p95),
      ms(total?.p99),
      ratio === null
        ? strategy.id === run.settings.baseline
          ? "1"
          : "–"
        : { content: digits(ratio.value), ...(ratio.high < 1 ? { className: "good" as const } : {}) },
      ms(cpuMs),
      result.rssBytesPerEnvironment === null ? "–" : formatSize(result.rssBytesPerEnvironment),
      ms(secondInvokeMs),
      failed === 0 ? "0" : { content: String(failed), className: "bad" },
    ]),
  )}${isThin ? html`<p class="quiet">* Of fewer than a hundred starts, nearly the slowest one.</p>` : null}`;
}

function burstTable(run: BenchRun, { bursts }: Workload): Html {
  return table(
    ["at once", "first", "median", "last", "failed"],
    bursts.map(({ strategy, size, latenciesMs, failures }): (string | Cell)[] => {
      const sorted = latenciesMs.toSorted((a, b) => a - b);
      const ms = (value: number | undefined) => (value === undefined ? "–" : formatMs(value));
      const failed = countOf(failures);
      return [
        `${size} × ${strategyOf(run, strategy).label}`,
        ms(sorted[0]),
        sorted.length === 0 ? "–" : formatMs(median(sorted)),
        ms(sorted.at(-1)),
        failed === 0 ? "0" : { content: `${failed}: ${failures[0]?.message ?? ""}`, className: "bad" },
      ];
    }),
  );
}

function notes(run: BenchRun, workload: Workload, figures: readonly Figures[]): Html | null {
  const skipped = workload.skipped.map(
    ({ strategy, reason }) => html`<li>Not run: ${strategyOf(run, strategy).label}. ${reason}</li>`,
  );
  const failed = figures.flatMap(({ strategy, result }) => failureItems(strategy.label, result.failures));
  const items = [...skipped, ...failed];
  return items.length === 0 ? null : html`<ul class="quiet">${items}</ul>`;
}

function failureItems(label: string, failures: readonly Failure[]): Html[] {
  return failures.map(({ message, count }) => html`<li>Failed: ${label}, ${count} ×. ${message}</li>`);
}

async function tuneReport(run: TuneRun): Promise<string> {
  const costs = tuneCosts(run);
  const cost = costPlot(costs);
  const body = html`<h1>How much memory should ${run.functionName} have?</h1>
<p class="quiet">${run.settings.runs} warm invocations at each size, on ${run.machine.cpu}, ${dayOf(run)}. Costs as billed by ${run.pricing.source}.</p>
${await figure({
  title: "What does it cost to be faster?",
  caption: "Lower is faster, further left is cheaper. The dashes lead from the smallest size to the largest.",
  plots: cost === null ? [] : [cost],
})}
${await figure({
  title: "What does each size bring?",
  caption: "Duration and cost of each size; bars hold the middle nine tenths of the invocations.",
  plots: bySizePlots(costs),
})}
${table(
  ["memory", "median", "p95", "a million invocations", "cold", "largest use", "failed", ""],
  costs.map(({ point, durationMs, p95Ms, usdPerMillion, mark }): (string | Cell)[] => {
    const failed = countOf(point.failures);
    return [
      `${point.memorySizeMb} MB`,
      durationMs === null ? "–" : formatMs(durationMs),
      p95Ms === null ? "–" : formatMs(p95Ms),
      usdPerMillion === null ? "–" : formatUsd(usdPerMillion),
      point.coldMs === null ? "–" : formatMs(point.coldMs),
      point.maxMemoryUsedMb === null ? "–" : `${point.maxMemoryUsedMb} MB`,
      failed === 0 ? "0" : { content: String(failed), className: "bad" },
      { content: mark ?? "", className: "good" },
    ];
  }),
)}
<ul class="quiet">${costs.flatMap(({ point }) => failureItems(`${point.memorySizeMb} MB`, point.failures))}</ul>`;
  return reportPage(run, `Memory sizes of ${run.functionName}`, body);
}
