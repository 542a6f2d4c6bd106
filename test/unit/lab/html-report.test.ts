import { beforeAll, describe, expect, test } from "vitest";
import { htmlReport } from "../../../src/lab/html-report.ts";
import type { BenchRun } from "../../../src/lab/model.ts";
import { parseRun, serializeRun } from "../../../src/lab/run-document.ts";
import { sampleRun, sampleTuneRun } from "./sample-run.ts";

const run = sampleRun({ runs: 20 });
let page: string;
let drawings: string[];
let tunePage: string;

beforeAll(async () => {
  page = await htmlReport(run);
  drawings = svgsOf(page);
  tunePage = await htmlReport(sampleTuneRun());
});

function svgsOf(html: string): string[] {
  return html.match(/<svg [\s\S]*?<\/svg>/g) ?? [];
}

/** All that a browser would load: everything but the namespaces of SVG and the run's data. */
function withoutData(html: string): string {
  return html
    .replace(/<script type="application\/json"[\s\S]*?<\/script>/, "")
    .replace(/xmlns(:xlink)?="http:\/\/www\.w3\.org\/[^"]*"/g, "");
}

/** What stands in the drawing as text. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
}

describe("the page needs nothing but itself", () => {
  test.each([
    ["a bench", () => page],
    ["a tuning", () => tunePage],
  ])("of %s: no address, no link, no script, and a policy that forbids them", (_, get) => {
    const html = withoutData(get());
    expect(html).not.toMatch(
      /https?:|\/\/|@import|url\((?!#)|<link|<img|<iframe|<script|\s(src|href|xlink:href)=/i,
    );
    expect(html).not.toMatch(/\son\w+=/i);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test("light and dark are the reader's choice, and every colour of a plot has a value in the page", () => {
    expect(page).toContain("@media (prefers-color-scheme: dark)");
    const defined = new Set([...page.matchAll(/(--[\w-]+):/g)].map(([, name]) => name));
    const used = [page, tunePage].flatMap((html) =>
      [...html.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name),
    );
    expect(used.length).toBeGreaterThan(100);
    expect(used.filter((name) => !defined.has(name))).toEqual([]);
  });
});

describe("everything of the model is shown", () => {
  test("each workload has its four drawings, and the restores have theirs", () => {
    const labels = drawings.map((svg) => /aria-label="([^"]*)"/.exec(svg)?.[1]);
    expect(labels.filter((label) => label === "How long until the whole answer is there?")).toHaveLength(2);
    expect(
      labels.filter((label) => label?.startsWith("Where does the time go?")).length,
    ).toBeGreaterThanOrEqual(2);
    expect(labels.filter((label) => label === "What does speed cost in memory?")).toHaveLength(2);
    expect(labels.filter((label) => label?.startsWith("When 50 start at once"))).toHaveLength(2);
    expect(labels.filter((label) => label === "How does a restore grow with the heap?")).toHaveLength(1);
  });

  test("each strategy is in the distribution, the phases, the memory and the table of its workload", () => {
    const sections = page.split("<h2>");
    for (const workload of run.workloads) {
      const section = sections.find((part) => part.startsWith(`${workload.label}</h2>`))!;
      const plots = svgsOf(section);
      const tables = section.match(/<table>[\s\S]*?<\/table>/g)!;
      for (const { strategy } of workload.results) {
        const { label } = run.strategies.find(({ id }) => id === strategy)!;
        expect(textsOf(plots[0]!), `distribution of ${label}`).toContain(label);
        expect(textsOf(plots[1]!), `phases of ${label}`).toContain(label);
        expect(
          plots.slice(2).some((svg) => textsOf(svg).includes(label)),
          `memory of ${label}`,
        ).toBe(true);
        expect(tables[0]).toContain(`</span>${label}</td>`);
      }
      const burst = plots.at(-1)!;
      for (const { strategy, size } of workload.bursts) {
        const { label } = run.strategies.find(({ id }) => id === strategy)!;
        expect(textsOf(burst)).toContain(label);
        expect(tables[1]).toContain(`${size} × ${label}`);
      }
      for (const { reason } of workload.skipped) expect(section).toContain(reason);
    }
  });

  test("a dot is drawn for each start, and a phase that was measured has its colour", () => {
    const starts = run.workloads[0]!.results.reduce((sum, { starts }) => sum + starts.length, 0);
    const dots = /mark-symbol role-mark layer_1_marks[\s\S]*?<\/g>/.exec(drawings[0]!)![0];
    expect(dots.match(/<path /g)).toHaveLength(starts);
    for (const phase of [
      "process",
      "isolate",
      "context",
      "bind",
      "init",
      "restore",
      "firstInvoke",
      "rest",
      "whole",
    ]) {
      expect(drawings[1], phase).toContain(`fill="var(--phase-${phase})"`);
    }
  });

  test("each kind of heap has its line, with what a further megabyte costs", () => {
    const texts = textsOf(drawings.at(-1)!);
    for (const { label } of run.restoreBySize) {
      expect(texts.some((text) => text.startsWith(`${label}, `) && text.endsWith(" ms a MB"))).toBe(true);
    }
  });

  test("each promise has its value, its target and its verdict", () => {
    for (const { label } of run.claims) expect(page).toContain(label.replace("'", "&#39;"));
    expect(page).toContain("✓ met");
    expect(page).toContain("✗ missed");
    expect(page).toContain("workerd is not installed");
  });

  test("a tuning shows each memory size in three plots, and its failures", () => {
    const plots = svgsOf(tunePage);
    expect(plots).toHaveLength(3);
    for (const { memorySizeMb } of sampleTuneRun().points) {
      for (const plot of plots)
        expect(textsOf(plot).some((text) => text.startsWith(`${memorySizeMb} MB`))).toBe(true);
    }
    expect(tunePage).toContain("Task timed out after 3.00 seconds");
  });
});

describe("what comes from a function is text", () => {
  const evil = `</script><script>alert(1)</script>"'<img src=x onerror=alert(1)>&amp;`;

  test("in a bench: names, descriptions, failures, reasons, labels of strategies", async () => {
    const [first] = run.workloads;
    const hostile: BenchRun = {
      ...run,
      command: `brisk bench ${evil}`,
      strategies: run.strategies.map((strategy) =>
        strategy.id === "snapshot" ? { ...strategy, label: evil } : strategy,
      ),
      workloads: [
        {
          ...first!,
          id: evil,
          label: evil,
          description: evil,
          skipped: [{ strategy: "bun-process", reason: evil }],
          bursts: first!.bursts.map((burst) => ({ ...burst, failures: [{ message: evil, count: 1 }] })),
          results: first!.results.map((each) => ({ ...each, failures: [{ message: evil, count: 1 }] })),
        },
      ],
      restoreBySize: run.restoreBySize.map((series) => ({ ...series, label: evil })),
      claims: run.claims.map((claim) => ({ ...claim, label: evil, note: evil })),
    };
    const html = await htmlReport(hostile);
    expect(html).not.toMatch(/<img|<script>|alert\(1\)<\/script>/);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
    expect(dataOf(html)).toEqual(hostile);
  });

  test("in a tuning: the function's name", async () => {
    const html = await htmlReport({ ...sampleTuneRun(), functionName: evil });
    expect(html).not.toMatch(/<img|<script>/);
    expect(html.match(/<script/g)).toHaveLength(1);
  });
});

describe("the run as a document", () => {
  test("the page holds it whole, and it is read back as it was written", () => {
    expect(dataOf(page)).toEqual(run);
    expect(parseRun(serializeRun(run))).toEqual(run);
    expect(parseRun(serializeRun(sampleTuneRun()))).toEqual(sampleTuneRun());
  });

  test("parseRun() refuses another schema and what is no run", () => {
    expect(() => parseRun(JSON.stringify({ ...run, schemaVersion: 99 }))).toThrow("version 99");
    expect(() => parseRun("{}")).toThrow(`"kind" is neither`);
    expect(() => parseRun("null")).toThrow(`"kind" is neither`);
  });
});

test("a run in which everything failed is still a page, with its reasons", async () => {
  const workloads = run.workloads.map((workload) => ({
    ...workload,
    results: workload.results.map((result) => ({
      ...result,
      starts: [],
      failures: [{ message: "no answer", count: 20 }],
    })),
    bursts: workload.bursts.map((burst) => ({ ...burst, latenciesMs: [] })),
  }));
  const html = await htmlReport({ ...run, workloads, restoreBySize: [], claims: [] });
  expect(svgsOf(html)).toEqual([]);
  expect(html).toContain("no answer");
  expect(html.replace(/<script[\s\S]*/, "")).not.toMatch(/NaN|undefined|Infinity/);
});

test("the headline compares what starts on demand, not what was restored before", () => {
  const leads = [...page.matchAll(/<p class="lead">([\s\S]*?)<\/p>/g)].map(([, text]) => text!);
  expect(leads).toHaveLength(run.workloads.length);
  expect(leads[1]).toContain("snapshot + warm-up");
  for (const lead of leads) expect(lead).not.toMatch(/restored ahead|with warm,/);
});

test("one start of one strategy is enough for a page", async () => {
  const [first] = run.workloads;
  const result = first!.results.find(({ strategy }) => strategy === "init")!;
  const workload = { ...first!, results: [{ ...result, starts: result.starts.slice(0, 1) }], bursts: [] };
  const html = await htmlReport({ ...run, workloads: [workload], claims: [], restoreBySize: [] });
  expect(svgsOf(html).length).toBeGreaterThanOrEqual(2);
  expect(html.replace(/<script[\s\S]*/, "")).not.toMatch(/NaN|undefined|Infinity/);
});

function dataOf(html: string): unknown {
  return JSON.parse(/<script type="application\/json" id="run">([\s\S]*?)<\/script>/.exec(html)![1]!);
}
