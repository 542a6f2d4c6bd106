import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DamagedFileError } from "../../src/sealing/index.ts";
import type { Store } from "../../src/store/index.ts";

/** What one driver is opened with; `reopen` is absent where nothing outlives a close. */
export interface StoreUnderTest {
  store: Store;
  reopen?: () => Promise<Store>;
  dispose?: () => Promise<void>;
}

/** Every promise of Store. @param forgets Why nothing of this driver outlives a close, if nothing does. */
export function describeStore(driver: string, open: () => Promise<StoreUnderTest>, forgets?: string): void {
  describe(`Store: ${driver}`, () => {
    let subject: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      subject = await open();
      store = subject.store;
    });
    afterEach(async () => {
      await store.close();
      await subject.dispose?.();
    });

    const read = async (hash: string) => Buffer.concat(await Array.fromAsync(store.readBlob(hash)));

    test("get() is undefined for a record that was never written", async () => {
      expect(await store.get("function", "hello")).toBeUndefined();
    });

    test("write() makes all of its changes visible, in their order", async () => {
      await store.write([
        { kind: "a", key: "1", value: { n: 1 } },
        { kind: "b", key: "1", value: "other kind" },
        { kind: "a", key: "2", value: [true, null] },
        { kind: "a", key: "1", value: { n: 2 } },
        { kind: "a", key: "2" },
      ]);
      expect(await store.get("a", "1")).toEqual({ n: 2 });
      expect(await store.get("a", "2")).toBeUndefined();
      expect(await store.get("b", "1")).toBe("other kind");
    });

    test("write() with a value that cannot be stored changes nothing, and its neighbours' writes stand", async () => {
      const unstorable = {
        toJSON: () => {
          throw new Error("no");
        },
      } as never;
      const results = await Promise.allSettled([
        store.write([{ kind: "a", key: "before", value: 1 }]),
        store.write([
          { kind: "a", key: "half", value: 1 },
          { kind: "a", key: "bad", value: unstorable },
        ]),
        store.write([{ kind: "a", key: "after", value: 1 }]),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect((await store.list("a")).map(({ key }) => key)).toEqual(["after", "before"]);
    });

    test("write() keeps the order of calls", async () => {
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => store.write([{ kind: "a", key: "k", value: n }])),
      );
      expect(await store.get("a", "k")).toBe(49);
    });

    test("a stored value is a copy", async () => {
      const value = { list: [1] };
      await store.write([{ kind: "a", key: "k", value }]);
      value.list.push(2);
      expect(await store.get("a", "k")).toEqual({ list: [1] });
    });

    test("list() gives the records of one kind by ascending key", async () => {
      await store.write([
        { kind: "a", key: "b", value: 2 },
        { kind: "a", key: "é", value: 4 },
        { kind: "a", key: "a", value: 1 },
        { kind: "ab", key: "z", value: 9 },
        { kind: "a", key: "b:1", value: 3 },
      ]);
      expect(await store.list("a")).toEqual([
        { key: "a", value: 1 },
        { key: "b", value: 2 },
        { key: "b:1", value: 3 },
        { key: "é", value: 4 },
      ]);
    });

    test("keys are data: quotes, NUL, slashes and prototypes' names", async () => {
      const keys = ["'; DROP TABLE records; --", "a/../b", "__proto__", "constructor", "ü\u{1f600}"];
      await store.write(keys.map((key) => ({ kind: "a", key, value: key })));
      for (const key of keys) expect(await store.get("a", key)).toBe(key);
    });

    test("putBlob() names a file after its bytes' SHA-256; the same bytes are the same blob", async () => {
      const bytes = new TextEncoder().encode("hello");
      const blob = await store.putBlob(bytes);
      expect(blob).toEqual({
        hash: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        bytes: 5,
      });
      expect(await store.putBlob(bytes)).toEqual(blob);
      expect((await read(blob.hash)).toString()).toBe("hello");
      expect(await store.blobBytes(blob.hash)).toBe(5);
      expect(await store.listBlobs()).toEqual([blob.hash]);
    });

    test("putBlob() of the same bytes many times at once leaves one whole file", async () => {
      const bytes = new Uint8Array(1_000_000).fill(7);
      const blobs = await Promise.all(Array.from({ length: 8 }, () => store.putBlob(bytes)));
      expect(new Set(blobs.map(({ hash }) => hash)).size).toBe(1);
      expect((await read(blobs[0]!.hash)).equals(bytes)).toBe(true);
      expect(await store.listBlobs()).toHaveLength(1);
    });

    test("putBlob() keeps an empty blob", async () => {
      const { hash } = await store.putBlob(new Uint8Array());
      expect(await store.blobBytes(hash)).toBe(0);
      expect((await read(hash)).byteLength).toBe(0);
    });

    test("deleteBlob() removes the file, and an absent blob is no error", async () => {
      const { hash } = await store.putBlob(new Uint8Array([1]));
      await store.deleteBlob(hash);
      await store.deleteBlob(hash);
      expect(await store.listBlobs()).toEqual([]);
      expect(await store.blobBytes(hash)).toBeUndefined();
      await expect(read(hash)).rejects.toThrow(DamagedFileError);
    });

    test("readBlob() gives a large blob in pieces", async () => {
      const bytes = Buffer.alloc(3_000_000, "brisk");
      const { hash } = await store.putBlob(bytes);
      const pieces: Uint8Array[] = [];
      for await (const piece of store.readBlob(hash)) pieces.push(piece);
      expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeLessThan(1_000_000);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    });

    test("a hash that is none never becomes a path", () => {
      for (const hash of ["", "../../etc/passwd", "A".repeat(64), `${"a".repeat(64)}/x`]) {
        expect(() => store.readBlob(hash)).toThrow(TypeError);
      }
    });

    test("close() ends after the writes called before it; later writes are errors", async () => {
      const writing = store.write([{ kind: "a", key: "k", value: 1 }]);
      await store.close();
      await writing;
      await expect(store.write([{ kind: "a", key: "k", value: 2 }])).rejects.toThrow();
    });

    const outlive = "records and blobs outlive the store that wrote them";
    test.skipIf(forgets !== undefined)(
      forgets === undefined ? outlive : `${outlive} (${forgets})`,
      async () => {
        if (subject.reopen === undefined)
          throw new TypeError("A driver that keeps its records needs a reopen");
        const { hash } = await store.putBlob(new Uint8Array([1, 2, 3]));
        await store.write([{ kind: "a", key: "k", value: { kept: true } }]);
        await store.close();
        store = await subject.reopen();
        expect(await store.get("a", "k")).toEqual({ kept: true });
        expect([...(await read(hash))]).toEqual([1, 2, 3]);
      },
    );
  });
}
