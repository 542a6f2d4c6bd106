import type { Terminal } from "../terminal.ts";

/** Lines shown above the one that is meant, and below. */
const linesAbove = 2;
const linesBelow = 1;
/** Of a longer one, as minifiers write them, the part around the column is shown. */
const maxLineCharacters = 140;

/** The lines around a position, the one that is meant with a caret below. @param column From 1. @param line From 1. */
export function codeFrame(text: string, line: number, column: number, style: Terminal["style"]): string {
  const lines = text.split(/\r?\n/);
  if (line < 1 || line > lines.length) return "";
  const from = Math.max(1, line - linesAbove);
  const to = Math.min(lines.length, line + linesBelow);
  const width = String(to).length;
  const start = Math.max(0, column - 1 - maxLineCharacters / 2);
  const isLong = (lines[line - 1] ?? "").length > maxLineCharacters;
  const cut = (one: string) =>
    (isLong ? one.slice(start, start + maxLineCharacters) : one).replaceAll("\t", " ");
  const shown: string[] = [];
  for (let number = from; number <= to; number++) {
    const isMeant = number === line;
    const gutter = `${String(number).padStart(width)} │ `;
    shown.push(
      `${isMeant ? style("red", "›") : " "} ${style("dim", gutter)}${cut(lines[number - 1] ?? "").slice(0, maxLineCharacters)}`,
    );
    if (isMeant) {
      const indent = " ".repeat(Math.max(0, column - 1 - (isLong ? start : 0)));
      shown.push(`  ${style("dim", `${" ".repeat(width)} │ `)}${indent}${style("red", "^")}`);
    }
  }
  return shown.join("\n");
}
