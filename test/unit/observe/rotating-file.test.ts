import { mkdtemp, readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RotatingFile, type RotatingFileOptions } from "../../../src/observe/index.ts";

const dayMs = 86_400_000;
let dir: string;
let file: RotatingFile;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-rotating-"));
});

afterEach(async () => {
  await file.close();
  await rm(dir, { recursive: true, force: true });
});

function open(more: Partial<RotatingFileOptions> = {}): RotatingFile {
  file = new RotatingFile({ folder: join(dir, "log"), fileBytes: 100, keep: {}, ...more });
  return file;
}

const line = (text: string) => Buffer.from(`${text.padEnd(49)}\n`);
const names = async () => (await readdir(join(dir, "log"))).sort();

test("a file is followed by the next at its size, and goes on after a restart", async () => {
  open();
  for (const text of ["1", "2", "3"]) await file.write(line(text));
  await file.close();
  await open().write(line("4"));
  expect(await names()).toEqual(["0000000001.log", "0000000002.log"]);
  expect((await readFile(join(dir, "log", "0000000002.log"), "utf8")).split(/\s+/)).toEqual(["3", "4", ""]);
});

test("keep.files is how many are kept beside the one that is written", async () => {
  open({ keep: { files: 2 } });
  for (let index = 0; index < 12; index++) await file.write(line(`${index}`));
  expect(await names()).toEqual(["0000000004.log", "0000000005.log", "0000000006.log"]);
});

test("keep.totalBytes bounds all of them, the one that is written at its full size", async () => {
  open({ keep: { totalBytes: 350 } });
  for (let index = 0; index < 21; index++) await file.write(line(`${index}`));
  const sizes = await Promise.all(
    (await names()).map(async (name) => (await stat(join(dir, "log", name))).size),
  );
  expect(sizes).toEqual([100, 100, 50]);
});

test("a file that is old enough is followed by the next", async () => {
  open({ fileBytes: 10_000, fileAgeMs: -1 });
  await file.write(line("1"));
  await file.write(line("2"));
  expect(await names()).toHaveLength(2);
});

test("keep.ageMs lets old files go, at a start and when files rotate", async () => {
  open({ keep: { ageMs: 90 * dayMs } });
  for (let index = 0; index < 6; index++) await file.write(line(`${index}`));
  const age = async (name: string, days: number) => {
    const time = new Date(Date.now() - days * dayMs);
    await utimes(join(dir, "log", name), time, time);
  };
  await age("0000000001.log", 91);
  await file.write(line("rotates"));
  expect(await names()).toEqual(["0000000002.log", "0000000003.log", "0000000004.log"]);
  await age("0000000002.log", 95);
  await age("0000000003.log", 92);
  await file.close();
  await open({ keep: { ageMs: 90 * dayMs } }).write(line("after a restart"));
  expect(await names()).toEqual(["0000000004.log"]);
});
