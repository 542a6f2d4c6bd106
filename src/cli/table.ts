/** Columns as wide as their widest cell, two spaces between them. */
export function toTable(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return toLines([heading, ...rows]);
}

/** `Name  value` lines, the values in one column. */
export function toFacts(facts: readonly (readonly [name: string, value: string])[]): string[] {
  return toLines(facts);
}

/** A function's own words, fit for a line of ours: a line break would end it, an escape would move the cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}

function toLines(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map((row) => row.map(oneLine));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
