import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Blob } from "./store.ts";

const hashPattern = /^[0-9a-f]{64}$/;
const sliceBytes = 4 * 1024 * 1024;

/**
 * Content-addressed files in one folder: `<first two digits>/<hash>`. A file appears under its name only by a
 * rename, after its bytes reached the disk, so a name that exists always names whole contents.
 */
export class BlobFolder {
  readonly #dir: string;
  readonly #incoming: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.#incoming = join(dir, "incoming");
  }

  /** @param dir Absolute path; made if absent. Half-written files that a crash left are removed. */
  static async open(dir: string): Promise<BlobFolder> {
    const folder = new BlobFolder(dir);
    await rm(folder.#incoming, { recursive: true, force: true });
    await mkdir(folder.#incoming, { recursive: true, mode: 0o700 });
    return folder;
  }

  async put(bytes: Uint8Array): Promise<Blob> {
    const hash = await sha256(bytes);
    const blob = { hash, bytes: bytes.byteLength };
    const file = this.file(hash);
    const shard = join(this.#dir, hash.slice(0, 2));
    if (await exists(file)) {
      // Its rename may be another call's, not yet on disk.
      await syncFolder(shard);
      return blob;
    }
    const temporary = join(this.#incoming, randomUUID());
    try {
      await writeDurably(temporary, bytes);
      const madeShard = await mkdir(shard, { recursive: true, mode: 0o700 });
      await rename(temporary, file);
      await syncFolder(shard);
      if (madeShard !== undefined) await syncFolder(this.#dir);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return blob;
  }

  /** @throws {TypeError} When `hash` is none: it becomes a path. */
  file(hash: string): string {
    if (!hashPattern.test(hash)) throw new TypeError(`Not the hash of a blob: ${JSON.stringify(hash)}`);
    return join(this.#dir, hash.slice(0, 2), hash);
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
}

/** In slices, giving way in between: hashing 50 MB at once would hold up every invocation. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.byteLength; at += sliceBytes) {
    if (at > 0) await new Promise(setImmediate);
    hash.update(bytes.subarray(at, at + sliceBytes));
  }
  return hash.digest("hex");
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, "wx", 0o600);
  await handle.writeFile(bytes);
  await handle.sync();
}

/** A rename is on disk when its folder is. */
async function syncFolder(dir: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(dir, "r");
    await handle.sync();
  } catch (error) {
    // Windows opens no folders, and needs none synced.
    if (process.platform !== "win32") throw error;
  } finally {
    await handle?.close();
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
