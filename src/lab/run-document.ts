import { type LabRun, schemaVersion } from "./model.ts";

/** As `--json` prints it and as a file holds it. */
export function serializeRun(run: LabRun): string {
  return `${JSON.stringify(run, null, 2)}\n`;
}

/**
 * Reads a run that was kept, to draw it again.
 * @throws {TypeError} If it is none, or of another version of the schema. Its fields are not checked one by one: who draws a file wrote it.
 */
export function parseRun(text: string): LabRun {
  const run = JSON.parse(text) as Partial<LabRun> | null;
  if (typeof run !== "object" || run === null || (run.kind !== "bench" && run.kind !== "tune")) {
    throw new TypeError(`Cannot read the run: "kind" is neither "bench" nor "tune"`);
  }
  if (run.schemaVersion !== schemaVersion) {
    throw new TypeError(
      `Cannot read the run: its schema is version ${run.schemaVersion}, this laboratory reads version ${schemaVersion}`,
    );
  }
  return run as LabRun;
}
