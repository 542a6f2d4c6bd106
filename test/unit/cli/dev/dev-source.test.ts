import { mkdir, mkdtemp, open as openFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { unzipSync } from "fflate";
import { afterAll, beforeEach, expect, test } from "vitest";
import { type DevSource, openSource } from "../../../../src/cli/dev/dev-source.ts";
import { FileWatch } from "../../../../src/cli/dev/watch-files.ts";

let root: string;
const roots: string[] = [];
const sources: DevSource[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "brisk-dev-test-"));
  roots.push(root);
});
afterAll(async () => {
  for (const source of sources) await source.close();
  for (const path of roots) await rm(path, { recursive: true, force: true });
});

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

async function open(path: string, handler?: string): Promise<DevSource> {
  const source = await openSource(join(root, path), handler);
  sources.push(source);
  return source;
}

const project = {
  "package.json": `{"type":"module"}`,
  "src/app.ts": `import { util } from "./util.ts"; import { dep } from "dep"; import "gone"; export const handler = util + dep;`,
  "src/util.ts": "export const util: number = 1;",
  "src/other.ts": "export const other = 1;",
  "node_modules/dep/package.json": `{"main":"main.js"}`,
  "node_modules/dep/main.js": "exports.dep = 1;",
};

test("a file is packed with all that it imports and what says how to read that, below the project's folder", async () => {
  await write(project);
  const source = await open("src/app.ts");
  expect([source.root, source.handler]).toEqual([root, "src/app.handler"]);
  const { zip, problems } = await source.pack();
  expect(problems).toEqual([]);
  expect(Object.keys(unzipSync(zip)).sort()).toEqual(
    Object.keys(project)
      .filter((name) => name !== "src/other.ts")
      .sort(),
  );
});

test("a folder is packed whole; what does not parse is told with its place", async () => {
  await write({ ...project, "src/util.ts": "export const util = ;" });
  const source = await open(".", "src/app.handler");
  const { zip, problems } = await source.pack();
  expect(Object.keys(unzipSync(zip))).toHaveLength(6);
  expect(problems).toEqual([
    { file: join(root, "src/util.ts"), line: 1, column: 21, message: 'Unexpected ";"' },
  ]);
});

test("saves are noticed in files of the graph, also by editors that put a new file in the place of the old one", async () => {
  await write(project);
  const source = await open("src/app.ts");
  await source.pack();
  const seen = observed();
  await source.watch(seen.notice);
  await write({ "src/other.ts": "export const other = 2;" });
  await write({ "new.ts": "export const util = 2;" });
  await rename(join(root, "new.ts"), join(root, "src/util.ts"));
  await seen.next();
  expect(seen.count()).toBe(1);
});

test("CommonJS that is sloppy is no mistake, and what it requires belongs to it", async () => {
  await write({
    "index.js":
      "var a = 010; with ({ b: 1 }) a = b; function f(c, c) { return arguments.callee }\nif (a) return require('./other'); exports.never = 1",
    "other.js": "exports.dep = require('./deep.cjs')",
    "deep.cjs": "module.exports = 0o7 + 07",
    "module/package.json": `{"type":"module"}`,
    "module/index.js": "export const handler = 1; with ({}) {}",
    "broken.cjs": "with ({}) { const }",
  });
  const sloppy = await (await open("index.js")).pack();
  expect(sloppy.problems).toEqual([]);
  expect(Object.keys(unzipSync(sloppy.zip)).sort()).toEqual(["deep.cjs", "index.js", "other.js"]);
  expect((await (await open("module/index.js")).pack()).problems).toMatchObject([{ line: 1, column: 27 }]);
  expect((await (await open("broken.cjs")).pack()).problems).toMatchObject([{ line: 1 }]);
});

test("no save is what is written to logs, and what leaves a file as it was", async () => {
  await write(project);
  const output = await openFile(join(root, "output.txt"), "w");
  const seen = observed();
  const watch = new FileWatch(seen.notice, [output.fd]);
  try {
    await watch.watchTree(root);
    await write({ "dev.log": "ready", "src/util.ts": project["src/util.ts"] });
    await output.write("ready in 20 ms");
    // So long that whatever is told of these is not told together with what comes next.
    await delay(200);
    const before = seen.count();
    await write({ "src/other.ts": "export const other = 2;" });
    await seen.next();
    expect([before, seen.count()]).toEqual([0, 1]);
  } finally {
    watch.close();
    await output.close();
  }
});

test("saves are noticed in folders that were made later, and not in node_modules", async () => {
  await write(project);
  const source = await open(".", "src/app.handler");
  const seen = observed();
  await source.watch(seen.notice);
  await write({ "node_modules/dep/main.js": "exports.dep = 2;" });
  await write({ "late/deep/file.ts": "1" });
  await seen.next();
  const before = seen.count();
  await write({ "late/deep/file.ts": "2" });
  await seen.next();
  expect([before >= 1, seen.count() > before]).toEqual([true, true]);
});

/** Of changes: those that were told, and the next one. */
function observed() {
  let count = 0;
  let waiting = Promise.withResolvers<void>();
  return {
    notice: () => {
      count++;
      waiting.resolve();
    },
    count: () => count,
    next: async () => {
      await waiting.promise;
      waiting = Promise.withResolvers();
    },
  };
}
