import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { type Clock, systemClock } from "../model/clock.ts";
import {
  DamagedFileError,
  type DamageReason,
  maxMetaBytes,
  SealedFile,
  type SealingKey,
  sealedSize,
  syncFolder,
  writeSealed,
} from "../sealing/index.ts";
import { ChangeOrder } from "./change-order.ts";
import {
  type SealedEntry,
  type SealedKind,
  type SealedName,
  SealedStock,
  sealedKinds,
} from "./sealed-stock.ts";
import { SealedStoreError, storeFailed, tooLarge } from "./sealed-store-error.ts";

export interface SealedStoreOptions {
  /** Absolute path; made if absent. Only one store at a time may have it, and nothing else may write to it. */
  readonly dir: string;
  /** What was sealed with another key is not opened. */
  readonly sealing: SealingKey;
  /** Contents that are kept in memory, default 256 MiB. 0 keeps none. */
  readonly memoryBytes?: number;
  /** Files of this folder, default 2 GiB. While a file is written, it comes on top. */
  readonly diskBytes?: number;
  /** Told of each file that was found but cannot be used. Must not throw. */
  readonly onDamaged: (damage: Damage) => void;
  readonly clock?: Clock;
}

export interface Damage extends SealedName {
  readonly reason: DamageReason;
  /** For the log. */
  readonly message: string;
  /** False when the operating system did not give the file: it stays, and may be read another time. */
  readonly isRemoved: boolean;
}

/**
 * Snapshots and code caches: sealed files on disk, the recently used contents in memory too. It is a cache: what is
 * damaged, foreign or too much is removed, and whoever asks for it makes it again.
 *
 * Files lie at `<kind>/<key>`. One appears there only by a rename, after its bytes reached the disk.
 */
export class SealedStore implements AsyncDisposable {
  readonly #dir: string;
  readonly #incoming: string;
  readonly #sealing: SealingKey;
  readonly #diskLimit: number;
  readonly #onDamaged: (damage: Damage) => void;
  readonly #clock: Clock;
  readonly #stock: SealedStock;
  /** By entry and not by name: what was read of a file that was replaced meanwhile is never taken for the new one. */
  readonly #contents: LRUCache<SealedEntry, Uint8Array> | undefined;
  /** By path. */
  readonly #changes = new ChangeOrder();
  #isClosed = false;

  private constructor(options: SealedStoreOptions) {
    this.#dir = options.dir;
    this.#incoming = join(options.dir, "incoming");
    this.#sealing = options.sealing;
    this.#diskLimit = options.diskBytes ?? 2 * 1024 ** 3;
    this.#onDamaged = options.onDamaged;
    this.#clock = options.clock ?? systemClock;
    this.#stock = new SealedStock(options.dir);
    const maxSize = options.memoryBytes ?? 256 * 1024 ** 2;
    if (maxSize > 0) {
      this.#contents = new LRUCache({
        maxSize,
        sizeCalculation: ({ byteLength }) => Math.max(1, byteLength),
      });
    }
  }

  /** Makes the folders, removes what an earlier process left half-made, and what is more than `diskBytes`. */
  static async open(options: SealedStoreOptions): Promise<SealedStore> {
    const store = new SealedStore(options);
    await rm(store.#incoming, { recursive: true, force: true });
    for (const folder of [store.#incoming, ...sealedKinds.map((kind) => join(store.#dir, kind))]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    await store.#stock.take();
    await store.#shrink();
    return store;
  }

  get figures(): { readonly files: number; readonly diskBytes: number; readonly memoryBytes: number } {
    return {
      files: this.#stock.size,
      diskBytes: this.#stock.bytes,
      memoryBytes: this.#contents?.calculatedSize ?? 0,
    };
  }

  /**
   * Stores a content in the place of what has its name, whole or not at all. Calls for one name take effect in
   * their order. It is not kept in memory before it is read: so the disk's copy has been checked once.
   * @param key 64 hex digits, as `snapshotKey` makes them.
   * @param bytes Must not change until this settles.
   * @param meta JSON of at most 1 MiB.
   * @throws {SealedStoreError}
   * @throws {TypeError} When `key` is none, or `meta` is no JSON.
   */
  async put(kind: SealedKind, key: string, bytes: Uint8Array, meta: unknown): Promise<void> {
    const name = { kind, key };
    const path = this.#stock.path(name);
    if (this.#isClosed) throw new SealedStoreError("StoreClosed", name, "the server is shutting down");
    const metaJson = Buffer.from(JSON.stringify(meta));
    if (metaJson.byteLength > maxMetaBytes) {
      throw tooLarge(name, "its description", metaJson.byteLength, maxMetaBytes);
    }
    const size = sealedSize(metaJson.byteLength, bytes.byteLength);
    if (size > this.#diskLimit) throw tooLarge(name, "its file", size, this.#diskLimit);
    await this.#changes.run(path, () => this.#replace(name, path, metaJson, bytes));
    // Not within the order of this name: it waits for other names, and they may be waiting for this one.
    await this.#shrink();
  }

  /**
   * The meta that was stored with a content, without reading the content. It was sealed by this installation, yet
   * perhaps by an older Brisk: check its shape. Does not count as a use.
   */
  async find(kind: SealedKind, key: string): Promise<unknown> {
    const entry = this.#find({ kind, key });
    if (entry === undefined) return undefined;
    try {
      await using file = await SealedFile.open(entry.path, this.#sealing, entry.name);
      return await file.readMeta();
    } catch (error) {
      return this.#isGone(entry, error) ? undefined : this.find(kind, key);
    }
  }

  /**
   * A content, bit by bit as it was stored; undefined when there is none or it is damaged. Calls at the same time
   * share one read of the disk.
   * @returns Shared with other callers: it must be neither written to nor transferred.
   */
  async read(kind: SealedKind, key: string): Promise<Uint8Array | undefined> {
    const entry = this.#find({ kind, key });
    if (entry === undefined) return undefined;
    this.#stock.use(entry, this.#clock.now());
    const known = this.#contents?.get(entry);
    if (known !== undefined) return known;
    entry.reading ??= this.#load(entry);
    return entry.reading;
  }

  /** As `read`, of what is in memory only. */
  peek(kind: SealedKind, key: string): Uint8Array | undefined {
    const entry = this.#find({ kind, key });
    if (entry === undefined) return undefined;
    const known = this.#contents?.get(entry);
    if (known !== undefined) this.#stock.use(entry, this.#clock.now());
    return known;
  }

  /** Waits for a `put` of this name that was called before. After `close` it does nothing. */
  async remove(kind: SealedKind, key: string): Promise<void> {
    const path = this.#stock.path({ kind, key });
    if (this.#isClosed) return;
    await this.#changes.run(path, async () => {
      const entry = this.#stock.get(path);
      if (entry !== undefined) this.#forget(entry);
      await rm(path, { force: true });
    });
  }

  /** Whether there is any file of this kind. */
  has(kind: SealedKind): boolean {
    return this.#stock.all().some(({ name }) => name.kind === kind);
  }

  /**
   * Removes all files that nobody needs.
   * @param keep Asked once for each file. What is being stored at the moment is not asked about.
   * @returns How many were removed.
   */
  async sweep(keep: (name: SealedName) => boolean): Promise<number> {
    if (this.#isClosed) return 0;
    const unneeded = this.#stock.all().filter(({ name }) => !keep(name));
    await Promise.all(unneeded.map((entry) => this.#discard(entry)));
    return unneeded.length;
  }

  /** Lets what was called before end, and frees the memory. Nothing is found or stored from then on. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#changes.idle();
    await Promise.all(this.#stock.all().map(({ reading }) => reading));
    await this.#stock.recordUses();
    this.#contents?.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(name: SealedName): SealedEntry | undefined {
    const path = this.#stock.path(name);
    return this.#isClosed ? undefined : this.#stock.get(path);
  }

  async #replace(name: SealedName, path: string, metaJson: Buffer, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#incoming, randomUUID());
    const nowMs = this.#clock.now();
    try {
      {
        await using handle = await open(temporary, "wx", 0o600);
        await writeSealed(handle, this.#sealing, name, metaJson, [bytes]);
        await handle.utimes(nowMs / 1000, nowMs / 1000);
        await handle.sync();
      }
      await rename(temporary, path);
      const before = this.#stock.get(path);
      if (before !== undefined) this.#forget(before);
      this.#stock.add({
        name,
        path,
        bytes: sealedSize(metaJson.byteLength, bytes.byteLength),
        usedAtMs: nowMs,
        recordedUseMs: nowMs,
      });
      await syncFolder(join(this.#dir, name.kind));
    } catch (error) {
      // What cannot be removed now is removed by the next process.
      await rm(temporary, { force: true }).catch(() => {});
      throw storeFailed(name, error);
    }
  }

  async #load(entry: SealedEntry): Promise<Uint8Array | undefined> {
    try {
      await using file = await SealedFile.open(entry.path, this.#sealing, entry.name);
      const bytes = await file.readContent();
      if (this.#stock.has(entry)) this.#contents?.set(entry, bytes);
      return bytes;
    } catch (error) {
      return this.#isGone(entry, error) ? undefined : this.read(entry.name.kind, entry.name.key);
    } finally {
      delete entry.reading;
    }
  }

  /** A file could not be read. False when another one has its name by now: that one is to be asked. */
  #isGone(entry: SealedEntry, error: unknown): boolean {
    if (!(error instanceof DamagedFileError)) throw error;
    if (!this.#stock.has(entry)) return this.#find(entry.name) === undefined;
    const isRemoved = error.reason !== "Unreadable";
    // It is not found any more at once; nobody needs to wait until it has left the disk.
    if (isRemoved) void this.#discard(entry);
    const { kind, key } = entry.name;
    const message = `Cannot use ${kind} ${key.slice(0, 12)}: ${error.message}`;
    this.#onDamaged({ kind, key, reason: error.reason, message, isRemoved });
    return true;
  }

  async #shrink(): Promise<void> {
    const removals: Promise<void>[] = [];
    for (const entry of this.#stock.all()) {
      if (this.#stock.bytes <= this.#diskLimit) break;
      removals.push(this.#discard(entry));
    }
    await Promise.all(removals);
  }

  /** Never rejects: what cannot be removed now is found at the next start. */
  async #discard(entry: SealedEntry): Promise<void> {
    if (!this.#stock.has(entry)) return;
    this.#forget(entry);
    const removed = this.#changes.run(entry.path, async () => {
      // Unless another one has taken its name meanwhile.
      if (this.#stock.get(entry.path) === undefined) await rm(entry.path, { force: true });
    });
    await removed.catch(() => {});
  }

  #forget(entry: SealedEntry): void {
    this.#stock.delete(entry);
    this.#contents?.delete(entry);
  }
}
