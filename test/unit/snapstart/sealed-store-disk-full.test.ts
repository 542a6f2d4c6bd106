import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deriveSealingKey } from "../../../src/sealing/sealing-key.ts";
import { SealedStore } from "../../../src/snapstart/sealed-store.ts";

/** Which step of storing finds the disk full. */
const disk = vi.hoisted(() => ({
  fullAt: undefined as undefined | "open" | "write" | "sync" | "rename",
  code: "ENOSPC",
  /** Writes that still succeed. */
  writesLeft: 0,
}));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const full = () =>
    Object.assign(new Error(`${disk.code}: no space left on device, write`), { code: disk.code });
  return {
    ...real,
    open: async (path: string, flags: string, mode?: number) => {
      if (flags !== "wx") return real.open(path, flags, mode);
      if (disk.fullAt === "open") throw full();
      const handle = await real.open(path, flags, mode);
      const { writeFile, sync } = handle;
      handle.writeFile = async (data) => {
        if (disk.fullAt === "write" && disk.writesLeft-- <= 0) throw full();
        await writeFile.call(handle, data);
      };
      handle.sync = async () => {
        if (disk.fullAt === "sync") throw full();
        await sync.call(handle);
      };
      return handle;
    },
    rename: async (from: string, to: string) => {
      if (disk.fullAt === "rename") throw full();
      await real.rename(from, to);
    },
  };
});

const key = "a".repeat(64);
let dir: string;
let store: SealedStore;
beforeEach(async () => {
  disk.fullAt = undefined;
  disk.code = "ENOSPC";
  dir = await mkdtemp(join(tmpdir(), "brisk-sealed-store-"));
  store = await SealedStore.open({
    dir,
    sealing: await deriveSealingKey(Buffer.alloc(32, 1)),
    onDamaged: ({ message }) => expect.fail(message),
  });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

test.each([
  { fullAt: "open", writesLeft: 0 },
  { fullAt: "write", writesLeft: 0 },
  { fullAt: "write", writesLeft: 1 },
  { fullAt: "write", writesLeft: 3 },
  { fullAt: "sync", writesLeft: 0 },
  { fullAt: "rename", writesLeft: 0 },
] as const)(
  "put() on a disk that is full at $fullAt (after $writesLeft writes) says so, leaves nothing, keeps the old content",
  async ({ fullAt, writesLeft }) => {
    await store.put("snapshot", key, Buffer.from("old"), { old: true });
    const before = store.figures;
    Object.assign(disk, { fullAt, writesLeft });
    await expect(store.put("snapshot", key, Buffer.alloc(2_000_000), {})).rejects.toMatchObject({
      name: "SealedStoreError",
      code: "DiskFull",
      message: "Cannot store snapshot aaaaaaaaaaaa: the disk is full",
      cause: { code: "ENOSPC" },
    });
    expect(await readdir(join(dir, "incoming"))).toEqual([]);
    expect(store.figures).toEqual(before);
    expect(await store.find("snapshot", key)).toEqual({ old: true });
    expect(Buffer.from((await store.read("snapshot", key))!).toString()).toBe("old");

    disk.fullAt = undefined;
    await store.put("snapshot", key, Buffer.from("new"), {});
    expect(Buffer.from((await store.read("snapshot", key))!).toString()).toBe("new");
  },
);

test("put() passes on what else the operating system says", async () => {
  Object.assign(disk, { fullAt: "sync", code: "EIO" });
  await expect(store.put("snapshot", key, Buffer.from("new"), {})).rejects.toMatchObject({
    code: "StoreFailed",
    cause: { code: "EIO" },
  });
  expect(await store.read("snapshot", key)).toBeUndefined();
});
