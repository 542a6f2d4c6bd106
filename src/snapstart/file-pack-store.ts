import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type FilePackReference, isPackName, type PackTable, packKey } from "../model/file-pack.ts";
import { FilePackWriter } from "./file-pack-writer.ts";

const extension = ".pack";
/** References that are remembered: making one takes 20 µs of each cold start. */
const maxReferences = 1000;

/** A pack that is being written. It is there whole or not at all. */
export interface NewFilePack {
  add(section: Uint8Array): Promise<void>;
  /** Gives it its name. */
  finish(content: Pick<PackTable, "bytes" | "root">): Promise<void>;
  /** Removes what there is of it, unless it was finished. */
  close(): Promise<void>;
}

/**
 * The file packs of all bundles, one file each under the bundle's key. Hosts read the folder; nothing in it says
 * anything without a pack's own key. Synced before it has its name: that it is there is all that is looked at before a host
 * reads it.
 */
export class FilePackStore {
  readonly dir: string;
  readonly #secret: Uint8Array;
  readonly #references = new Map<string, FilePackReference>();

  private constructor(dir: string, secret: Uint8Array) {
    this.dir = dir;
    this.#secret = secret;
  }

  /**
   * @param dir Absolute path; made where it does not exist. Nothing else may write to it.
   * @param secret Of this installation, at least 32 bytes.
   */
  static async open(dir: string, secret: Uint8Array): Promise<FilePackStore> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // What an earlier process left half-made.
    for (const name of await readdir(dir)) if (!name.endsWith(extension)) await rm(join(dir, name));
    return new FilePackStore(dir, secret);
  }

  /** What a host needs to read it. */
  reference(name: string): FilePackReference {
    let reference = this.#references.get(name);
    if (reference === undefined) {
      reference = { name, key: packKey(this.#secret, name) };
      if (this.#references.size >= maxReferences) this.#references.clear();
      this.#references.set(name, reference);
    }
    return reference;
  }

  async begin(name: string): Promise<NewFilePack> {
    const file = this.#file(name);
    const temporary = join(this.dir, randomUUID());
    const handle = await open(temporary, "wx", 0o600);
    return new PackInProgress(handle, temporary, file, this.reference(name).key);
  }

  async names(): Promise<ReadonlySet<string>> {
    const names = (await readdir(this.dir)).filter((name) => name.endsWith(extension));
    return new Set(names.map((name) => name.slice(0, -extension.length)));
  }

  /** Whether a whole one lies under the name. What is in it is looked at when it is read. */
  async has(name: string): Promise<boolean> {
    try {
      await using handle = await open(this.#file(name), "r");
      return (await handle.stat()).size > 0;
    } catch {
      return false;
    }
  }

  /** Removes all packs but such. @param isKept Asked of each when its turn comes. */
  async sweep(isKept: (name: string) => boolean): Promise<void> {
    for (const name of await this.names())
      if (!isKept(name)) await rm(join(this.dir, `${name}${extension}`), { force: true });
  }

  /** @throws {TypeError} When `name` is none: it becomes a path. */
  #file(name: string): string {
    if (!isPackName(name)) throw new TypeError(`Not the name of a file pack: ${JSON.stringify(name)}`);
    return join(this.dir, `${name}${extension}`);
  }
}

class PackInProgress implements NewFilePack {
  readonly #handle: FileHandle;
  readonly #temporary: string;
  readonly #file: string;
  readonly #writer: FilePackWriter;
  #isFinished = false;

  constructor(handle: FileHandle, temporary: string, file: string, key: string) {
    this.#handle = handle;
    this.#temporary = temporary;
    this.#file = file;
    this.#writer = new FilePackWriter(handle, key);
  }

  add(section: Uint8Array): Promise<void> {
    return this.#writer.add(section);
  }

  async finish(content: Pick<PackTable, "bytes" | "root">): Promise<void> {
    await this.#writer.finish(content);
    await this.#handle.sync();
    await rename(this.#temporary, this.#file);
    this.#isFinished = true;
  }

  async close(): Promise<void> {
    await this.#handle.close();
    if (!this.#isFinished) await rm(this.#temporary, { force: true });
  }
}
