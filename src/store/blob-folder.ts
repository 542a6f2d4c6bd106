import { createHash, randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  DamagedFileError,
  SealedFile,
  type SealedFileName,
  type SealingKey,
  syncFolder,
  writeSealed,
} from "../sealing/index.ts";
import type { Blob } from "./store.ts";

const hashPattern = /^[0-9a-f]{64}$/;
const sliceBytes = 4 * 1024 * 1024;

/**
 * Content-addressed sealed files in one folder: `<first two digits>/<hash>`. A file appears under its name only by a
 * rename, after its bytes reached the disk, so a name that exists always names whole contents.
 */
export class BlobFolder {
  readonly #dir: string;
  readonly #incoming: string;
  readonly #sealing: SealingKey;

  private constructor(dir: string, sealing: SealingKey) {
    this.#dir = dir;
    this.#incoming = join(dir, "incoming");
    this.#sealing = sealing;
  }

  /** @param dir Absolute path; made if absent. Half-written files that a crash left are removed. */
  static async open(dir: string, sealing: SealingKey): Promise<BlobFolder> {
    const folder = new BlobFolder(dir, sealing);
    await rm(folder.#incoming, { recursive: true, force: true });
    await mkdir(folder.#incoming, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** A file of that name that does not open is replaced: what was damaged is whole again when it is stored again. */
  async put(bytes: Uint8Array): Promise<Blob> {
    const hash = await sha256(bytes);
    const blob = { hash, bytes: bytes.byteLength };
    // Its rename may be another call's, not yet on disk.
    if (await this.#isWhole(hash)) await syncFolder(this.#shard(hash));
    else await this.#write(hash, bytes);
    return blob;
  }

  /**
   * Throws `DamagedFileError` while it is read, before the last piece.
   * @throws {TypeError} When `hash` is none: it becomes a path.
   */
  read(hash: string): AsyncIterable<Uint8Array> {
    return this.#pieces(this.file(hash), hash);
  }

  async bytes(hash: string): Promise<number | undefined> {
    try {
      await using file = await SealedFile.open(this.file(hash), this.#sealing, nameOf(hash));
      return await file.contentBytes();
    } catch (error) {
      if (error instanceof DamagedFileError && error.reason === "Missing") return undefined;
      throw error;
    }
  }

  /** @throws {TypeError} When `hash` is none: it becomes a path. */
  file(hash: string): string {
    return join(this.#shard(hash), hash);
  }

  async list(): Promise<readonly string[]> {
    const hashes: string[] = [];
    for (const shard of await readdir(this.#dir)) {
      if (!/^[0-9a-f]{2}$/.test(shard)) continue;
      for (const name of await readdir(join(this.#dir, shard))) if (hashPattern.test(name)) hashes.push(name);
    }
    return hashes.sort();
  }

  async delete(hash: string): Promise<void> {
    await rm(this.file(hash), { force: true });
  }

  /** In the place of what has its name. */
  async replace(hash: string, bytes: Uint8Array): Promise<void> {
    await this.#write(hash, bytes);
  }

  async *#pieces(path: string, hash: string): AsyncGenerator<Uint8Array, void> {
    await using file = await SealedFile.open(path, this.#sealing, nameOf(hash));
    yield* file.readPieces(hash);
  }

  async #isWhole(hash: string): Promise<boolean> {
    const file = this.file(hash);
    try {
      if (!(await stat(file)).isFile()) return false;
      for await (const _ of this.#pieces(file, hash)) {
        // Each is checked when it comes.
      }
      return true;
    } catch {
      return false;
    }
  }

  async #write(hash: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#incoming, randomUUID());
    try {
      {
        await using handle = await open(temporary, "wx", 0o600);
        await writeSealed(handle, this.#sealing, nameOf(hash), Buffer.from("{}"), [bytes]);
        await handle.sync();
      }
      const shard = this.#shard(hash);
      const madeShard = await mkdir(shard, { recursive: true, mode: 0o700 });
      await rename(temporary, this.file(hash));
      await syncFolder(shard);
      if (madeShard !== undefined) await syncFolder(this.#dir);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #shard(hash: string): string {
    if (!hashPattern.test(hash)) throw new TypeError(`Not the hash of a blob: ${JSON.stringify(hash)}`);
    return join(this.#dir, hash.slice(0, 2));
  }
}

function nameOf(hash: string): SealedFileName {
  return { kind: "blob", key: hash };
}

/** In slices, giving way in between: hashing 50 MB at once would hold up every invocation. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.byteLength; at += sliceBytes) {
    if (at > 0) await new Promise(setImmediate);
    hash.update(bytes.subarray(at, at + sliceBytes));
  }
  return hash.digest("hex");
}
