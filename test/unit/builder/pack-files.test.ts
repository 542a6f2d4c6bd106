import { describe, expect, test } from "vitest";
import { packFiles } from "../../../src/builder/pack-files.ts";
import { PackageFiles } from "../../../src/builder/package-files.ts";
import type { ZipArchive } from "../../../src/builder/zip-archive.ts";
import { HostFiles } from "../../../src/host/files/index.ts";
import { TestFolders } from "../host/files/packed.ts";

const modifiedMs = Date.UTC(2026, 1, 3);

function archiveOf(
  files: Record<string, string>,
  options: { links?: Record<string, string>; folders?: string[]; mode?: number } = {},
): ZipArchive {
  const paths = Object.keys(files);
  return {
    paths,
    links: new Map(Object.entries(options.links ?? {})),
    directories: new Set(options.folders ?? []),
    facts: () => ({ mode: options.mode ?? 0o640, modifiedMs }),
    unzippedBytes: 0,
    read: (path) => Buffer.from(files[path] ?? ""),
  };
}

async function filesOf(folders: TestFolders, packaged: PackageFiles) {
  const pack = await folders.written((send) => packFiles(packaged, send));
  return new HostFiles({ packsDir: folders.packsDir }).environment(pack, 0);
}

describe("packFiles()", () => {
  test("packs the function under /var/task and its layers under /opt, later ones over earlier ones", async () => {
    using folders = new TestFolders();
    const task = archiveOf({ "index.js": "code", "data/a.json": "{}" }, { folders: ["data", "empty"] });
    const layers = [
      archiveOf({ "lib/a": "first", "lib/b": "first" }, { links: { "lib/link": "b" } }),
      archiveOf({ "lib/a": "second", "lib/link": "a file now" }),
    ];
    const files = await filesOf(folders, new PackageFiles(task, layers));
    const text = (path: string) => Buffer.from(files.readWhole(path, 100)).toString();
    expect(text("/var/task/data/a.json")).toBe("{}");
    expect(files.tree.list("/var/task/empty")).toBe("");
    expect(text("/opt/lib/a")).toBe("second");
    expect(text("/opt/lib/b")).toBe("first");
    expect(text("/opt/lib/link")).toBe("a file now");
    const [, mode, , , , , , , bytes, , , modified] = files.stat("/var/task/index.js", true).split(",");
    expect([Number(mode), Number(bytes), Number(modified)]).toEqual([0o100640, 4, modifiedMs]);
  });

  test("gives files and folders that have no mode Lambda's", async () => {
    using folders = new TestFolders();
    const task = archiveOf({ "d/a": "" }, { mode: 0, folders: ["d"] });
    const files = await filesOf(folders, new PackageFiles(task));
    const modeOf = (path: string) => Number(files.stat(path, true).split(",")[1]) & 0o777;
    expect([modeOf("/var/task/d/a"), modeOf("/var/task/d"), modeOf("/opt")]).toEqual([0o644, 0o755, 0o755]);
  });

  test("keeps a link, and finds modules through it by what it leads to", async () => {
    using folders = new TestFolders();
    const task = archiveOf(
      { "real/a.js": "a" },
      { links: { link: "real", up: "../../etc", round: "round" } },
    );
    const packaged = new PackageFiles(task);
    expect(packaged.isFile("/var/task/link/a.js")).toBe(true);
    expect(packaged.real("/var/task/link/a.js")).toBe("/var/task/real/a.js");
    expect(packaged.isDirectory("/var/task/link")).toBe(true);
    expect([packaged.isFile("/var/task/up/passwd"), packaged.isFile("/var/task/round")]).toEqual([
      false,
      false,
    ]);
    const files = await filesOf(folders, packaged);
    expect(files.tree.readlink("/var/task/link")).toBe("real");
    expect(Buffer.from(files.readWhole("/var/task/link/a.js", 10)).toString()).toBe("a");
  });
});
