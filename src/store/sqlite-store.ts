import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Keys } from "../sealing/index.ts";
import { BlobFolder } from "./blob-folder.ts";
import { RecordSeal } from "./record-seal.ts";
import { recordsTable, sealOlderRecords } from "./sqlite-layout.ts";
import type { Blob, Change, Json, Store, StoredRecord } from "./store.ts";

interface PendingWrite {
  readonly changes: readonly Change[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param dir The data folder; made, for its owner only, if absent. Its lock (`lockDataFolder`) is the caller's. Records that an
 * older Brisk left there unsealed are sealed first.
 */
export async function createSqliteStore(dir: string, keys: Pick<Keys, "files" | "records">): Promise<Store> {
  const root = resolve(dir);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const blobs = await BlobFolder.open(join(root, "blobs"), keys.files);
  return new SqliteStore(join(root, "brisk.sqlite"), blobs, new RecordSeal(keys.records));
}

/**
 * Records in SQLite. WAL with `synchronous=FULL` syncs the log at each commit, which is what acknowledging
 * rests on. Writes of one turn of the event loop share a commit, and so its sync, each in a savepoint of its own.
 */
class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #blobs: BlobFolder;
  readonly #seal: RecordSeal;
  readonly #get: StatementSync;
  readonly #list: StatementSync;
  readonly #set: StatementSync;
  readonly #remove: StatementSync;
  #pending: PendingWrite[] = [];

  constructor(file: string, blobs: BlobFolder, seal: RecordSeal) {
    this.#blobs = blobs;
    this.#seal = seal;
    this.#database = new DatabaseSync(file);
    try {
      this.#database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000;");
      sealOlderRecords(this.#database, file, seal);
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#get = this.#database.prepare(`SELECT value FROM ${recordsTable} WHERE kind = ? AND key = ?`);
    this.#list = this.#database.prepare(`SELECT key, value FROM ${recordsTable} WHERE kind = ? ORDER BY key`);
    this.#set = this.#database.prepare(
      `INSERT OR REPLACE INTO ${recordsTable} (kind, key, value) VALUES (?, ?, ?)`,
    );
    this.#remove = this.#database.prepare(`DELETE FROM ${recordsTable} WHERE kind = ? AND key = ?`);
  }

  async get(kind: string, key: string): Promise<Json | undefined> {
    const row = this.#get.get(kind, key);
    return row === undefined ? undefined : this.#seal.open(kind, key, row["value"]);
  }

  async list(kind: string): Promise<readonly StoredRecord[]> {
    const records: StoredRecord[] = [];
    // One by one: what was opened is garbage before the next one is, and a start has many.
    for (const row of this.#list.iterate(kind)) {
      const key = String(row["key"]);
      records.push({ key, value: this.#seal.open(kind, key, row["value"]) });
    }
    return records;
  }

  write(changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ changes, resolve, reject }) === 1) setImmediate(() => this.#commit());
    });
  }

  putBlob(bytes: Uint8Array): Promise<Blob> {
    return this.#blobs.put(bytes);
  }

  readBlob(hash: string): AsyncIterable<Uint8Array> {
    return this.#blobs.read(hash);
  }

  blobBytes(hash: string): Promise<number | undefined> {
    return this.#blobs.bytes(hash);
  }

  listBlobs(): Promise<readonly string[]> {
    return this.#blobs.list();
  }

  deleteBlob(hash: string): Promise<void> {
    return this.#blobs.delete(hash);
  }

  async close(): Promise<void> {
    this.#commit();
    if (this.#database.isOpen) this.#database.close();
  }

  #commit(): void {
    const writes = this.#pending;
    if (writes.length === 0) return;
    this.#pending = [];
    const applied: PendingWrite[] = [];
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const write of writes) {
        try {
          this.#apply(write.changes);
          applied.push(write);
        } catch (error) {
          write.reject(error);
        }
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const write of writes) write.reject(error);
      return;
    }
    for (const write of applied) write.resolve();
  }

  #apply(changes: readonly Change[]): void {
    this.#database.exec("SAVEPOINT one_write");
    try {
      for (const { kind, key, value } of changes) {
        if (value === undefined) this.#remove.run(kind, key);
        else this.#set.run(kind, key, this.#seal.seal(kind, key, value));
      }
      this.#database.exec("RELEASE one_write");
    } catch (error) {
      this.#database.exec("ROLLBACK TO one_write; RELEASE one_write");
      throw error;
    }
  }
}
