import { type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What changes without anybody having saved: version control, servers' state, and packages, which are looked at when one is installed. */
const ignored = new Set([".git", ".brisk", "node_modules", ".DS_Store"]);
/** Editors write a file in several steps. */
const quietMs = 15;

/**
 * Calls back some moments after files changed, once for all that changed together. Folders are watched one by one: what the
 * system offers for trees would also watch their packages.
 */
export class FileWatch {
  readonly #onChange: (atMs: number) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #firstMs = 0;
  #isClosed = false;

  /** @param onChange Is given when the first of the changes was seen, by `performance.now`. */
  constructor(onChange: (atMs: number) => void) {
    this.#onChange = onChange;
  }

  /** A folder with all below it, from now on those that are made there, too. */
  async watchTree(folder: string): Promise<void> {
    this.#files = undefined;
    this.#watch(folder, true);
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.isDirectory() && !ignored.has(entry.name)) await this.watchTree(join(folder, entry.name));
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
    if (ignored.has(name)) return;
    const path = join(folder, name);
    if (this.#files !== undefined && !this.#files.has(path)) return;
    // A new folder has files that nobody told of.
    if (isTree && kind === "rename") void this.#look(path);
    if (this.#timer === undefined) this.#firstMs = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onChange(this.#firstMs);
    }, quietMs);
  }

  async #look(path: string): Promise<void> {
    try {
      await readdir(path);
      await this.watchTree(path);
    } catch {
      this.#forget(path);
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
