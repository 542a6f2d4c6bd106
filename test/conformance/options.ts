import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

export interface Options {
  /** Folders of the checkouts; undefined where none was given. */
  readonly wpt: string | undefined;
  readonly node: string | undefined;
  readonly filters: readonly string[];
  readonly update: boolean;
  readonly failures: boolean;
  readonly writeDocs: boolean;
  readonly failuresFolder: string | undefined;
  readonly concurrency: number;
}

export const usage = `
npm run conformance -- --node ../node_test/test                 everything; web-platform-tests are below fixtures/wpt
npm run conformance -- streams wpt/url test-buffer-from         groups, or files whose name has this in it
npm run conformance -- dom/abort --failures                     with what fails, and what it says
npm run conformance -- --update                                 writes test/conformance/expected/

  --node <folder>        Node's test/ tree (BRISK_CONFORMANCE_NODE)
  --wpt <folder>         web-platform-tests (BRISK_CONFORMANCE_WPT; default: fixtures/wpt of Node's tree)
  --concurrency <n>      packages that run at once (default 2)
  --failures             prints what Node passes and Brisk does not
  --failures-to <folder> writes it there, a file for each group
  --update               takes the results as those to expect
  --write-docs           writes the table into docs/compatibility.md

Node's results are kept in node_modules/.cache/brisk-conformance (BRISK_CONFORMANCE_CACHE).
`.trim();

/** @throws {TypeError} An option is unknown, or there is nothing to run. */
export function readOptions(args: readonly string[], variables: NodeJS.ProcessEnv): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      wpt: { type: "string" },
      node: { type: "string" },
      update: { type: "boolean", default: false },
      failures: { type: "boolean", default: false },
      "failures-to": { type: "string" },
      "write-docs": { type: "boolean", default: false },
      concurrency: { type: "string", default: "2" },
    },
  });
  const node = values.node ?? variables["BRISK_CONFORMANCE_NODE"];
  const vendored = node === undefined ? undefined : join(node, "fixtures/wpt");
  const wpt =
    values.wpt ??
    variables["BRISK_CONFORMANCE_WPT"] ??
    (vendored !== undefined && existsSync(vendored) ? vendored : undefined);
  if (node === undefined && wpt === undefined) {
    throw new TypeError("Nothing to run: --node or --wpt must say where the tests are");
  }
  const needed = [
    [node, "parallel", "Node's test/ tree"],
    [wpt, "resources/testharness.js", "a checkout of web-platform-tests"],
  ] as const;
  for (const [folder, part, what] of needed) {
    if (folder !== undefined && !existsSync(join(folder, part)))
      throw new TypeError(`${folder} is not ${what}: it has no ${part}`);
  }
  if (values["write-docs"] && positionals.length > 0) {
    throw new TypeError("--write-docs writes the whole table: it cannot go with groups or files");
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64) {
    throw new TypeError(`--concurrency must be a whole number from 1 to 64, not "${values.concurrency}"`);
  }
  return {
    node,
    wpt,
    concurrency,
    filters: positionals,
    update: values.update,
    failures: values.failures,
    failuresFolder: values["failures-to"],
    writeDocs: values["write-docs"],
  };
}

/** Whether a file was asked for: by its group, alone or with its suite, or by a part of its name. */
export function isWanted(
  test: { suite: string; group: string; id: string },
  filters: readonly string[],
  groups: ReadonlySet<string>,
): boolean {
  if (filters.length === 0) return true;
  return filters.some((filter) => {
    if (groups.has(filter))
      return filter === test.group || filter === `${test.suite}/${test.group}` || filter === test.suite;
    return test.id.includes(filter);
  });
}
