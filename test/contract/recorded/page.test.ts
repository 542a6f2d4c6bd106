import { expect, test } from "vitest";
import { type RecordedRow, recordedRows } from "./rows.ts";

/** Facts about Invoke stand beside those about the operations of the control plane. */
const beside = ["invoke"];
const sheets = Object.entries(recordedRows).map(([name, rows]) => ({
  name,
  rows: Object.entries(rows as Readonly<Record<string, RecordedRow>>),
}));
type Sheets = typeof sheets;

test("the page about recordings says what the rows say (npx vitest run -u writes it)", async () => {
  await expect(page()).toMatchFileSnapshot("../../../docs/api-recordings.md");
});

test("at least 95% of the rows about the control plane, function URLs and access agree", () => {
  const { rows, agree } = count(sheets.filter(({ name }) => !beside.includes(name)));
  expect(agree / rows).toBeGreaterThanOrEqual(0.95);
});

function count(of: Sheets): { rows: number; agree: number } {
  const rows = of.flatMap((sheet) => sheet.rows);
  return { rows: rows.length, agree: rows.filter(([, { differs }]) => differs === undefined).length };
}

function page(): string {
  const line = (name: string, of: Sheets) => {
    const { rows, agree } = count(of);
    return `| ${name} | ${rows} | ${agree} | ${((100 * agree) / rows).toFixed(1)}% |`;
  };
  const differing = sheets.flatMap(({ name, rows }) =>
    rows.flatMap(([row, { says, differs }]) =>
      differs === undefined ? [] : [`- **${name}: ${row}** (${says}): ${differs}.`],
    ),
  );
  return `# What was recorded of AWS, and what Brisk answers

Each row is a fact that was recorded from AWS's own answers, and a test of its own in [test/contract/recorded/](../test/contract/recorded/rows.ts), which asks Brisk the
same. A row that differs is a test that has to fail: when it passes, the row has to be moved. This page is written from the rows, and a test keeps it so.
\`\`\`
npx vitest run test/contract/recorded
\`\`\`

| sheet | rows | agree | |
| --- | ---: | ---: | ---: |
${sheets.map((sheet) => line(sheet.name, [sheet])).join("\n")}
${line(
  "all but Invoke's",
  sheets.filter(({ name }) => !beside.includes(name)),
)}
${line("all", sheets)}

## What differs, and why
${differing.join("\n")}

Not among the rows: what was recorded of asynchronous delivery, of polling, and of reserved and provisioned concurrency at work, which Brisk does not have yet; and how
functions run, of which \`test/e2e/\` has the tests.

## The rows
${sheets
  .map(({ name, rows }) => `**${name}**\n${rows.map(([row, { says }]) => `- ${row}: ${says}`).join("\n")}`)
  .join("\n\n")}
`;
}
