import type { ModuleFiles } from "../../snapshots/bundle/lazy/resolve-module.ts";
import { dirname, joinPath } from "../../snapshots/bundle/paths.ts";
import { layerRoot, taskRoot } from "../model/function-folders.ts";
import type { EntryFacts, ZipArchive } from "./zip-archive.ts";

export { dirname, extname, joinPath } from "../../snapshots/bundle/paths.ts";

interface Entry {
  readonly archive: ZipArchive;
  /** In the archive. */
  readonly path: string;
}

/** Links on the way to one file, at most: what Linux follows. */
const maxLinks = 40;

/**
 * What a module loader asks of a file system, answered from zips: no disk, and so nothing to escape to. Every path in here
 * is absolute: the function's own files lie under `/var/task`, those of its layers under `/opt`, as if one layer after
 * another were unpacked there.
 */
export class PackageFiles implements ModuleFiles {
  readonly #files = new Map<string, Entry>();
  /** Of links among the files, by absolute path. */
  readonly #links = new Map<string, string>();
  readonly #directoryFacts = new Map<string, EntryFacts>();
  readonly #directories = new Set<string>([taskRoot]);
  readonly #json = new Map<string, unknown>();

  /** @param layers In the function's order: a later one's file replaces an earlier one's. */
  constructor(task: ZipArchive, layers: readonly ZipArchive[] = []) {
    this.#unpack(task, taskRoot);
    for (const layer of layers) this.#unpack(layer, layerRoot);
  }

  /** Of files, not of links to them. */
  get paths(): Iterable<string> {
    return [...this.#files.keys()].filter((path) => !this.#links.has(path));
  }

  isFile(path: string): boolean {
    const real = this.real(path);
    return this.#files.has(real) && !this.#links.has(real);
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(this.real(path));
  }

  /** The path that links on the way lead to: modules are known by it, as in Node. */
  real(path: string): string {
    if (this.#links.size === 0) return path;
    let names = path.split("/").filter((name) => name !== "");
    let at = "";
    for (let links = 0; names.length > 0; ) {
      const next = `${at}/${names.shift()}`;
      const target = this.#links.get(next);
      if (target === undefined) {
        at = next;
        continue;
      }
      // Round and round: there is nothing where it leads.
      if (++links > maxLinks) return path;
      const rest = target.startsWith("/") ? joinPath("/", target) : joinPath(at || "/", target);
      names = [...rest.split("/").filter((name) => name !== ""), ...names];
      at = "";
    }
    return at;
  }

  /** Everything but folders, as it is to be unpacked. */
  *entries(): Iterable<EntryFacts & { readonly path: string; readonly target: string | undefined }> {
    for (const [path, { archive, path: inArchive }] of this.#files)
      yield { path, target: this.#links.get(path), ...archive.facts(inArchive) };
  }

  *directories(): Iterable<EntryFacts & { readonly path: string }> {
    for (const path of this.#directories) {
      if (path === taskRoot || path.startsWith(`${taskRoot}/`) || path.startsWith(`${layerRoot}/`))
        yield { path, ...(this.#directoryFacts.get(path) ?? { mode: 0, modifiedMs: 0 }) };
    }
  }

  /** @throws {Error} There is no such file. */
  read(path: string): Buffer {
    const file = this.#files.get(this.real(path));
    if (file === undefined) throw new Error(`no such file in the package or its layers: ${path}`);
    return file.archive.read(file.path);
  }

  /** A file's text without byte order mark. */
  readText(path: string): string {
    return new TextDecoder().decode(this.read(path));
  }

  /** A folder's package.json as an object; undefined where there is none or it cannot be read, as in Lambda's loader. */
  packageJson(folder: string): Record<string, unknown> | undefined {
    const path = `${folder}/package.json`;
    if (!this.isFile(path)) return undefined;
    if (!this.#json.has(path)) this.#json.set(path, parseJson(this.readText(path)));
    const value = this.#json.get(path);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  }

  #unpack(archive: ZipArchive, root: string): void {
    for (const path of archive.directories) {
      const folder = joinPath(root, path);
      this.#addFolder(folder);
      this.#directoryFacts.set(folder, archive.facts(path));
    }
    for (const path of archive.paths) this.#add(archive, path, root);
    for (const [path, target] of archive.links) {
      this.#add(archive, path, root);
      this.#links.set(`${root}/${path}`, target);
    }
  }

  #add(archive: ZipArchive, path: string, root: string): void {
    const file = `${root}/${path}`;
    // What an earlier layer has in its place goes: a folder of this name with all that is in it, or a file where
    // this one has a folder.
    if (this.#directories.has(file)) this.#removeFolder(file);
    this.#addFolder(dirname(file));
    this.#links.delete(file);
    this.#files.set(file, { archive, path });
  }

  #addFolder(path: string): void {
    for (let folder = path; !this.#directories.has(folder); folder = dirname(folder)) {
      this.#files.delete(folder);
      this.#links.delete(folder);
      this.#directories.add(folder);
    }
  }

  #removeFolder(folder: string): void {
    for (const paths of [this.#files, this.#links, this.#directories]) {
      for (const path of paths.keys())
        if (path === folder || path.startsWith(`${folder}/`)) paths.delete(path);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
