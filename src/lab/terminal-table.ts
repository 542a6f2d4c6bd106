import { countOf, type Figures, figuresOf, strategyOf } from "./bench-figures.ts";
import { type Column, layOut, plain, type TableOptions, wrap } from "./columns.ts";
import {
  digits,
  formatClaimValue,
  formatInterval,
  formatMs,
  formatSize,
  formatTarget,
  formatUsd,
} from "./format.ts";
import type { BenchRun, Claim, Failure, TuneRun, Workload } from "./model.ts";
import { median } from "./statistics.ts";
import { tuneCosts } from "./tune-costs.ts";

/** A run on a terminal: a table for each workload, its bursts, and what was promised. */
export function benchTable(run: BenchRun, options: TableOptions): string[] {
  const lines = run.workloads.flatMap((workload) => [...workloadLines(run, workload, options), ""]);
  if (run.restoreBySize.length > 0) lines.push(...restoreLines(run, options), "");
  if (run.claims.length > 0) lines.push(...claimLines(run.claims, options), "");
  return lines.slice(0, -1);
}

/** `brisk tune` on a terminal: a line for each memory size. */
export function tuneTable(run: TuneRun, options: TableOptions): string[] {
  const costs = tuneCosts(run);
  const columns: Column<(typeof costs)[number]>[] = [
    { head: "memory", cell: ({ point }) => `${point.memorySizeMb} MB` },
    { head: "median", cell: ({ durationMs }) => (durationMs === null ? "–" : formatMs(durationMs)) },
    { head: "p95", cell: ({ p95Ms }) => (p95Ms === null ? "–" : formatMs(p95Ms)), importance: 2 },
    {
      head: "per million",
      cell: ({ usdPerMillion }) => (usdPerMillion === null ? "–" : formatUsd(usdPerMillion)),
    },
    {
      head: "cold",
      cell: ({ point }) => (point.coldMs === null ? "–" : formatMs(point.coldMs)),
      importance: 1,
    },
    { head: "failed", cell: ({ point }) => String(countOf(point.failures)), importance: 3, style: alarm },
    { head: "", cell: ({ mark }) => mark ?? "", align: "left", importance: 4, style: () => "green" },
  ];
  return [
    ...wrap(plain(run.functionName), options, "bold"),
    ...layOut(costs, columns, options),
    ...wrap(`billed as by ${plain(run.pricing.source)}`, options, "dim"),
  ];
}

function workloadLines(run: BenchRun, workload: Workload, options: TableOptions): string[] {
  const { style } = options;
  const size = workload.bundleBytes === null ? "" : `, ${formatSize(workload.bundleBytes)} of code`;
  const name = plain(workload.label);
  const about = `${run.settings.runs} cold starts each${size}`;
  const lines =
    name.length + 2 + about.length <= options.columns
      ? [`${style("bold", name)}  ${style("dim", about)}`]
      : [...wrap(name, options, "bold"), ...wrap(about, options, "dim")];
  const figures = figuresOf(run, workload);
  lines.push(...layOut(figures, columnsOf(run, figures), options));
  for (const { strategy, reason } of workload.skipped) {
    lines.push(...wrap(`not run: ${strategyOf(run, strategy).label}: ${plain(reason)}`, options, "dim"));
  }
  for (const { strategy, result } of figures) {
    lines.push(...failureLines(strategy.label, result.failures, options));
  }
  if (workload.bursts.length > 0) lines.push("", ...burstLines(run, workload, options));
  return lines;
}

function columnsOf(run: BenchRun, figures: readonly Figures[]): Column<Figures>[] {
  const isThin = figures.some(({ total }) => total?.isP99Thin);
  const baseline = strategyOf(run, run.settings.baseline).label;
  return [
    { head: "strategy", cell: ({ strategy }) => plain(strategy.label), align: "left" },
    {
      head: "median",
      cell: ({ total }) => (total === null ? "–" : formatMs(total.median)),
      style: () => "bold",
    },
    {
      head: "95% CI",
      cell: ({ total }) => (total?.interval ? formatInterval(total.interval) : "–"),
      importance: 4,
    },
    { head: "p95", cell: ({ total }) => (total === null ? "–" : formatMs(total.p95)), importance: 6 },
    {
      // Of less than a hundred starts it is nearly the slowest one.
      head: isThin ? "~p99" : "p99",
      cell: ({ total }) => (total === null ? "–" : formatMs(total.p99)),
      importance: 5,
    },
    {
      head: `× ${plain(baseline)}`,
      cell: ({ ratio, strategy }) =>
        ratio === null ? (strategy.id === run.settings.baseline ? "1" : "–") : digits(ratio.value),
      importance: 8,
      style: ({ ratio }) => (ratio !== null && ratio.high < 1 ? "green" : undefined),
    },
    { head: "CPU", cell: ({ cpuMs }) => (cpuMs === null ? "–" : formatMs(cpuMs)), importance: 2 },
    {
      head: "memory",
      cell: ({ result }) =>
        result.rssBytesPerEnvironment === null ? "–" : formatSize(result.rssBytesPerEnvironment),
      importance: 3,
    },
    {
      head: "2nd call",
      cell: ({ secondInvokeMs }) => (secondInvokeMs === null ? "–" : formatMs(secondInvokeMs)),
      importance: 1,
    },
    ...(figures.some(({ failed }) => failed > 0)
      ? [{ head: "failed", cell: ({ failed }: Figures) => String(failed), importance: 7, style: failedStyle }]
      : []),
  ];
}

function failedStyle({ failed }: Figures): "red" | undefined {
  return failed > 0 ? "red" : undefined;
}

function alarm({ point }: { readonly point: { readonly failures: readonly Failure[] } }): "red" | undefined {
  return point.failures.length > 0 ? "red" : undefined;
}

function burstLines(run: BenchRun, workload: Workload, options: TableOptions): string[] {
  const percentiles = workload.bursts.map((burst) => {
    const sorted = burst.latenciesMs.toSorted((a, b) => a - b);
    return { burst, first: sorted[0], median: median(sorted), last: sorted.at(-1) };
  });
  type Row = (typeof percentiles)[number];
  const ms = (value: number | undefined) => (value === undefined ? "–" : formatMs(value));
  const columns: Column<Row>[] = [
    {
      head: "cold starts at once",
      cell: ({ burst }) => `${burst.size} × ${plain(strategyOf(run, burst.strategy).label)}`,
      align: "left",
    },
    { head: "first", cell: ({ first }) => ms(first), importance: 1 },
    { head: "median", cell: (row) => ms(Number.isNaN(row.median) ? undefined : row.median) },
    { head: "last", cell: ({ last }) => ms(last) },
    {
      head: "failed",
      cell: ({ burst }) => String(countOf(burst.failures)),
      importance: 2,
      style: ({ burst }) => (burst.failures.length > 0 ? "red" : undefined),
    },
  ];
  const lines = layOut(percentiles, columns, options);
  for (const { strategy, failures } of workload.bursts) {
    lines.push(...failureLines(strategyOf(run, strategy).label, failures, options));
  }
  return lines;
}

function restoreLines(run: BenchRun, options: TableOptions): string[] {
  const rows = run.restoreBySize.flatMap(({ label, points }) => points.map((point) => ({ label, point })));
  return layOut(
    rows,
    [
      { head: "heap of", cell: ({ label }) => plain(label), align: "left" },
      { head: "in use", cell: ({ point }) => formatSize(point.heapBytes) },
      { head: "snapshot", cell: ({ point }) => formatSize(point.snapshotBytes), importance: 1 },
      { head: "restore", cell: ({ point }) => formatMs(median(point.restoreMs)) },
    ],
    options,
  );
}

function claimLines(claims: readonly Claim[], options: TableOptions): string[] {
  const { style } = options;
  return [
    ...wrap("What Brisk promises, and what this run says", options, "bold"),
    ...claims.flatMap((claim) => {
      const mark =
        claim.isMet === null ? style("yellow", "?") : claim.isMet ? style("green", "✓") : style("red", "✗");
      const interval = claim.interval === null ? "" : ` (${formatInterval(claim.interval)})`;
      const figure = `${formatClaimValue(claim)}${interval}, promised ${formatTarget(claim.target, claim.unit)}`;
      const note = claim.note === null ? "" : ` (${plain(claim.note)})`;
      return wrap(`${plain(claim.label)}: ${figure}${note}`, {
        ...options,
        columns: options.columns - 2,
      }).map((line, index) => (index === 0 ? `${mark} ${line}` : `  ${line}`));
    }),
  ];
}

function failureLines(label: string, failures: readonly Failure[], options: TableOptions): string[] {
  return failures.flatMap(({ message, count }) =>
    wrap(`failed: ${plain(label)} (${count} ×): ${plain(message)}`, options, "red"),
  );
}
