import { readFile, writeFile } from "node:fs/promises";
import { markdownTable, type Row } from "./table.ts";

const page = new URL("../../docs/compatibility.md", import.meta.url);
const start = "<!-- conformance: written by `npm run conformance -- --write-docs` -->";
const end = "<!-- /conformance -->";

/** Writes the last run's table between its marks. @throws {Error} The page has no marks. */
export async function writeDocs(rows: readonly Row[], skipped: ReadonlyMap<string, number>): Promise<void> {
  const text = await readFile(page, "utf8");
  await writeFile(page, withTables(text, rows, skipped));
}

export function withTables(text: string, rows: readonly Row[], skipped: ReadonlyMap<string, number>): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no marks ${start} and ${end}`);
  const reasons = [...skipped].map(([reason, count]) => `${count} that need ${reason}`).join("; ");
  const parts = [
    `Web-platform-tests, by subtest (Node ${process.version}):`,
    markdownTable(rows, "wpt"),
    "Node's own tests, by file:",
    markdownTable(rows, "node"),
    reasons === "" ? "" : `Files of these groups that are not run: ${reasons}.`,
  ];
  return `${text.slice(0, from + start.length)}\n${parts.filter((part) => part !== "").join("\n\n")}\n${text.slice(to)}`;
}
