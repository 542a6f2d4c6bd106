import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deriveKeys } from "../../../src/sealing/index.ts";
import { createSqliteStore } from "../../../src/store/index.ts";

const keys = await deriveKeys(Buffer.alloc(32, 1));
const secret = "hunter2-of-a-record";
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "brisk-layout-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const open = () => new DatabaseSync(join(dir, "brisk.sqlite"));

async function bytesOfAll(): Promise<string> {
  const files = (await readdir(dir)).filter((name) => name.startsWith("brisk.sqlite"));
  return (await Promise.all(files.map((name) => readFile(join(dir, name), "latin1")))).join("");
}

function makeOlder(): void {
  const database = open();
  database.exec(`PRAGMA journal_mode=WAL; PRAGMA user_version=1;
    CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID`);
  const insert = database.prepare("INSERT INTO records VALUES (?, ?, ?)");
  for (let n = 0; n < 200; n++) insert.run("version", `f:${n}`, JSON.stringify({ n, secret }));
  // Pages that are free now, and hold what they held.
  database.exec("DELETE FROM records WHERE key LIKE 'f:1%'");
  database.close();
}

test("records of an older layout are sealed, and no page, free or in the log, tells of them", async () => {
  makeOlder();
  expect(await bytesOfAll()).toContain(secret);
  const store = await createSqliteStore(dir, keys);
  expect(await store.list("version")).toHaveLength(89);
  expect(await store.get("version", "f:2")).toEqual({ n: 2, secret });
  await store.write([{ kind: "version", key: "f:2", value: { secret: `${secret} again` } }]);
  expect(await bytesOfAll()).not.toContain(secret);
  await store.close();
  expect(await bytesOfAll()).not.toContain(secret);
});

test("a start that ended before the layout's number was written is gone on with", async () => {
  makeOlder();
  await (await createSqliteStore(dir, keys)).close();
  const database = open();
  database.exec("PRAGMA user_version=1");
  database.close();
  const store = await createSqliteStore(dir, keys);
  expect(await store.get("version", "f:2")).toEqual({ n: 2, secret });
  await store.close();
});

test("records that do not open leave the older layout as it is", async () => {
  makeOlder();
  const database = open();
  database.exec(
    "CREATE TABLE sealed_records (kind TEXT, key TEXT, value BLOB); CREATE UNIQUE INDEX one ON sealed_records (kind)",
  );
  database.close();
  await expect(createSqliteStore(dir, keys)).rejects.toThrow("UNIQUE");
  const after = open();
  expect(after.prepare("SELECT count(*) AS n FROM records").get()).toEqual({ n: 89 });
  after.close();
});

test("the layout of a newer Brisk is refused", async () => {
  const database = open();
  database.exec("PRAGMA user_version=3");
  database.close();
  await expect(createSqliteStore(dir, keys)).rejects.toThrow("its layout is version 3, this Brisk reads 2");
});

test("a record is refused by name when it was changed, swapped with another, or sealed with another key", async () => {
  const store = await createSqliteStore(dir, keys);
  await store.write([
    { kind: "version", key: "a", value: { a: 1 } },
    { kind: "version", key: "b", value: { b: 1 } },
    { kind: "alias", key: "a", value: { c: 1 } },
  ]);
  const database = open();
  const sealedOf = (kind: string, key: string) =>
    database.prepare("SELECT value FROM sealed_records WHERE kind = ? AND key = ?").get(kind, key)![
      "value"
    ] as Uint8Array;
  const put = (value: Uint8Array) =>
    database.prepare("UPDATE sealed_records SET value = ? WHERE kind = 'version' AND key = 'a'").run(value);
  const own = sealedOf("version", "a");
  const changed = Uint8Array.from(own, (byte, at) => (at === own.length - 20 ? byte ^ 1 : byte));
  for (const value of [sealedOf("version", "b"), sealedOf("alias", "a"), changed, Buffer.from("{}")]) {
    put(value);
    await expect(store.get("version", "a")).rejects.toThrow('Cannot read the record version "a": it ');
    await expect(store.list("version")).rejects.toThrow('Cannot read the record version "a": it ');
  }
  put(own);
  database.close();
  expect(await store.get("version", "a")).toEqual({ a: 1 });
  await store.close();
  const stranger = await createSqliteStore(dir, await deriveKeys(Buffer.alloc(32, 2)));
  await expect(stranger.list("version")).rejects.toThrow("it was sealed with another key");
  await stranger.close();
});
