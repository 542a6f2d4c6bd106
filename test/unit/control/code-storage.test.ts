import { afterEach, beforeEach, expect, test } from "vitest";
import { CodeStorage } from "../../../src/control/code-storage.ts";
import { createMemoryStore, type Store } from "../../../src/store/index.ts";

let store: Store;
let storage: CodeStorage;
const zip = new Uint8Array([1, 2, 3]);
beforeEach(async () => {
  store = await createMemoryStore();
  storage = new CodeStorage(store, (error) => {
    throw error;
  });
});
afterEach(() => store.close());

test("a zip is kept until the last one who holds it lets go", async () => {
  const first = await storage.put(zip);
  const second = storage.hold(first.code);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await storage.settled();
  expect(await store.listBlobs()).toHaveLength(1);
  second[Symbol.dispose]();
  await storage.settled();
  expect(await store.listBlobs()).toEqual([]);
});

test("a zip that is put again while its blob is being deleted is there afterwards", async () => {
  for (let round = 0; round < 50; round++) {
    const before = await storage.put(zip);
    const again = storage.put(zip);
    before[Symbol.dispose]();
    const hold = await again;
    await storage.settled();
    expect(await store.listBlobs()).toEqual([hold.code.hash]);
    hold[Symbol.dispose]();
    if (round % 2 === 0) await storage.settled();
  }
});

test("what a crash left without a version is swept away", async () => {
  await store.putBlob(zip);
  const { code } = await storage.put(new Uint8Array([4]));
  await storage.sweep();
  expect(await store.listBlobs()).toEqual([code.hash]);
});
