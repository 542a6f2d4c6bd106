import { nodeGroups, wptGroups } from "./groups.ts";
import { bySubtest, type FileResult, type SuiteName } from "./result.ts";

/** A file as both ran it. */
export interface Compared {
  readonly suite: SuiteName;
  readonly group: string;
  readonly id: string;
  readonly brisk: FileResult;
  readonly node: FileResult;
}

export interface Row {
  readonly suite: SuiteName;
  readonly group: string;
  readonly files: number;
  /** Subtests that pass; of Node's own tests, files. */
  readonly node: number;
  readonly brisk: number;
  /** Those that pass in both. */
  readonly both: number;
  /** both / node; 1 where Node passes nothing. */
  readonly share: number;
  readonly aim: number | undefined;
}

/** Subtests that Node passes and Brisk does not, with what Brisk says. */
export function lost({ brisk, node }: Compared): [name: string, message: string][] {
  const ours = bySubtest(brisk);
  const found: [string, string][] = [];
  for (const [name, subtest] of bySubtest(node)) {
    if (subtest[1] === 0) continue;
    const own = ours.get(name);
    if (own === undefined) found.push([name, `not reported`]);
    else if (own[1] === 0) found.push([name, own[2] ?? ""]);
  }
  return found;
}

export function rowsOf(results: readonly Compared[]): Row[] {
  const rows: Row[] = [];
  for (const [suite, groups] of [
    ["wpt", wptGroups],
    ["node", nodeGroups],
  ] as const) {
    for (const { name, aim } of groups) {
      const files = results.filter((result) => result.suite === suite && result.group === name);
      if (files.length === 0) continue;
      const node = sum(files, ({ node }) => passes(node));
      const both = node - sum(files, (file) => lost(file).length);
      const share = node === 0 ? 1 : both / node;
      rows.push({
        suite,
        group: name,
        files: files.length,
        node,
        both,
        share,
        aim,
        brisk: sum(files, ({ brisk }) => passes(brisk)),
      });
    }
  }
  return rows;
}

export function textTable(rows: readonly Row[]): string {
  const header = ["suite", "group", "files", "Node passes", "Brisk too", "share", "aim", "Brisk passes"];
  const cells = rows.map(cellsOf);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ");
  return [line(header), ...cells.map(line)].join("\n");
}

export function markdownTable(rows: readonly Row[], suite: SuiteName): string {
  const unit = suite === "wpt" ? "subtests" : "files";
  const lines = [
    `| ${suite === "wpt" ? "folder" : "group"} | files | ${unit} that Node passes | of these Brisk passes | share | asked |`,
    "| --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const row of rows.filter((row) => row.suite === suite)) {
    const [, group, files, node, both, share, aim] = cellsOf(row);
    lines.push(`| ${group} | ${files} | ${node} | ${both} | ${share} | ${aim} |`);
  }
  return lines.join("\n");
}

function cellsOf({ suite, group, files, node, both, share, aim, brisk }: Row): string[] {
  // Rounded down: 97.96 % is not 98 %.
  const percent = (value: number) => `${(Math.floor(value * 1000 + 1e-9) / 10).toFixed(1)} %`;
  const asked = aim === undefined ? "" : `${Math.round(aim * 100)} %${share + 1e-9 < aim ? " !" : ""}`;
  return [suite, group, String(files), String(node), String(both), percent(share), asked, String(brisk)];
}

function passes(result: FileResult): number {
  return result.subtests.filter(([, passed]) => passed === 1).length;
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
