/** Runs web-platform-tests and Node's own tests in Brisk and in Node, and compares. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BriskRunner } from "./brisk-runner.ts";
import {
  type Expectation,
  expectationOf,
  readExpectations,
  regressionsOf,
  writeExpectations,
} from "./expected.ts";
import { nodeGroups, wptGroups } from "./groups.ts";
import { listNode, packNode, type Skipped } from "./node-suite.ts";
import { isWanted, type Options, readOptions, usage } from "./options.ts";
import { type Batch, runBatches } from "./run-batches.ts";
import { type Compared, lost, rowsOf, textTable } from "./table.ts";
import { listWpt, packWpt } from "./wpt-suite.ts";
import { writeDocs } from "./write-docs.ts";

const expectedFolder = new URL("expected/", import.meta.url);
/** Files of one package: more share a bundle, fewer spread better. */
const batchSize = 40;

let options: Options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  console.error(`error: ${(error as Error).message}\n\n${usage}`);
  process.exit(2);
}

const { batches, skipped } = await plan(options);
if (batches.length === 0) {
  console.error(`error: no file matches ${options.filters.join(" ")}`);
  process.exit(2);
}
const startedMs = performance.now();
await using brisk = await BriskRunner.start();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void brisk[Symbol.asyncDispose]().finally(() => process.exit(130)));
}
const results = await runBatches(batches, brisk, options.concurrency);
const seconds = (performance.now() - startedMs) / 1000;

if (options.failures) for (const text of failureTexts(results).values()) console.log(text);
if (options.failuresFolder !== undefined) await writeFailures(results, options.failuresFolder);
const rows = rowsOf(results);
console.log(textTable(rows));
for (const [reason, count] of countReasons(skipped))
  console.log(`not run: ${count} files of Node's that need ${reason}`);
console.log(
  `${results.length} files in ${seconds.toFixed(0)} s (${(results.length / seconds).toFixed(1)} a second)`,
);
if (options.writeDocs) await writeDocs(rows, countReasons(skipped));
if (options.update) await updateExpected(results, options.filters.length === 0);
else await compareWithExpected(results, options.filters.length === 0);

async function plan({ wpt, node, filters }: Options): Promise<{ batches: Batch[]; skipped: Skipped[] }> {
  const groups = new Set([
    "wpt",
    "node",
    ...wptGroups.flatMap(({ name }) => [name, `wpt/${name}`]),
    ...nodeGroups.flatMap(({ name }) => [name, `node/${name}`]),
  ]);
  const fromNode = node === undefined ? { tests: [], skipped: [] } : await listNode(node);
  const tests = [...(wpt === undefined ? [] : await listWpt(wpt)), ...fromNode.tests].filter((test) =>
    isWanted(test, filters, groups),
  );
  const batches: Batch[] = [];
  for (const suite of ["wpt", "node"] as const) {
    for (const { name: group } of suite === "wpt" ? wptGroups : nodeGroups) {
      const own = tests.filter((test) => test.suite === suite && test.group === group);
      // The package of a batch is the same whatever else was asked for, so that Node's results are found again.
      for (let at = 0; at < own.length; at += batchSize) {
        const part = own.slice(at, at + batchSize);
        batches.push({
          tests: part,
          pack: (chosen) =>
            suite === "wpt"
              ? packWpt(wpt!, group)
              : packNode(
                  node!,
                  chosen.map(({ id }) => id),
                ),
        });
      }
    }
  }
  return {
    batches,
    skipped: fromNode.skipped.filter((file) => isWanted({ suite: "node", ...file }, filters, groups)),
  };
}

function failureTexts(all: readonly Compared[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const result of all) {
    const failing = lost(result);
    if (failing.length === 0) continue;
    const group = `${result.suite}/${result.group}`;
    const lines = failing.map(
      ([name, message]) => `  - ${name}\n      ${message.replaceAll("\n", "\n      ")}`,
    );
    const ending = result.brisk.message === "" ? "" : `  ${result.brisk.state}: ${result.brisk.message}\n`;
    texts.set(group, `${texts.get(group) ?? ""}${result.id}\n${ending}${lines.join("\n")}\n`);
  }
  return texts;
}

async function writeFailures(all: readonly Compared[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [group, text] of failureTexts(all))
    await writeFile(join(folder, `${group.replaceAll("/", "-")}.txt`), text);
}

function countReasons(files: readonly Skipped[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reason } of files) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

function expectedFile(group: string): URL {
  return new URL(`${group.replaceAll("/", "-").replace("-", "/")}.txt`, expectedFolder);
}

async function readExpected(group: string): Promise<Map<string, Expectation>> {
  const text = await readFile(expectedFile(group), "utf8").catch(() => "");
  return readExpectations(text);
}

function byGroup(all: readonly Compared[]): Map<string, Map<string, Expectation>> {
  const groups = new Map<string, Map<string, Expectation>>();
  for (const { suite, group, id, brisk: result } of all) {
    const name = `${suite}/${group}`;
    const files = groups.get(name) ?? new Map<string, Expectation>();
    groups.set(name, files.set(id, expectationOf(result)));
  }
  return groups;
}

async function updateExpected(all: readonly Compared[], isWhole: boolean): Promise<void> {
  for (const [group, files] of byGroup(all)) {
    const kept = isWhole ? new Map<string, Expectation>() : await readExpected(group);
    await mkdir(new URL(".", expectedFile(group)), { recursive: true });
    await writeFile(expectedFile(group), writeExpectations(new Map([...kept, ...files])));
  }
  console.log("expected results are written");
}

async function compareWithExpected(all: readonly Compared[], isWhole: boolean): Promise<void> {
  const regressions: string[] = [];
  let unknown = 0;
  const ran = byGroup(all);
  for (const group of new Set([...ran.keys(), ...(isWhole ? expectedGroups() : [])])) {
    const expected = await readExpected(group);
    const files = ran.get(group) ?? new Map<string, Expectation>();
    for (const id of files.keys()) if (!expected.has(id)) unknown++;
    for (const [id, expectation] of expected) {
      if (isWhole || files.has(id)) regressions.push(...regressionsOf(id, expectation, files.get(id)));
    }
  }
  if (unknown > 0) console.log(`${unknown} files have no expected result yet: --update takes these`);
  if (regressions.length === 0) return;
  console.log(
    `\n${regressions.length} passed, and do not any more:\n  ${regressions.slice(0, 200).join("\n  ")}`,
  );
  process.exitCode = 1;
}

/** Of the suites that were given. */
function expectedGroups(): string[] {
  const suites = (["wpt", "node"] as const).filter((suite) => options[suite] !== undefined);
  const groups = { wpt: wptGroups, node: nodeGroups };
  return suites.flatMap((suite) => groups[suite].map(({ name }) => `${suite}/${name}`));
}
