import { bySubtest, type FileResult } from "./result.ts";

/** What is known of a file: how many of its subtests pass, and the names of those that don't. */
export interface Expectation {
  readonly state: FileResult["state"];
  readonly passed: number;
  readonly failing: ReadonlySet<string>;
  /** Failing subtests whose names are not kept, since they are too many: they are only counted. */
  readonly unnamed: number;
}

/** Names kept of one file. */
const mostNames = 60;
const longestName = 160;

export function expectationOf(result: FileResult): Expectation {
  let passed = 0;
  const names: string[] = [];
  for (const [name, subtest] of bySubtest(result)) {
    if (subtest[1] === 1) passed++;
    else names.push(shortened(name));
  }
  const isNamed = names.length <= mostNames;
  return {
    state: result.state,
    passed,
    failing: new Set(isNamed ? names : []),
    unnamed: isNamed ? 0 : names.length,
  };
}

/** One line a file, and below it one for each name. */
export function writeExpectations(files: ReadonlyMap<string, Expectation>): string {
  let text = "";
  for (const [id, { state, passed, failing, unnamed }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    text += `${passed} ${state} ${id}${unnamed === 0 ? "" : ` (${unnamed} fail)`}\n`;
    for (const name of [...failing].sort()) text += `  ${name}\n`;
  }
  return text;
}

/** @throws {Error} A line is none of ours. */
export function readExpectations(text: string): Map<string, Expectation> {
  const files = new Map<string, Expectation>();
  let names = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    if (line.startsWith("  ")) {
      names.add(line.slice(2));
      continue;
    }
    const [, passed, state, id, unnamed = "0"] =
      /^(\d+) (ok|error|timeout|skipped) (.*?)(?: \((\d+) fail\))?$/.exec(line) ?? [];
    if (id === undefined) throw new Error(`Cannot read expected results: "${line}"`);
    names = new Set();
    files.set(id, {
      state: state as FileResult["state"],
      passed: Number(passed),
      failing: names,
      unnamed: Number(unnamed),
    });
  }
  return files;
}

/** What got worse in a file, in words; nothing where all is as expected or better. */
export function regressionsOf(id: string, expected: Expectation, actual: Expectation | undefined): string[] {
  if (actual === undefined)
    return expected.passed > 0 ? [`${id}: was not run, and ${expected.passed} passed`] : [];
  const found: string[] = [];
  if (expected.unnamed === 0) {
    for (const name of actual.failing) if (!expected.failing.has(name)) found.push(`${id}: ${name}`);
  }
  if (found.length === 0 && actual.passed < expected.passed) {
    found.push(`${id}: ${actual.passed} pass (${actual.state}), and ${expected.passed} did`);
  }
  return found;
}

/** On one line, and not longer than needed to find it. */
function shortened(name: string): string {
  const line = name.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return line.length <= longestName ? line : `${line.slice(0, longestName)}…`;
}
