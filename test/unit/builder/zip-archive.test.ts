import { crc32, deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { maxUnzippedBytes, openZipArchive, ZipRefusal } from "../../../src/builder/zip-archive.ts";

interface CraftedEntry {
  name: string;
  contents?: Uint8Array | string;
  method?: number;
  mode?: number;
  flags?: number;
  declaredSize?: number;
  checksum?: number;
  /** Use the data of the entry before: the trick of bombs whose entries overlap. */
  reuseData?: boolean;
}

/** A zip written byte by byte, so that it can lie. */
function craft(entries: readonly CraftedEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  let dataOffset = 0;
  for (const entry of entries) {
    const contents = Buffer.from(entry.contents ?? "");
    const method = entry.method ?? 8;
    const data = method === 8 ? deflateRawSync(contents) : contents;
    const name = Buffer.from(entry.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(entry.checksum ?? crc32(contents), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(entry.declaredSize ?? contents.length, 18);
    common.writeUInt16LE(name.length, 22);
    if (entry.reuseData !== true) {
      dataOffset = offset;
      const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, data]);
      locals.push(local);
      offset += local.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(dataOffset, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), common, tail, name]));
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length & 0xffff, 8);
  end.writeUInt16LE(entries.length & 0xffff, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

async function refusal(entries: readonly CraftedEntry[]): Promise<string> {
  const error = await openZipArchive(craft(entries)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ZipRefusal);
  return (error as Error).message;
}

const broken = "Could not unzip uploaded file. Please check your file, then try to upload again.";
const tooLarge = `Unzipped size must be smaller than ${maxUnzippedBytes} bytes`;

describe("openZipArchive()", () => {
  test("reads stored and deflated files, and ignores ./ and empty directories", async () => {
    const archive = await openZipArchive(
      craft([
        { name: "./index.js", contents: "one" },
        { name: "lib/", mode: 0o040755, method: 0 },
        { name: "lib//b.js", contents: "two", method: 0 },
      ]),
    );
    expect(archive.paths).toEqual(["index.js", "lib/b.js"]);
    expect(archive.paths.map((path) => archive.read(path).toString())).toEqual(["one", "two"]);
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("hello")],
    ["a zip cut off", craft([{ name: "a.js", contents: "x".repeat(500) }]).subarray(0, 80)],
    [
      "an archive whose directory points nowhere",
      Buffer.from("PK\x05\x06\0\0\0\0\x01\0\x01\0\xff\0\0\0\xff\xff\0\0\0\0", "latin1"),
    ],
  ])("refuses %s with AWS's words", async (_, bytes) => {
    await expect(openZipArchive(bytes)).rejects.toThrow(broken);
  });

  test.each([
    ["../up.js"],
    ["a/../../up.js"],
    ["/etc/passwd"],
    ["C:/windows.js"],
    ["a\\..\\..\\up.js"],
    ["a\0.js"],
  ])("refuses the path %j, and names it", async (name) => {
    expect(await refusal([{ name }])).toMatch(
      /^Could not unzip uploaded file: the entry ".*" does not lie inside of the package$/,
    );
  });

  test("keeps symbolic links as what they say, and refuses those that say nothing or that files lie behind", async () => {
    const link = { name: "link", contents: "/etc/passwd", mode: 0o120777 };
    const archive = await openZipArchive(craft([link, { name: "a.js" }]));
    expect([archive.paths, [...archive.links]]).toEqual([["a.js"], [["link", "/etc/passwd"]]]);
    expect(await refusal([{ ...link, contents: "" }])).toContain("is a symbolic link that leads nowhere");
    expect(await refusal([{ ...link, contents: "a\0b" }])).toContain("leads nowhere");
    expect(await refusal([link, { name: "link/up.js" }])).toContain("lies in a directory that is a file");
    expect(await refusal([{ ...link, name: "link/" }])).toContain("is not a regular file");
  });

  test("tells modes and times of files and folders", async () => {
    const archive = await openZipArchive(
      craft([
        { name: "d/a.sh", mode: 0o100755 },
        { name: "b", mode: 0 },
      ]),
    );
    expect(archive.facts("d/a.sh").mode).toBe(0o755);
    expect(archive.facts("b").mode).toBe(0);
    expect(archive.facts("d")).toEqual({ mode: 0, modifiedMs: 0 });
    expect([...archive.directories]).toEqual(["d"]);
  });

  test("refuses devices, pipes and directories that look like files", async () => {
    expect(await refusal([{ name: "dev", mode: 0o020644 }])).toContain('"dev" is not a regular file');
    expect(await refusal([{ name: "folder", mode: 0o040755 }])).toContain('"folder" is not a regular file');
    expect(await refusal([{ name: "pipe", mode: 0o010644 }])).toContain('"pipe" is not a regular file');
  });

  test("refuses two entries for one path, also where only their spelling differs", async () => {
    for (const other of ["a/b.js", "a//b.js", "./a/b.js", "a/./b.js"]) {
      expect(await refusal([{ name: "a/b.js" }, { name: other }])).toContain("occurs more than once");
    }
    expect(await refusal([{ name: "\u00e9.js" }, { name: "e\u0301.js" }])).toContain("occurs more than once");
  });

  test("keeps names apart that differ in case only, as Lambda's file system does", async () => {
    const archive = await openZipArchive(craft([{ name: "License" }, { name: "LICENSE" }]));
    expect(archive.paths).toEqual(["License", "LICENSE"]);
  });

  test("refuses a path that is both a file and a directory", async () => {
    expect(await refusal([{ name: "a" }, { name: "a/b.js" }])).toContain(
      "lies in a directory that is a file",
    );
    expect(await refusal([{ name: "a/b.js" }, { name: "a" }])).toContain("is both a file and a directory");
    expect(await refusal([{ name: "a/", contents: "x", method: 0 }])).toContain(
      "is a directory with contents",
    );
  });

  test("refuses encrypted entries and unknown compression", async () => {
    expect(await refusal([{ name: "a.js", flags: 0x801 }])).toContain('"a.js" is encrypted');
    expect(await refusal([{ name: "a.js", method: 99 }])).toContain("uses compression method 99");
  });

  test("refuses what declares more than 250 MB, without inflating it", async () => {
    expect(await refusal([{ name: "bomb", contents: "x", declaredSize: maxUnzippedBytes + 1 }])).toBe(
      tooLarge,
    );
    const half = { contents: "x", declaredSize: maxUnzippedBytes / 2 };
    expect(
      await refusal([
        { name: "a", ...half },
        { name: "b", ...half },
        { name: "c", contents: "x" },
      ]),
    ).toBe(tooLarge);
  });

  test("a bomb that declares less than it inflates to is stopped at its declared size", async () => {
    const bomb = Buffer.alloc(32 * 1024 * 1024);
    expect(await refusal([{ name: "bomb", contents: bomb, declaredSize: 10 }])).toContain(
      '"bomb" has another size than it declares',
    );
    expect(await refusal([{ name: "short", contents: "x", declaredSize: 10 }])).toContain(
      '"short" has another size than it declares',
    );
    expect(await refusal([{ name: "stored", contents: "xyz", method: 0, declaredSize: 1 }])).not.toBe("");
  });

  test("overlapping entries count each time they are used", async () => {
    const contents = Buffer.alloc(100_000_000);
    const name = (index: number) => ({ name: `f${index}`, contents, reuseData: index > 0 });
    expect(await refusal([name(0), name(1), name(2)])).toBe(tooLarge);
  });

  test("refuses contents that do not match their checksum", async () => {
    expect(await refusal([{ name: "a.js", contents: "x", checksum: 1 }])).toContain(
      '"a.js" does not match its checksum',
    );
  });
});
