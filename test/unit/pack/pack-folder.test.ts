import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openZipArchive } from "../../../src/builder/zip-archive.ts";
import { PackError, packFolder } from "../../../src/pack/index.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-pack-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

async function pathsOf(zip: Uint8Array): Promise<readonly string[]> {
  return [...(await openZipArchive(Buffer.from(zip))).paths].sort();
}

describe("packFolder()", () => {
  test("packs every file of a folder but version control and a server's state", async () => {
    await write({
      "index.js": "1",
      "node_modules/a/index.js": "2",
      ".git/config": "",
      ".brisk/state": "",
      ".env": "x",
    });
    expect(await pathsOf(await packFolder(dir))).toEqual([".env", "index.js", "node_modules/a/index.js"]);
  });

  test("gives the same bytes for the same files, whenever they were written", async () => {
    await write({ "index.js": "1", "lib/b.js": "2" });
    const first = await packFolder(dir);
    await utimes(join(dir, "index.js"), 0, 0);
    expect(Buffer.from(await packFolder(dir)).equals(Buffer.from(first))).toBe(true);
  });

  test("packs a single module file under its own name", async () => {
    await write({ "app.ts": "export const handler = () => 1" });
    expect(await pathsOf(await packFolder(join(dir, "app.ts")))).toEqual(["app.ts"]);
  });

  test("follows a symbolic link inside of the folder, and refuses one that leads out, nowhere, or round", async () => {
    await write({ "pkg/a.js": "1", "app/index.js": "2" });
    await symlink("../pkg", join(dir, "app", "linked"));
    expect(await pathsOf(await packFolder(dir))).toEqual(["app/index.js", "app/linked/a.js", "pkg/a.js"]);
    await expect(packFolder(join(dir, "app"))).rejects.toThrow(/leads out of the folder/);
    await symlink("missing", join(dir, "gone"));
    await expect(packFolder(dir)).rejects.toThrow(/leads nowhere/);
    await rm(join(dir, "gone"));
    await symlink(".", join(dir, "round"));
    await expect(packFolder(dir)).rejects.toThrow(/a folder that it lies in/);
  });

  test("says what is wrong with what it cannot pack", async () => {
    await write({ "readme.md": "", "empty/.git/x": "" });
    await expect(packFolder(join(dir, "nothing"))).rejects.toThrow(PackError);
    await expect(packFolder(join(dir, "readme.md"))).rejects.toThrow(/must end in \.js/);
    await expect(packFolder(join(dir, "empty"))).rejects.toThrow(/has no files/);
  });
});
