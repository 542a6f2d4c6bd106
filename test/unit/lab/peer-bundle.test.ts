import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bundleForPeers } from "../../../src/lab/peer-bundle.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "brisk-bundle-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function bundle(name: string, source: string, exportName = "handler") {
  const entry = join(folder, name);
  await writeFile(entry, source);
  const made = await bundleForPeers({ entry, exportName, file: join(folder, "out.mjs"), minify: false });
  const module = (await import(pathToFileURL(made.file).href)) as { handler: (event: unknown) => unknown };
  return { made, module };
}

test("an ES module keeps its top-level await, and needs nothing of Node", async () => {
  const { made, module } = await bundle(
    "index.mjs",
    "const one = await 1; export const handler = () => one;",
  );
  expect(module.handler({})).toBe(1);
  expect(made.needsNode).toBe(false);
});

test("CommonJS may require() Node's modules from inside of the bundle", async () => {
  const source =
    "const name = 'os'; exports.main = () => require('node:path').basename('/a/b') + typeof require(name).EOL;";
  const { made, module } = await bundle("index.cjs", source, "main");
  expect(module.handler({})).toBe("bstring");
  expect(made.needsNode).toBe(true);
});

test("what can't be bundled says why in one line", async () => {
  await expect(
    bundle("index.mjs", 'import "not-installed-anywhere"; export const handler = 1;'),
  ).rejects.toThrow(/^cannot be bundled: Could not resolve "not-installed-anywhere"/);
});
