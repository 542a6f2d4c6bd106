import { describe, test } from "vitest";
import { type RecordedRow, recordedRows, type Sheet } from "./rows.ts";

/** One test for each recorded row of a sheet: the types ask for all of them. A row that differs has to go on differing. */
export function describeRows<S extends Sheet>(
  sheet: S,
  checks: Readonly<Record<keyof (typeof recordedRows)[S] & string, () => unknown>>,
): void {
  describe(`recorded: ${sheet}`, () => {
    const rows: Readonly<Record<string, RecordedRow>> = recordedRows[sheet];
    for (const [name, { says, differs }] of Object.entries(rows)) {
      const check = (checks as Readonly<Record<string, () => unknown>>)[name] as () => Promise<void>;
      if (differs === undefined) test(`${name}: ${says}`, check);
      else test.fails(`${name}: ${says} (differs: ${differs})`, check);
    }
  });
}
