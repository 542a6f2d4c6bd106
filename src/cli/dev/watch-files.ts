import { createHash } from "node:crypto";
import { type FSWatcher, fstatSync, watch } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What changes without anybody having saved: version control, servers' state, and packages, which are looked at when one is installed. */
const ignored = new Set([".git", ".brisk", "node_modules", ".DS_Store"]);
/** Whoever writes one has not saved; what a deployment prints would lead to the next one. */
const logPattern = /\.log$|~$/;
/** What is larger counts as changed whenever it was written. */
const maxHashedBytes = 4 * 1024 * 1024;
/** Editors write a file in several steps. */
const quietMs = 15;

/**
 * Calls back some moments after the content of files changed, once for all that changed together. Folders are watched one by
 * one: what the system offers for trees would also watch their packages.
 */
export class FileWatch {
  readonly #onChange: (atMs: number) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #ownOutputs: ReadonlySet<string>;
  /** Of contents, by path. */
  readonly #hashes = new Map<string, string | undefined>();
  /** Written since the last call. */
  #written = new Set<string>();
  #files: ReadonlySet<string> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #firstMs = 0;
  #isClosed = false;

  /**
   * @param onChange Is given when the first of the changes was seen, by `performance.now`.
   * @param outputs Descriptors that this program prints to: where they lead to a file, it is none that somebody saves.
   */
  constructor(onChange: (atMs: number) => void, outputs: readonly number[] = [1, 2]) {
    this.#onChange = onChange;
    this.#ownOutputs = new Set(outputs.flatMap((fd) => identityOf(fd)));
  }

  /** A folder with all below it, from now on those that are made there, too. Nothing of it has been read yet. */
  async watchTree(folder: string): Promise<void> {
    this.#files = undefined;
    await this.#watchBelow(folder, true);
  }

  /** @param isFirst Whether what a file holds now is what will be read of it first. */
  async #watchBelow(folder: string, isFirst: boolean): Promise<void> {
    this.#watch(folder, true);
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (isIgnored(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await this.#watchBelow(path, isFirst);
      else if (isFirst) this.#hashes.set(path, await hashOf(path));
    }
  }

  /** These files and no others. Their folders are watched: editors put a new file in the place of the old one. */
  watchFiles(files: Iterable<string>): void {
    const wanted = new Set(files);
    this.#files = wanted;
    const folders = new Set([...wanted].map((file) => dirname(file)));
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) this.#watch(folder, false);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string, isTree: boolean): void {
    if (this.#isClosed || this.#watchers.has(folder)) return;
    try {
      const watcher = watch(folder, (kind, name) => this.#changed(folder, kind, name ?? "", isTree));
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // It went before it could be watched.
    }
  }

  #changed(folder: string, kind: string, name: string, isTree: boolean): void {
    if (isIgnored(name)) return;
    const path = join(folder, name);
    if (this.#files !== undefined && !this.#files.has(path)) return;
    // A new folder has files that nobody told of.
    if (isTree && kind === "rename") void this.#look(path);
    if (this.#written.size === 0) this.#firstMs = performance.now();
    this.#written.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tell(), quietMs);
  }

  async #tell(): Promise<void> {
    const [written, firstMs] = [this.#written, this.#firstMs];
    this.#written = new Set();
    const changes = await Promise.all([...written].map((path) => this.#isChanged(path)));
    if (!this.#isClosed && changes.includes(true)) this.#onChange(firstMs);
  }

  /** Whether a file has another content than when it was last looked at. */
  async #isChanged(path: string): Promise<boolean> {
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() && this.#ownOutputs.has(`${info.dev}:${info.ino}`)) return false;
    if (info?.isDirectory()) {
      // It was made, or came back with what is in it: when it is gone, that is news again.
      this.#hashes.delete(path);
      return true;
    }
    const hash = await hashOf(path);
    const isKnown = this.#hashes.has(path) && this.#hashes.get(path) === hash;
    this.#hashes.set(path, hash);
    return !isKnown || (info?.isFile() === true && hash === undefined);
  }

  async #look(path: string): Promise<void> {
    try {
      await readdir(path);
      await this.#watchBelow(path, false);
    } catch {
      this.#forget(path);
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}

function isIgnored(name: string): boolean {
  return ignored.has(name) || logPattern.test(name);
}

/** Of a small file that is there. */
async function hashOf(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxHashedBytes) return undefined;
    return createHash("sha256")
      .update(await readFile(path))
      .digest("base64");
  } catch {
    return undefined;
  }
}

function identityOf(fd: number): string[] {
  try {
    const info = fstatSync(fd);
    return info.isFile() ? [`${info.dev}:${info.ino}`] : [];
  } catch {
    // It is closed.
    return [];
  }
}
