import type { DatabaseSync } from "node:sqlite";
import type { RecordSeal } from "./record-seal.ts";

// Layouts of the database, by `user_version`:
//   1  records (kind, key, value TEXT): values in the clear, as a Brisk without a master key wrote them
//   2  sealed_records (kind, key, value BLOB): values sealed to kind and key
// A folder with another one is refused rather than misread.

const layout = 2;

export const recordsTable = "sealed_records";

/**
 * Brings a database to the layout that is read here. Records of the older one are sealed, and nothing of them stays in
 * the file. Crash-safe: whatever was done is not done again, and the layout's number goes last.
 * @throws {Error} It has the layout of a newer Brisk.
 */
export function sealOlderRecords(database: DatabaseSync, file: string, seal: RecordSeal): void {
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (found === layout) return;
  if (found > layout) {
    throw new Error(`Cannot open ${file}: its layout is version ${found}, this Brisk reads ${layout}`);
  }
  database.exec(
    `BEGIN IMMEDIATE;
     CREATE TABLE IF NOT EXISTS ${recordsTable} (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
       PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID`,
  );
  try {
    if (hasOlderRecords(database)) copySealed(database, seal);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
  // Free pages still hold what was deleted and moved; so does the log, until it is cut off.
  database.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec(`PRAGMA user_version=${layout}`);
}

function hasOlderRecords(database: DatabaseSync): boolean {
  const row = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'records'").get();
  return row !== undefined;
}

function copySealed(database: DatabaseSync, seal: RecordSeal): void {
  const insert = database.prepare(`INSERT INTO ${recordsTable} (kind, key, value) VALUES (?, ?, ?)`);
  for (const row of database.prepare("SELECT kind, key, value FROM records").iterate()) {
    const [kind, key] = [String(row["kind"]), String(row["key"])];
    insert.run(kind, key, seal.sealText(kind, key, String(row["value"])));
  }
  database.exec("DROP TABLE records");
}
