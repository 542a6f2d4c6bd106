import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BundleCache, hashFile } from "../../../src/snapstart/bundle-cache.ts";

let dir: string;
let cache: BundleCache;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-bundle-cache-"));
  cache = new BundleCache(dir);
  await cache.open();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function put(key: string, script: string) {
  const folder = await cache.temporaryFolder();
  const files = { scriptFile: join(folder, "script"), mapFile: join(folder, "map") };
  await writeFile(files.scriptFile, script);
  await writeFile(files.mapFile, `map of ${script}`);
  const [hash, mapHash] = await Promise.all([hashFile(files.scriptFile), hashFile(files.mapFile)]);
  return cache.put(key, { ...files, hash, mapHash, builtins: [] });
}

test("sweep() removes what no function has, and a bundle that is kept is found again", async () => {
  const kept = await put("a".repeat(64), "kept");
  await put("b".repeat(64), "old");
  await writeFile(join(dir, `${"c".repeat(64)}.json`), "damaged");
  await cache.sweep([kept]);
  expect(await cache.find("a".repeat(64))).toEqual(kept);
  expect(await cache.find("b".repeat(64))).toBeUndefined();
  expect(await readdir(dir)).toHaveLength(4);
});
