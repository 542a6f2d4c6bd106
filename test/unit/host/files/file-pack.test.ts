import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { EnvironmentFiles } from "../../../../src/host/files/index.ts";
import { packMethod, packSectionBytes } from "../../../../src/model/file-pack.ts";
import { TestFolders } from "./packed.ts";

const text = (files: EnvironmentFiles, path: string) =>
  Buffer.from(files.readWhole(path, 1e9)).toString("utf8");
const names = (files: EnvironmentFiles, path: string) => files.tree.list(path).split("\0").sort();

function errnoOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (error) {
    return (error as { errno?: number }).errno;
  }
  return undefined;
}

describe("a file pack", () => {
  it("gives a host every file, folder and link, by position", async () => {
    using folders = new TestFolders();
    const large = Buffer.alloc(3 * packSectionBytes + 17, "0123456789");
    const pack = await folders.pack({
      task: { "index.js": "code", empty: "", deep: { er: { "large.bin": large } }, link: "-> deep/er" },
      opt: { nodejs: { "a.txt": "layer" } },
    });
    const files = folders.host().environment(pack, 0);
    expect(text(files, "/var/task/index.js")).toBe("code");
    expect(text(files, "/var/task/empty")).toBe("");
    expect(text(files, "/opt/nodejs/a.txt")).toBe("layer");
    expect(names(files, "/var/task")).toEqual(["ddeep", "fempty", "findex.js", "llink"]);
    const fd = files.open("/var/task/link/large.bin", 0, 0);
    const at = packSectionBytes - 3;
    expect(Buffer.from(files.read(fd, 10, at))).toEqual(large.subarray(at, at + 10));
    expect(files.read(fd, 100, large.length - 5)).toHaveLength(5);
    expect(files.read(fd, 100, large.length + 5)).toHaveLength(0);
    expect(files.read(fd, large.length, -1)).toHaveLength(large.length);
    expect(files.read(fd, 1, -1)).toHaveLength(0);
    expect(files.tree.realpath("/var/task/link/large.bin")).toBe("/var/task/deep/er/large.bin");
    files.close();
  });

  it("opens with its own key alone, and not with a bit changed", async () => {
    using folders = new TestFolders();
    const mine = await folders.pack({ task: { a: "mine" } });
    const other = await folders.pack({ task: { a: "other" } });
    const read = (name: string, key: string) => {
      const files = folders.host().environment({ name, key }, 0);
      return errnoOf(() => files.readWhole("/var/task/a", 100)) ?? text(files, "/var/task/a");
    };
    expect(read(mine.name, mine.key)).toBe("mine");
    expect(read(other.name, mine.key)).toBe(5);
    const file = folders.file(mine.name);
    const bytes = readFileSync(file);
    for (const at of [0, 9, 20, 30, bytes.length - 30, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(file, changed);
      expect(read(mine.name, mine.key)).toBe(5);
    }
    writeFileSync(file, bytes.subarray(0, -1));
    expect(read(mine.name, mine.key)).toBe(5);
  });

  it("is never left by a name, a link or a path", async () => {
    using folders = new TestFolders();
    const pack = await folders.pack({
      task: {
        up: "-> ../../../../../../etc/passwd",
        absolute: "-> /etc/passwd",
        self: "-> self",
        tmp: "-> /tmp",
        host: `-> ${folders.dir}`,
      },
    });
    const files = folders.host().environment(pack, 0);
    const paths = ["up", "absolute", "host", "../../../etc/passwd", "../../../proc/self/mem"];
    for (const path of [...paths.map((one) => `/var/task/${one}`), folders.dir, "/etc/passwd"])
      expect([path, errnoOf(() => files.stat(path, true))]).toEqual([path, 2]);
    expect(errnoOf(() => files.stat("/var/task/self", true))).toBe(40);
    expect(files.tree.realpath("/var/task/tmp/..")).toBe("/");
    expect(names(files, "/")).toEqual(["ddev", "dopt", "dtmp", "dvar"]);
  });

  it("is believed no length beyond what it holds, whatever a builder wrote into it", async () => {
    using folders = new TestFolders();
    const section = (text: string) => Buffer.concat([Buffer.from([packMethod.stored]), Buffer.from(text)]);
    for (const length of [100_000, 2 ** 40, 2 ** 52, -1]) {
      const list = JSON.stringify([["task", "d", 0o755, 0, length, 5]]);
      const pack = await folders.written(async (send) => {
        await send(section(list));
        return { bytes: list.length, root: [0, list.length] };
      });
      const files = folders.host().environment(pack, 0);
      expect([length, errnoOf(() => files.tree.list("/var/task"))]).toEqual([length, 5]);
    }
  });

  it("is not written to", async () => {
    using folders = new TestFolders();
    const pack = await folders.pack({ task: { a: "a", d: {} } });
    const files = folders.host().environment(pack, 1e6);
    const { tree } = files;
    expect(errnoOf(() => files.open("/var/task/a", 1, 0))).toBe(30);
    expect(errnoOf(() => files.open("/var/task/b", 0o101, 0o666))).toBe(30);
    expect(errnoOf(() => files.open("/var/task/x/b", 0o101, 0o666))).toBe(2);
    for (const run of [
      () => tree.mkdir("/var/task/e", 0o777),
      () => tree.unlink("/var/task/a"),
      () => tree.rmdir("/var/task/d"),
      () => tree.rename("/var/task/a", "/var/task/b"),
      () => tree.symlink("a", "/var/task/b"),
      () => tree.setMode(tree.find("/var/task/a"), 0o777),
      () => tree.setTimes(tree.find("/var/task/a"), 0, 0),
      () => tree.access("/var/task/a", 2),
      () => tree.mkdir("/new", 0o777),
    ])
      expect(errnoOf(run)).toBe(30);
    expect(errnoOf(() => tree.mkdir("/var/task/d", 0o777))).toBe(17);
    expect(errnoOf(() => tree.rename("/var/task/a", "/tmp/a"))).toBe(18);
  });
});
