import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import type { SealedKind } from "../../../src/snapstart/sealed-stock.ts";
import { type Damage, SealedStore, type SealedStoreOptions } from "../../../src/snapstart/sealed-store.ts";

const a = "a".repeat(64);
const b = "b".repeat(64);
const c = "c".repeat(64);
const day = 24 * 3600_000;

let dir: string;
let nowMs: number;
let damages: Damage[];
let stores: SealedStore[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-sealed-store-"));
  nowMs = Date.UTC(2026, 0, 1);
  damages = [];
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await rm(dir, { recursive: true, force: true });
});

async function openStore(options: Partial<SealedStoreOptions> = {}): Promise<SealedStore> {
  const store = await SealedStore.open({
    dir,
    sealing: await deriveSealingKey(Buffer.alloc(32, 1)),
    onDamaged: (damage) => void damages.push(damage),
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    ...options,
  });
  stores.push(store);
  return store;
}

const fileOf = (kind: SealedKind, key: string) => join(dir, kind, key);
const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();
const reasons = () => damages.map(({ reason }) => reason);
async function filesOnDisk(): Promise<string[]> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map(({ name }) => name)
    .sort();
}

describe("put(), find() and read()", () => {
  test("give back what was stored, from memory, from disk and to the next process", async () => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.from("heap"), { hash: "h", list: [1, null] });
    await store.put("code-cache", a, Buffer.from("code"), null);
    const check = async (opened: SealedStore) => {
      expect(await opened.find("snapshot", a)).toEqual({ hash: "h", list: [1, null] });
      expect(await opened.find("code-cache", a)).toBeNull();
      expect(text(await opened.read("snapshot", a))).toBe("heap");
      expect(text(await opened.read("code-cache", a))).toBe("code");
      expect(await opened.find("snapshot", b)).toBeUndefined();
      expect(await opened.read("code-cache", b)).toBeUndefined();
    };
    await check(store);
    await check(store);
    await store.close();
    await check(await openStore());
    expect(damages).toEqual([]);
  });

  test("keep files from other users of the machine", async () => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.from("heap"), {});
    expect((await stat(fileOf("snapshot", a))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, "snapshot"))).mode & 0o777).toBe(0o700);
  });

  test("refuse what is no key, no kind and no JSON", async () => {
    const store = await openStore();
    for (const key of ["", "../../etc/passwd", "A".repeat(64), `${a}0`, `${a}\n`]) {
      await expect(store.put("snapshot", key, Buffer.alloc(1), {})).rejects.toThrow(TypeError);
      await expect(store.read("snapshot", key)).rejects.toThrow(TypeError);
      await expect(store.find("snapshot", key)).rejects.toThrow(TypeError);
      await expect(store.remove("snapshot", key)).rejects.toThrow(TypeError);
    }
    await expect(store.read(".." as SealedKind, a)).rejects.toThrow(TypeError);
    await expect(store.put("snapshot", a, Buffer.alloc(1), undefined)).rejects.toThrow(TypeError);
  });

  test("refuse a meta of more than 1 MiB, and a content that no amount of removing makes room for", async () => {
    const store = await openStore({ diskBytes: 1000 });
    const long = "m".repeat(1024 * 1024);
    await expect(store.put("snapshot", a, Buffer.alloc(1), long)).rejects.toMatchObject({ code: "TooLarge" });
    await store.put("snapshot", b, Buffer.alloc(500), {});
    await expect(store.put("snapshot", a, Buffer.alloc(1000), {})).rejects.toMatchObject({
      code: "TooLarge",
      message: expect.stringContaining("at most 1000 are allowed"),
    });
    expect(await filesOnDisk()).toEqual([b]);
  });

  test("of one name at once: the last put wins whole, and each read is of one of them whole", async () => {
    const store = await openStore();
    const contents = Array.from({ length: 8 }, (_, at) => Buffer.alloc(700_000 + at * 1000, at + 1));
    await store.put("snapshot", a, contents[0]!, { at: 0 });
    let isDone = false;
    const reader = (async () => {
      const seen = new Set<number>();
      while (!isDone) {
        const bytes = await store.read("snapshot", a);
        expect(Buffer.compare(bytes!, contents[bytes![0]! - 1]!)).toBe(0);
        seen.add(bytes![0]!);
        // A read from memory takes no turn of the loop, and the writes need some.
        await new Promise(setImmediate);
      }
      return seen;
    })();
    await Promise.all(contents.map((content, at) => store.put("snapshot", a, content, { at })));
    isDone = true;
    expect((await reader).size).toBeGreaterThan(1);
    expect(await store.find("snapshot", a)).toEqual({ at: 7 });
    expect(Buffer.compare((await store.read("snapshot", a))!, contents[7]!)).toBe(0);
    expect(store.figures.files).toBe(1);
    expect(store.figures.diskBytes).toBe((await stat(fileOf("snapshot", a))).size);
    expect(await filesOnDisk()).toEqual([a]);
    expect(damages).toEqual([]);
  });

  test("share one read of the disk among those who ask at the same time", async () => {
    const store = await openStore({ memoryBytes: 0 });
    await store.put("snapshot", a, Buffer.alloc(600_000, 1), {});
    const [one, two] = await Promise.all([store.read("snapshot", a), store.read("snapshot", a)]);
    expect(one).toBe(two);
    expect(await store.read("snapshot", a)).not.toBe(one);
  });
});

describe("damage", () => {
  async function change(kind: SealedKind, key: string, to: (file: Buffer) => Uint8Array): Promise<void> {
    await writeFile(fileOf(kind, key), to(await readFile(fileOf(kind, key))));
  }

  test.each([
    { region: "magic", at: 0, reason: "Malformed" },
    { region: "format", at: 11, reason: "OtherFormat" },
    { region: "description's length", at: 15, reason: "Malformed" },
    { region: "content's length", at: 23, reason: "Malformed" },
    { region: "key id", at: 24, reason: "OtherInstallation" },
    { region: "file id", at: 32, reason: "Altered" },
    { region: "description's nonce", at: 48, reason: "Altered" },
    { region: "hash", at: 60, reason: "Altered" },
    { region: "meta", at: 92, reason: "Altered" },
    { region: "description's tag", at: 60 + 32 + 2, reason: "Altered" },
    { region: "content's nonce", at: -28 - 700, reason: "Altered" },
    { region: "content", at: -16 - 350, reason: "Altered" },
    { region: "content's tag", at: -1, reason: "Altered" },
  ])("a flipped bit in the $region: removed, told once, and made anew", async ({ at, reason }) => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.alloc(700, 7), {});
    await change("snapshot", a, (file) => {
      const index = at < 0 ? file.byteLength + at : at;
      // The lengths' last bit: they must get shorter for the file to be too long.
      file[index]! ^=
        file[index]! & 1 ? 1 : reason === "Malformed" && at > 8 ? file[index]! & -file[index]! : 1;
      return file;
    });
    const [one, two] = await Promise.all([store.read("snapshot", a), store.read("snapshot", a)]);
    expect([one, two]).toEqual([undefined, undefined]);
    expect(damages).toMatchObject([{ kind: "snapshot", key: a, reason, isRemoved: true }]);
    expect(await store.find("snapshot", a)).toBeUndefined();
    expect(store.figures).toEqual({ files: 0, diskBytes: 0, memoryBytes: 0 });
    await store.put("snapshot", a, Buffer.from("again"), { again: true });
    expect(await filesOnDisk()).toEqual([a]);
    expect(text(await store.read("snapshot", a))).toBe("again");
    expect(damages).toHaveLength(1);
  });

  test("find() removes a file whose meta does not open", async () => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.from("heap"), {});
    await change("snapshot", a, (file) => file.fill(0, 60, 70));
    expect(await store.find("snapshot", a)).toBeUndefined();
    await store.close();
    expect(reasons()).toEqual(["Altered"]);
    expect(await filesOnDisk()).toEqual([]);
  });

  test("files that were swapped open neither here nor there", async () => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.from("mine"), {});
    await store.put("snapshot", b, Buffer.from("yours"), {});
    await store.put("code-cache", a, Buffer.from("code"), {});
    await rename(fileOf("snapshot", a), join(dir, "held"));
    await rename(fileOf("snapshot", b), fileOf("snapshot", a));
    await rename(fileOf("code-cache", a), fileOf("snapshot", b));
    await rename(join(dir, "held"), fileOf("code-cache", a));
    const found = [store.read("snapshot", a), store.read("snapshot", b), store.read("code-cache", a)];
    expect(await Promise.all(found)).toEqual([undefined, undefined, undefined]);
    await store.close();
    expect(reasons()).toEqual(["Altered", "Altered", "Altered"]);
    expect(await filesOnDisk()).toEqual([]);
  });

  test("a truncated file is removed", async () => {
    const store = await openStore();
    for (const length of [0, 47, 48, 100, 600_000]) {
      await store.put("snapshot", a, Buffer.alloc(600_000), {});
      await change("snapshot", a, (file) => file.subarray(0, length));
      expect(await store.read("snapshot", a)).toBeUndefined();
    }
    await store.close();
    expect(new Set(reasons())).toEqual(new Set(["Truncated"]));
    expect(damages).toHaveLength(5);
    expect(await filesOnDisk()).toEqual([]);
  });

  test("what another installation sealed is removed", async () => {
    const other = await openStore({ sealing: await deriveSealingKey(Buffer.alloc(32, 2)) });
    await other.put("snapshot", a, Buffer.from("heap"), {});
    await other.close();
    const store = await openStore();
    expect(await store.read("snapshot", a)).toBeUndefined();
    await store.close();
    expect(reasons()).toEqual(["OtherInstallation"]);
    expect(damages[0]?.message).toBe("Cannot use snapshot aaaaaaaaaaaa: another installation sealed it");
    expect(await filesOnDisk()).toEqual([]);
  });

  test("a file that somebody removed is told once", async () => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.from("heap"), {});
    await rm(fileOf("snapshot", a));
    expect(await store.read("snapshot", a)).toBeUndefined();
    expect(await store.read("snapshot", a)).toBeUndefined();
    expect(reasons()).toEqual(["Missing"]);
  });

  test.skipIf(process.getuid?.() === 0)(
    "(needs a user other than root) a file that may not be read stays",
    async () => {
      const store = await openStore();
      await store.put("snapshot", a, Buffer.from("heap"), {});
      await chmod(fileOf("snapshot", a), 0);
      expect(await store.read("snapshot", a)).toBeUndefined();
      expect(damages).toMatchObject([{ reason: "Unreadable", isRemoved: false }]);
      await chmod(fileOf("snapshot", a), 0o600);
      expect(text(await store.read("snapshot", a))).toBe("heap");
    },
  );

  test("found while the file is replaced never costs the new one", async () => {
    const store = await openStore({ memoryBytes: 0 });
    await store.put("snapshot", a, Buffer.alloc(600_000), {});
    for (let round = 0; round < 20; round++) {
      await change("snapshot", a, (file) => file.fill(0, 200));
      const reading = store.read("snapshot", a);
      await store.put("snapshot", a, Buffer.alloc(600_000, round), { round });
      // Either of the damaged one or already of the new one.
      expect((await reading)?.[0] ?? round).toBe(round);
      expect((await store.read("snapshot", a))?.[0]).toBe(round);
      expect(await store.find("snapshot", a)).toEqual({ round });
    }
    expect(await filesOnDisk()).toEqual([a]);
  });
});

describe("limits", () => {
  /** Content of a file of 10,000 bytes. */
  const content = Buffer.alloc(10_000 - 48 - 28 - 32 - 2 - 28);

  test("in memory: the least recently used contents go, and are read again", async () => {
    const store = await openStore({ memoryBytes: 2 * content.byteLength });
    for (const key of [a, b, c]) await store.put("snapshot", key, content, {});
    expect(store.figures.memoryBytes).toBe(0);
    const [first, second] = [await store.read("snapshot", a), await store.read("snapshot", b)];
    expect(await store.read("snapshot", a)).toBe(first);
    await store.read("snapshot", c);
    expect(store.figures.memoryBytes).toBe(2 * content.byteLength);
    expect(await store.read("snapshot", a)).toBe(first);
    expect(await store.read("snapshot", b)).not.toBe(second);
  });

  test("in memory: a content larger than all of it is read from disk each time", async () => {
    const store = await openStore({ memoryBytes: 100 });
    await store.put("snapshot", a, content, {});
    const first = await store.read("snapshot", a);
    expect(await store.read("snapshot", a)).not.toBe(first);
    expect(store.figures.memoryBytes).toBe(0);
  });

  test("on disk: the least recently used file goes, of whichever kind", async () => {
    const store = await openStore({ diskBytes: 30_000 });
    await store.put("snapshot", a, content, {});
    await store.put("code-cache", a, content, {});
    await store.put("snapshot", b, content, {});
    expect(store.figures.diskBytes).toBe(30_000);
    await store.read("snapshot", a);
    await store.put("snapshot", c, content, {});
    expect(store.figures).toMatchObject({ files: 3, diskBytes: 30_000 });
    expect(await store.read("code-cache", a)).toBeUndefined();
    expect(await filesOnDisk()).toEqual([a, b, c]);
    expect(damages).toEqual([]);
  });

  test("on disk: what takes the place of another counts once", async () => {
    const store = await openStore({ diskBytes: 20_000 });
    await store.put("snapshot", a, content, {});
    for (let round = 0; round < 3; round++) await store.put("snapshot", b, content, {});
    expect(await filesOnDisk()).toEqual([a, b]);
  });

  test("on disk: the next process knows which file was used last, and obeys a lower limit at once", async () => {
    const store = await openStore();
    for (const key of [a, b, c]) {
      nowMs += day;
      await store.put("snapshot", key, content, {});
    }
    nowMs += day;
    await store.read("snapshot", a);
    // From memory; within the minute, so it is written down at close.
    nowMs += 1000;
    await store.read("snapshot", b);
    await store.close();
    expect((await stat(fileOf("snapshot", b))).mtimeMs).toBe(nowMs);
    const next = await openStore({ diskBytes: 20_000 });
    expect(await filesOnDisk()).toEqual([a, b]);
    await next.put("snapshot", c, content, {});
    expect(await filesOnDisk()).toEqual([b, c]);
  });

  test("on disk: puts of many names at once end within the limit", async () => {
    // Room for three: each holds its key, too.
    const store = await openStore({ diskBytes: 31_000 });
    const keys = Array.from({ length: 12 }, (_, at) => at.toString(16).padStart(64, "0"));
    for (let round = 0; round < 3; round++) {
      await Promise.all(keys.map((key) => store.put("snapshot", key, content, { key })));
    }
    const left = await filesOnDisk();
    expect(left).toHaveLength(3);
    expect(store.figures.files).toBe(3);
    for (const key of left) expect(await store.find("snapshot", key)).toEqual({ key });
  });
});

describe("remove(), sweep(), open() and close()", () => {
  test("remove() takes back a put that was called before, and one name only", async () => {
    const store = await openStore();
    await store.put("code-cache", a, Buffer.from("code"), {});
    const putting = store.put("snapshot", a, Buffer.alloc(2_000_000), {});
    const removing = store.remove("snapshot", a);
    await Promise.all([putting, removing]);
    await store.remove("snapshot", b);
    expect(await store.read("snapshot", a)).toBeUndefined();
    expect(text(await store.read("code-cache", a))).toBe("code");
    expect(await filesOnDisk()).toEqual([a]);
    expect(damages).toEqual([]);
  });

  test("sweep() removes what nobody needs, and nothing that comes meanwhile", async () => {
    const store = await openStore();
    for (const key of [a, b]) await store.put("snapshot", key, Buffer.from("heap"), {});
    const [removed] = await Promise.all([
      store.sweep(({ kind, key }) => kind === "snapshot" && key === b),
      store.put("snapshot", a, Buffer.from("new"), {}),
      store.put("snapshot", c, Buffer.from("new"), {}),
    ]);
    expect(removed).toBe(1);
    expect(text(await store.read("snapshot", a))).toBe("new");
    expect(await filesOnDisk()).toEqual([a, b, c]);
  });

  test("open() removes what a crash left half-made, and leaves alone what it does not know", async () => {
    const store = await openStore();
    await store.put("snapshot", a, Buffer.from("heap"), {});
    await store.close();
    await writeFile(join(dir, "incoming", "half"), "BRSKSEAL");
    await writeFile(join(dir, "snapshot", "notes.txt"), "mine");
    const next = await openStore({ diskBytes: 1000 });
    expect(await filesOnDisk()).toEqual([a, "notes.txt"]);
    expect(next.figures.files).toBe(1);
  });

  test("close() lets a put end; then nothing is found, and nothing is stored", async () => {
    const store = await openStore();
    const puts = [1, 2].map((at) => store.put("snapshot", a, Buffer.alloc(1_000_000, at), { at }));
    await store.close();
    await Promise.all(puts);
    expect(await store.read("snapshot", a)).toBeUndefined();
    expect(await store.find("snapshot", a)).toBeUndefined();
    await expect(store.put("snapshot", b, Buffer.alloc(1), {})).rejects.toMatchObject({
      code: "StoreClosed",
    });
    await store.remove("snapshot", a);
    await store.close();
    expect(await (await openStore()).find("snapshot", a)).toEqual({ at: 2 });
  });
});
