import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import { CodeCaches, SealedStore } from "../../../src/snapstart/index.ts";
import { versionSpec } from "../fleet/version-spec.ts";

const bytes = Buffer.from("V8's bytecode");
const sealing = await deriveSealingKey(randomBytes(32));
const damages: unknown[] = [];
const bugs: unknown[] = [];
let dir: string;
let store: SealedStore;
let caches: CodeCaches;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-code-caches-"));
  await writeFile(join(dir, "base.snapshot"), "a heap");
  await open();
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
  expect(bugs.splice(0)).toEqual([]);
  damages.length = 0;
});

async function open(): Promise<void> {
  store = await SealedStore.open({
    dir: join(dir, "sealed"),
    sealing,
    onDamaged: (damage) => damages.push(damage),
  });
  caches = await CodeCaches.open(store, dir, (error) => bugs.push(error));
}

async function reopen(): Promise<void> {
  await store.close();
  await open();
}

const files = () => readdir(join(dir, "sealed", "code-cache"));
const kept = (count: number) => vi.waitFor(() => expect(caches.figures.kept).toBe(count));

describe("CodeCaches", () => {
  it("gives a version what a host made of it, and after a restart too", async () => {
    const spec = versionSpec();
    expect(await caches.find(spec)).toBeUndefined();
    // Known by now: the next cold start does not ask the disk.
    expect(caches.find(spec)).toBeUndefined();
    caches.keep(spec, bytes);
    await kept(1);
    expect(await caches.find(spec)).toEqual(new Uint8Array(bytes));
    // Somebody waits: once read it is in memory.
    expect(caches.find(spec)).toBeInstanceOf(Uint8Array);
    await reopen();
    expect(await caches.find(spec)).toEqual(new Uint8Array(bytes));
  });

  it("gives it to no other version, even of the same code", async () => {
    caches.keep(versionSpec({ key: "one" }), bytes);
    await kept(1);
    expect(await caches.find(versionSpec({ key: "two" }))).toBeUndefined();
    const { bundle } = versionSpec();
    const changed = versionSpec({ key: "one", bundle: { ...bundle, hash: "another" } });
    expect(await caches.find(changed)).toBeUndefined();
  });

  it("sweeps away what no version wants that there is", async () => {
    const [one, two] = [versionSpec({ key: "one" }), versionSpec({ key: "two" })];
    caches.keep(one, bytes);
    caches.keep(two, bytes);
    await kept(2);
    await reopen();
    await caches.sweep([two]);
    expect(await files()).toHaveLength(1);
    expect(await caches.find(two)).toEqual(new Uint8Array(bytes));
  });

  it("gives none that was made in another base heap, which V8 would refuse", async () => {
    caches.keep(versionSpec(), bytes);
    await kept(1);
    await writeFile(join(dir, "base.snapshot"), "a heap that was made again");
    await reopen();
    expect(await caches.find(versionSpec())).toBeUndefined();
  });

  it("drops what V8 refused and what is not wanted any more, until it is made again", async () => {
    const refused = versionSpec({ key: "refused" });
    const retired = versionSpec({ key: "retired" });
    caches.keep(refused, bytes);
    caches.keep(retired, bytes);
    await kept(2);
    caches.rejected(refused);
    caches.forget(retired);
    expect([caches.find(refused), caches.find(retired)]).toEqual([undefined, undefined]);
    await vi.waitFor(async () => expect(await files()).toEqual([]));
    expect(caches.figures.rejected).toBe(1);
    caches.keep(refused, bytes);
    await kept(3);
    expect(await caches.find(refused)).toEqual(new Uint8Array(bytes));
  });

  it("gives nothing of a file that is not as it was written", async () => {
    caches.keep(versionSpec(), bytes);
    await kept(1);
    const [name] = await files();
    await reopen();
    await writeFile(join(dir, "sealed", "code-cache", name!), randomBytes(200));
    expect(await caches.find(versionSpec())).toBeUndefined();
    expect(damages).toHaveLength(1);
  });

  it("is no reason to fail when its store is closed", async () => {
    await store.close();
    caches.keep(versionSpec(), bytes);
    caches.forget(versionSpec());
    expect(await caches.find(versionSpec())).toBeUndefined();
  });
});
