import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostFlags } from "../../../src/fleet/sandbox.ts";
import { moduleFile } from "../../../src/model/guest-files.ts";
import { ensureGuestHeap, sharedCacheDir } from "../../../src/snapstart/index.ts";

const program = join(import.meta.dirname, "code-caches-main.ts");
const answer = JSON.stringify("ab [ 1, [length]: 1 ]");

interface Told {
  readonly answer: string;
  readonly used: number;
  readonly rejected: number;
  readonly damaged: number;
}

let folder: string;
let whole: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "brisk-code-caches-"));
  whole = await ensureGuestHeap([sharedCacheDir(), folder]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** With the flags of a host, but for the test's own files, which it has to read. */
async function use(dir: string, ...flags: string[]): Promise<Told> {
  const allowed = [...hostFlags(dir), "--allow-fs-read=*"];
  const { stdout } = await promisify(execFile)(process.execPath, [...allowed, ...flags, program, dir]);
  return JSON.parse(stdout) as Told;
}

async function copyOfHeap(): Promise<string> {
  const dir = await mkdtemp(join(folder, "guest-"));
  await cp(whole, dir, { recursive: true });
  return dir;
}

describe("code caches of guest modules", () => {
  test("V8 takes every one of them under a host's flags, whatever the memory size", async () => {
    const told = await use(whole);
    expect(told).toMatchObject({ answer, rejected: 0, damaged: 0 });
    expect(told.used).toBeGreaterThan(8);
  });

  test("under other flags V8 refuses them, and modules are compiled", async () => {
    const told = await use(whole, "--no-opt");
    expect(told).toMatchObject({ answer, used: 0, damaged: 0 });
    expect(told.rejected).toBeGreaterThan(8);
  });

  test("they are of one heap: with another base, V8 refuses them", async () => {
    const dir = await copyOfHeap();
    const flags = ["--no-node-snapshot", "--input-type=module", "-e", otherBase, join(dir, "base")];
    await promisify(execFile)(process.execPath, flags, { cwd: import.meta.dirname });
    const told = await use(dir);
    expect(told).toMatchObject({ answer, used: 0, damaged: 0 });
    expect(told.rejected).toBeGreaterThan(8);
  });

  test("one flipped bit, and V8 does not get to see it", async () => {
    const dir = await copyOfHeap();
    const { used } = await use(dir);
    const file = join(dir, "modules", "node-util.cache");
    const bytes = await readFile(file);
    bytes[bytes.byteLength >> 1]! ^= 1;
    await writeFile(file, bytes);
    expect(await use(dir)).toEqual({ answer, used: used - 1, rejected: 0, damaged: 1 });
  });

  test("a cache is not used with another script of the same length", async () => {
    const dir = await copyOfHeap();
    const { used } = await use(dir);
    const file = join(dir, "modules", moduleFile("node:util"));
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/ (?=[^ ]*$)/, "\n"));
    expect(await use(dir)).toEqual({ answer, used: used - 1, rejected: 0, damaged: 1 });
  });

  test("without any of them modules are compiled", async () => {
    const dir = await copyOfHeap();
    for (const name of await readdir(join(dir, "modules"))) {
      if (name.endsWith(".cache")) await rm(join(dir, "modules", name));
    }
    expect(await use(dir)).toMatchObject({ answer, used: 0, rejected: 0 });
    await rm(join(dir, "code-caches.json"));
    expect(await use(dir)).toEqual({ answer, used: 0, rejected: 0, damaged: 1 });
  });
});

/** Freezes the same script again: no two snapshots have the same read-only heap. */
const otherBase = `
import { readFileSync, writeFileSync } from "node:fs";
import ivm from "isolated-vm";
const code = readFileSync(process.argv[1] + ".js", "utf8") + "; globalThis.another = { base: 'heap' };";
writeFileSync(process.argv[1] + ".snapshot", Buffer.from(ivm.Isolate.createSnapshot([{ code }]).copy()));
`;
