export interface Row {
  readonly measure: string;
  readonly unit: string;
  readonly brisk: number;
  readonly peer?: { readonly name: string; readonly value: number };
  /** What is held against the target: brisk ÷ peer, or Brisk's own figure. */
  readonly figure: number;
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

/** By the bench's name: what it measured, or why it could not. */
export type Results = Record<string, { readonly rows: readonly Row[] } | { readonly error: string }>;

export interface Bench {
  /** The one question that it answers. */
  readonly question: string;
  run(): Promise<readonly Row[]>;
}

export function ratioRow(row: Omit<Row, "figure"> & { peer: { name: string; value: number } }): Row {
  return { ...row, figure: row.brisk / row.peer.value };
}

export function passes({ figure, target }: Row): boolean | undefined {
  if (target === undefined) return undefined;
  return "atLeast" in target ? figure >= target.atLeast : figure <= target.atMost;
}

export function formatRows(rows: readonly Row[]): string {
  const table = rows.map((row) => [
    mark(passes(row)),
    row.measure,
    `brisk ${round(row.brisk)} ${row.unit}`,
    row.peer === undefined ? "" : `${row.peer.name} ${round(row.peer.value)} ${row.unit}`,
    row.peer === undefined ? "" : `× ${row.figure.toFixed(2)}`,
    row.target === undefined
      ? ""
      : "atLeast" in row.target
        ? `≥ ${row.target.atLeast}`
        : `≤ ${row.target.atMost}`,
  ]);
  const widths = table.reduce<number[]>(
    (most, cells) => cells.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return table
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function mark(passed: boolean | undefined): string {
  return passed === undefined ? "    " : passed ? "pass" : "FAIL";
}

export function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
