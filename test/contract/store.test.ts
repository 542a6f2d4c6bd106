import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deriveKeys } from "../../src/sealing/index.ts";
import { createMemoryStore, createSqliteStore } from "../../src/store/index.ts";
import { describeStore } from "./store.ts";

const keys = await deriveKeys(Buffer.alloc(32, 1));

describeStore(
  "memory",
  async () => ({ store: await createMemoryStore() }),
  "skipped: the memory driver forgets when it is closed",
);

describeStore("sqlite", async () => {
  const dir = await mkdtemp(join(tmpdir(), "brisk-store-"));
  return {
    store: await createSqliteStore(dir, keys),
    reopen: () => createSqliteStore(dir, keys),
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
});
