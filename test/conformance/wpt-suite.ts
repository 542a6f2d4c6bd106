import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { wptGroups } from "./groups.ts";
import { parseMeta } from "./meta.ts";
import type { PackageFiles } from "./package-files.ts";
import type { TestFile } from "./result.ts";

/** Wall time that a file may take, ms. */
export const wptDeadlineMs = 40_000;
/** Pages and their parts, which nothing in an isolate reads. */
const pageTypes = new Set([
  ".html",
  ".htm",
  ".xhtml",
  ".xht",
  ".svg",
  ".py",
  ".headers",
  ".xml",
  ".css",
  ".sub",
]);
const largestFileBytes = 4 * 1024 * 1024;

/** The files of web-platform-tests that are scripts: `.any.js`, `.window.js`, `.worker.js` and their like. */
export async function listWpt(root: string): Promise<TestFile[]> {
  const tests: TestFile[] = [];
  for (const { name: group, init } of wptGroups) {
    const folder = join(root, group);
    for (const path of await filesBelow(folder)) {
      if (!/\.\w+\.js$/.test(path)) continue;
      const { scripts, variants, title } = parseMeta(await readFile(path, "utf8"));
      for (const variant of variants) {
        const id = relative(root, path);
        tests.push({
          suite: "wpt",
          group,
          id: id + variant,
          event: { path: id, variant, scripts, title, init, pretendsWindow: true, deadlineMs: wptDeadlineMs },
        });
      }
    }
  }
  return tests;
}

/** What the files of a group may read: their own folder, and what all share. */
export async function packWpt(root: string, group: string): Promise<PackageFiles> {
  const files: Record<string, Uint8Array> = {
    "index.cjs": await readFile(new URL("guest/wpt.cjs", import.meta.url)),
  };
  const folders = [group, "resources", "common", "interfaces"];
  if (group === "FileAPI") folders.push("fetch");
  if (group === "compression") folders.push("media");
  for (const folder of folders) {
    for (const path of await filesBelow(join(root, folder))) {
      if (pageTypes.has(extname(path)) || (await stat(path)).size > largestFileBytes) continue;
      files[join("wpt", relative(root, path))] = await readFile(path);
    }
  }
  return files;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
