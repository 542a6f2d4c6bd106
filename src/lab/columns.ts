/** Text in columns, for terminals of any width. */

export interface TableOptions {
  /** Width of the terminal; columns that do not fit are left out, the least important first. */
  readonly columns: number;
  /** Styles text, or leaves it as it is where nobody sees colour. */
  readonly style: (style: "bold" | "dim" | "green" | "red" | "yellow", text: string) => string;
}

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** The lowest is left out first; without one it always stays. */
  readonly importance?: number;
  readonly align?: "left" | "right";
  readonly style?: (row: Row) => "bold" | "dim" | "green" | "red" | undefined;
}

/** Columns two spaces apart; the first is cut where even the important ones are too wide. */
export function layOut<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { columns: width, style }: TableOptions,
): string[] {
  let shown = columns.map((column) => {
    const cells = rows.map((row) => column.cell(row));
    return { column, cells, width: Math.max(column.head.length, ...cells.map((cell) => cell.length)) };
  });
  const total = () => shown.reduce((sum, each) => sum + each.width + 2, -2);
  while (total() > width) {
    const least = Math.min(...shown.map(({ column }) => column.importance ?? Number.POSITIVE_INFINITY));
    if (least === Number.POSITIVE_INFINITY) break;
    shown = shown.filter(({ column }) => column.importance !== least);
  }
  const first = shown[0]!;
  const excess = total() - width;
  if (excess > 0) shown[0] = { ...first, width: Math.max(8, first.width - excess) };
  const line = (cellOf: (index: number) => string, styleOf: (index: number) => string | undefined) =>
    shown
      .map(({ column, width: room }, index) => {
        const text = cut(cellOf(index), room);
        const padded = (column.align ?? "right") === "left" ? text.padEnd(room) : text.padStart(room);
        const name = styleOf(index) as Parameters<TableOptions["style"]>[0] | undefined;
        return name === undefined ? padded : style(name, padded);
      })
      .join("  ")
      .trimEnd();
  return [
    line(
      (index) => shown[index]!.column.head,
      () => "dim",
    ),
    ...rows.map((row, at) =>
      line(
        (index) => shown[index]!.cells[at]!,
        (index) => shown[index]!.column.style?.(row),
      ),
    ),
  ];
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Lines as wide as the terminal, those after the first indented. */
export function wrap(text: string, options: TableOptions, style?: "bold" | "dim" | "red"): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= options.columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(lines.length === 0 ? word : `  ${word}`);
    }
  }
  return style === undefined ? lines : lines.map((line) => options.style(style, line));
}

/** A function's name or its error may hold an escape sequence, which a terminal would obey. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
