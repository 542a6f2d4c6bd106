/** One file of a suite, or one variant of it. */
export interface TestFile {
  readonly suite: SuiteName;
  readonly group: string;
  /** Its path in the suite, with the variant. */
  readonly id: string;
  /** What the harness in the package is told. JSON. */
  readonly event: Readonly<Record<string, unknown>>;
}

export type SuiteName = "wpt" | "node";

/** A test within a file: its name, whether it passed, and what it said otherwise. */
export type Subtest = readonly [name: string, passed: 0 | 1, message?: string];

/** How a file ended. A file of Node's tests has one subtest, which is itself. */
export interface FileResult {
  readonly state: "ok" | "error" | "timeout" | "skipped";
  /** What was wrong with the file as a whole; "" for nothing. */
  readonly message: string;
  readonly subtests: readonly Subtest[];
}

/** The one subtest of a file that is a program. */
export const program = "exits with 0";

/** Subtests by name. A name that comes again is told apart by its number: some files use one for many. */
export function bySubtest(result: FileResult): Map<string, Subtest> {
  const named = new Map<string, Subtest>();
  for (const subtest of result.subtests) {
    let name = subtest[0];
    for (let number = 2; named.has(name); number++) name = `${subtest[0]} #${number}`;
    named.set(name, subtest);
  }
  return named;
}
