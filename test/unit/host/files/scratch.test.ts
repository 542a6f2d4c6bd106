import { existsSync, mkdirSync, readdirSync, statfsSync, symlinkSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import type { EnvironmentFiles } from "../../../../src/host/files/index.ts";
import { ScratchStore } from "../../../../src/host/files/scratch-store.ts";
import { TestFolders } from "./packed.ts";

const megabyte = 1024 * 1024;
const write = 0o1101;
const readWrite = 0o102;

function errnoOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (error) {
    return (error as { errno?: number }).errno;
  }
  return undefined;
}

function put(files: EnvironmentFiles, path: string, content: string | Uint8Array): void {
  const fd = files.open(path, write, 0o644);
  files.write(fd, Buffer.from(content), -1);
  files.closeDescriptor(fd);
}

const text = (files: EnvironmentFiles, path: string) =>
  Buffer.from(files.readWhole(path, 1e9)).toString("utf8");
const names = (files: EnvironmentFiles, path: string) => files.tree.list(path).split("\0").sort();

describe("/tmp", () => {
  it("is an environment's own, and gone with it", async () => {
    using folders = new TestFolders();
    const host = folders.host();
    const [one, other] = [host.environment(undefined, megabyte), host.environment(undefined, megabyte)];
    put(one, "/tmp/secret", "one's");
    expect(names(other, "/tmp")).toEqual([""]);
    expect(errnoOf(() => other.stat("/tmp/secret", true))).toBe(2);
    expect(readdirSync(folders.scratchDir)).toHaveLength(1);
    one.close();
    await vi.waitUntil(() => readdirSync(folders.scratchDir).length === 0);
    other.close();
  });

  it("touches no disk until there is a byte to keep, whatever names there are", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    files.tree.mkdir("/tmp/..%2f..%2fetc", 0o755);
    files.open("/tmp/a\\b", readWrite, 0o644);
    expect(existsSync(folders.scratchDir)).toBe(false);
    put(files, "/tmp/..hidden", "x");
    expect(readdirSync(`${folders.scratchDir}/0`)).toEqual(["5"]);
  });

  it("holds its quota and no byte more; what is removed is free again", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    put(files, "/tmp/a", Buffer.alloc(megabyte - 4096));
    put(files, "/tmp/b", "x");
    expect(errnoOf(() => put(files, "/tmp/c", "x"))).toBe(28);
    const fd = files.open("/tmp/b", 1, 0);
    expect(errnoOf(() => files.truncate(fd, 4097))).toBe(28);
    expect(errnoOf(() => files.write(fd, Buffer.from("y"), 1e9))).toBe(28);
    expect(files.write(fd, Buffer.from("y"), 4095)).toBe(1);
    files.tree.unlink("/tmp/a");
    put(files, "/tmp/c", Buffer.alloc(megabyte / 2));
    expect(errnoOf(() => files.truncate(fd, 4096 * 100))).toBe(undefined);
  });

  it("has a number of names that it may hold, so that names alone fill no memory", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    let made = 0;
    while (errnoOf(() => files.tree.mkdir(`/tmp/${made}`, 0o755)) === undefined && made < 1000) made++;
    expect(made).toBe(64);
    expect(errnoOf(() => files.tree.symlink("a", "/tmp/link"))).toBe(28);
    expect(errnoOf(() => put(files, "/tmp/file", ""))).toBe(28);
    files.tree.rmdir("/tmp/7");
    put(files, "/tmp/file", "");
  });

  it("counts names and long targets of links, too: a file with one name after another fills no memory", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    const { tree } = files;
    put(files, "/tmp/file", "x");
    let made = 0;
    while (errnoOf(() => tree.link("/tmp/file", `/tmp/${made}`)) === undefined && made < 1000) made++;
    expect(made).toBe(63);
    expect(names(files, "/tmp")).toHaveLength(64);
    tree.unlink("/tmp/file");
    for (let index = 0; index < made; index++) tree.unlink(`/tmp/${index}`);
    made = 0;
    const target = "t".repeat(4095);
    while (errnoOf(() => tree.symlink(target, `/tmp/${made}`)) === undefined && made < 1000) made++;
    expect(made).toBe(8);
    for (let index = 0; index < made; index++) tree.unlink(`/tmp/${index}`);
    for (let index = 0; index < 64; index++) tree.mkdir(`/tmp/${index}`, 0o755);
  });

  it("says that a disk is full, and counts nothing of what was not written", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    mkdirSync(`${folders.scratchDir}/0`, { recursive: true });
    symlinkSync("/dev/full", `${folders.scratchDir}/0/3`);
    expect(errnoOf(() => put(files, "/tmp/a", Buffer.alloc(megabyte)))).toBe(28);
    expect(files.tree.find("/tmp/a").bytes).toBe(0);
    put(files, "/tmp/b", Buffer.alloc(megabyte));
  });

  it("leaves a part of the disk to others, whatever the quotas say", () => {
    using folders = new TestFolders();
    const { bavail, bsize } = statfsSync(folders.dir);
    const full = new ScratchStore(`${folders.dir}/full`, bavail * bsize * 2);
    expect(errnoOf(() => full.write(1, Buffer.from("x"), 0))).toBe(28);
    const roomy = new ScratchStore(`${folders.dir}/roomy`, 0);
    roomy.write(1, Buffer.alloc(10 * megabyte), 0);
    roomy.write(1, Buffer.from("x"), 10 * megabyte);
    expect(roomy.read(1, Buffer.alloc(8), 10 * megabyte)).toBe(1);
    full.close();
    roomy.close();
  });

  it("follows links over a few thousand names at most, since others wait meanwhile", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, 64 * megabyte);
    const { tree } = files;
    tree.mkdir("/tmp/d", 0o755);
    tree.symlink(".", "/tmp/l0");
    for (let index = 1; index < 30; index++)
      tree.symlink(`l${index - 1}/${"d/../".repeat(800)}`, `/tmp/l${index}`);
    expect(tree.realpath("/tmp/l2")).toBe("/tmp");
    expect(errnoOf(() => tree.realpath("/tmp/l29"))).toBe(40);
  });

  it("opens no more than 1,024 files, counted with the three of the process", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    let opened = 0;
    while (errnoOf(() => files.open("/tmp/a", readWrite, 0o644)) === undefined && opened < 2000) opened++;
    expect(opened).toBe(1021);
    files.closeDescriptor(17);
    expect(files.open("/dev/null", 2, 0)).toBe(17);
    expect(errnoOf(() => files.closeDescriptor(1021 + 3))).toBe(9);
  });

  it("keeps a removed file for whoever has it open, and its bytes no longer", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    const fd = files.open("/tmp/a", readWrite, 0o644);
    files.write(fd, Buffer.from("hello"), -1);
    files.tree.unlink("/tmp/a");
    expect(Buffer.from(files.read(fd, 10, 0)).toString()).toBe("hello");
    expect(readdirSync(`${folders.scratchDir}/0`)).toHaveLength(1);
    files.closeDescriptor(fd);
    expect(readdirSync(`${folders.scratchDir}/0`)).toEqual([]);
    put(files, "/tmp/full", Buffer.alloc(megabyte));
  });

  it("reads and writes at positions, appends, and leaves holes as zeros", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    const fd = files.open("/tmp/a", readWrite, 0o644);
    files.write(fd, Buffer.from("abc"), 5);
    expect(Buffer.from(files.read(fd, 100, -1)).toString()).toBe("\0\0\0\0\0abc");
    files.write(fd, Buffer.from("!"), -1);
    const appending = files.open("/tmp/a", 0o2001, 0);
    files.write(appending, Buffer.from("end"), 0);
    expect(text(files, "/tmp/a")).toBe("\0\0\0\0\0abc!end");
    expect(errnoOf(() => files.read(appending, 1, 0))).toBe(9);
    files.truncate(fd, 2);
    expect(text(files, "/tmp/a")).toBe("\0\0");
  });

  it("renames as Linux does", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    const { tree } = files;
    for (const path of ["/tmp/d", "/tmp/d/e", "/tmp/full", "/tmp/full/x", "/tmp/empty"])
      tree.mkdir(path, 0o755);
    put(files, "/tmp/f", "f");
    put(files, "/tmp/g", "g");
    expect(errnoOf(() => tree.rename("/tmp/d", "/tmp/d/e/inside"))).toBe(22);
    expect(errnoOf(() => tree.rename("/tmp/d", "/tmp/full"))).toBe(39);
    expect(errnoOf(() => tree.rename("/tmp/d", "/tmp/f"))).toBe(20);
    expect(errnoOf(() => tree.rename("/tmp/f", "/tmp/d"))).toBe(21);
    expect(errnoOf(() => tree.rename("/tmp/none", "/tmp/x"))).toBe(2);
    tree.rename("/tmp/d", "/tmp/empty");
    tree.rename("/tmp/f", "/tmp/g");
    expect(names(files, "/tmp")).toEqual(["dempty", "dfull", "fg"]);
    expect(names(files, "/tmp/empty")).toEqual(["de"]);
    expect(text(files, "/tmp/g")).toBe("f");
    tree.link("/tmp/g", "/tmp/h");
    tree.rename("/tmp/g", "/tmp/h");
    expect(names(files, "/tmp")).toContain("fg");
  });

  it("heeds modes, and owners are who they are", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    const { tree } = files;
    put(files, "/tmp/f", "f");
    tree.setMode(tree.find("/tmp/f"), 0o400);
    expect(errnoOf(() => files.open("/tmp/f", 1, 0))).toBe(13);
    expect(errnoOf(() => tree.access("/tmp/f", 2))).toBe(13);
    expect(errnoOf(() => tree.access("/tmp/f", 4))).toBe(undefined);
    tree.mkdir("/tmp/d", 0o000);
    expect(errnoOf(() => put(files, "/tmp/d/x", ""))).toBe(13);
    expect(errnoOf(() => tree.setOwner(tree.find("/tmp/f"), 0, 0))).toBe(1);
    expect(errnoOf(() => tree.setOwner(tree.find("/tmp/f"), 993, -1))).toBe(undefined);
    // Whoever makes a file may write it, though its mode says otherwise afterwards.
    const fd = files.open("/tmp/ro", write, 0o444);
    expect(files.write(fd, Buffer.from("x"), -1)).toBe(1);
  });

  it("is not there to be written where a host has no place for it", () => {
    using folders = new TestFolders();
    void folders;
    const files = folders.host().environment(undefined, 0);
    expect(errnoOf(() => put(files, "/tmp/a", "x"))).toBe(28);
    expect(names(files, "/tmp")).toEqual([""]);
  });
});

describe("inUse()", () => {
  it("names what a frozen heap would miss, and nothing else", () => {
    using folders = new TestFolders();
    const files = folders.host().environment(undefined, megabyte);
    const fd = files.open("/tmp/a", readWrite, 0o644);
    expect(files.inUse()).toContain("1 files are open");
    files.closeDescriptor(fd);
    expect(files.inUse()).toContain("left files in /tmp");
    files.tree.unlink("/tmp/a");
    expect(files.inUse()).toBe(undefined);
  });
});
