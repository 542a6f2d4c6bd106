import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deriveKeys } from "../sealing/index.ts";
import { BlobFolder } from "./blob-folder.ts";
import type { Blob, Change, Json, Store, StoredRecord } from "./store.ts";

/** A store that forgets: records in memory, blobs in a temporary folder that ends with it. For tests. */
export async function createMemoryStore(): Promise<Store> {
  const dir = await mkdtemp(join(tmpdir(), "brisk-memory-store-"));
  const { files } = await deriveKeys(randomBytes(32));
  return new MemoryStore(dir, await BlobFolder.open(dir, files));
}

class MemoryStore implements Store {
  readonly #dir: string;
  readonly #blobs: BlobFolder;
  /** Values are kept as JSON text: nobody gets to hold, and change, what another one stored. */
  readonly #kinds = new Map<string, Map<string, string>>();
  #closed = false;

  constructor(dir: string, blobs: BlobFolder) {
    this.#dir = dir;
    this.#blobs = blobs;
  }

  async get(kind: string, key: string): Promise<Json | undefined> {
    const text = this.#kinds.get(kind)?.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  }

  async list(kind: string): Promise<readonly StoredRecord[]> {
    return [...(this.#kinds.get(kind) ?? [])]
      .map(([key, text]) => ({ key, value: JSON.parse(text) as Json }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  async write(changes: readonly Change[]): Promise<void> {
    if (this.#closed) throw new Error("The store is closed");
    const texts = changes.map(({ value }) => (value === undefined ? undefined : JSON.stringify(value)));
    for (const [index, { kind, key }] of changes.entries()) {
      const records = this.#kinds.get(kind) ?? new Map<string, string>();
      this.#kinds.set(kind, records);
      const text = texts[index];
      if (text === undefined) records.delete(key);
      else records.set(key, text);
    }
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
    this.#closed = true;
    await rm(this.#dir, { recursive: true, force: true });
  }
}
