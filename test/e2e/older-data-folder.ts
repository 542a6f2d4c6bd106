import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { KeyFile } from "../../src/access/key-file.ts";
import { openKeys } from "../../src/sealing/index.ts";
import { createSqliteStore } from "../../src/store/index.ts";
import { RecordSeal } from "../../src/store/record-seal.ts";
import { olderAccessKeys } from "../older-access-keys.ts";

/**
 * Makes of a data folder that no server has what a Brisk without a master key would have left there: records, code and
 * scripts in the clear, access keys sealed with a key that lies beside them.
 * @param scripts What is in the cache of bundles.
 */
export async function makeOlder(dataDir: string, scripts: string): Promise<void> {
  const { keys } = await openKeys(dataDir);
  const store = await createSqliteStore(dataDir, keys);
  for (const hash of await store.listBlobs()) {
    const bytes = Buffer.concat(await Array.fromAsync(store.readBlob(hash)));
    await writeFile(join(dataDir, "blobs", hash.slice(0, 2), hash), bytes);
  }
  await store.close();
  openRecords(dataDir, new RecordSeal(keys.records));
  const olderKey = randomBytes(32);
  const found = await new KeyFile(dataDir, keys.installation).read();
  await writeFile(join(dataDir, "access-keys.json"), olderAccessKeys(found?.keys ?? [], olderKey));
  await rm(join(dataDir, "cache", "bundles"), { recursive: true });
  await mkdir(join(dataDir, "cache", "bundles"));
  await writeFile(join(dataDir, "cache", "bundles", `${"a".repeat(64)}.js`), scripts);
  for (const name of ["master.key", "installation-key.json"]) await rm(join(dataDir, name));
  await writeFile(join(dataDir, "installation.key"), olderKey, { mode: 0o600 });
}

/** The layout of before, with what it leaves behind: deleted rows in free pages, and a log that was not cut off. */
function openRecords(dataDir: string, seal: RecordSeal): void {
  const database = new DatabaseSync(join(dataDir, "brisk.sqlite"));
  database.exec(
    "PRAGMA journal_mode=WAL; CREATE TABLE records (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID",
  );
  const insert = database.prepare("INSERT INTO records VALUES (?, ?, ?)");
  for (const { kind, key, value } of database.prepare("SELECT kind, key, value FROM sealed_records").all()) {
    const text = JSON.stringify(seal.open(String(kind), String(key), value), (name, member) =>
      // Bundles were files of a certain path.
      name === "bundle" ? { hash: member.hash, scriptFile: "/gone", mapFile: "/gone", builtins: [] } : member,
    );
    insert.run(kind!, key!, text);
    insert.run("gone", key!, text);
  }
  database.exec("DELETE FROM records WHERE kind = 'gone'; DROP TABLE sealed_records; PRAGMA user_version=1");
  database.close();
}
