import { readFile, writeFile } from "node:fs/promises";
import { withMarkedPart } from "../../scripts/marked-part.ts";
import { markdownTable, type Row } from "./table.ts";

const page = new URL("../../docs/compatibility.md", import.meta.url);
const marks = {
  page: "docs/compatibility.md",
  begin: "<!-- conformance: written by `npm run conformance -- --write-docs` -->",
  end: "<!-- /conformance -->",
};

/** Writes the last run's table between its marks. @throws {Error} The page has no marks. */
export async function writeDocs(rows: readonly Row[], skipped: ReadonlyMap<string, number>): Promise<void> {
  const text = await readFile(page, "utf8");
  await writeFile(page, withTables(text, rows, skipped));
}

export function withTables(text: string, rows: readonly Row[], skipped: ReadonlyMap<string, number>): string {
  const reasons = [...skipped].map(([reason, count]) => `${count} that need ${reason}`).join("; ");
  const parts = [
    `Web-platform-tests, by subtest (Node ${process.version}):`,
    markdownTable(rows, "wpt"),
    "Node's own tests, by file:",
    markdownTable(rows, "node"),
    reasons === "" ? "" : `Files of these groups that are not run: ${reasons}.`,
  ];
  return withMarkedPart(text, marks, `${parts.filter((part) => part !== "").join("\n\n")}\n`);
}
