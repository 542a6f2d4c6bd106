import { layerRoot, taskRoot } from "../model/function-folders.ts";
import type { ZipArchive } from "./zip-archive.ts";

/**
 * What a module loader asks of a file system, answered from zips: no disk, and so nothing to escape to. Every path in here
 * is absolute: the function's own files lie under `/var/task`, those of its layers under `/opt`, as if one layer after
 * another were unpacked there.
 */
export class PackageFiles {
  readonly #files = new Map<string, { readonly archive: ZipArchive; readonly path: string }>();
  readonly #directories = new Set<string>([taskRoot]);
  readonly #json = new Map<string, unknown>();

  /** @param layers In the function's order: a later one's file replaces an earlier one's. */
  constructor(task: ZipArchive, layers: readonly ZipArchive[] = []) {
    for (const path of task.paths) this.#add(task, path, taskRoot);
    for (const layer of layers) {
      for (const path of layer.paths) this.#add(layer, path, layerRoot);
    }
  }

  get paths(): Iterable<string> {
    return this.#files.keys();
  }

  isFile(path: string): boolean {
    return this.#files.has(path);
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  /** @throws {Error} There is no such file. */
  read(path: string): Buffer {
    const file = this.#files.get(path);
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
    if (!this.#files.has(path)) return undefined;
    if (!this.#json.has(path)) this.#json.set(path, parseJson(this.readText(path)));
    const value = this.#json.get(path);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  }

  /** The nearest package.json above a file: the one that says what its `.js` means. Stops at node_modules. */
  packageScope(path: string): { folder: string; json: Record<string, unknown> } | undefined {
    for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
      if (folder.endsWith("/node_modules")) return undefined;
      const json = this.packageJson(folder);
      if (json !== undefined) return { folder, json };
    }
    return undefined;
  }

  #add(archive: ZipArchive, path: string, root: string): void {
    const file = `${root}/${path}`;
    // What an earlier layer has in its place goes: a folder of this name with all that is in it, or a file where
    // this one has a folder.
    if (this.#directories.has(file)) this.#removeFolder(file);
    for (let folder = dirname(file); !this.#directories.has(folder); folder = dirname(folder)) {
      this.#files.delete(folder);
      this.#directories.add(folder);
    }
    this.#files.set(file, { archive, path });
  }

  #removeFolder(folder: string): void {
    for (const paths of [this.#files, this.#directories]) {
      for (const path of paths.keys())
        if (path === folder || path.startsWith(`${folder}/`)) paths.delete(path);
    }
  }
}

/** The folder of an absolute path. */
export function dirname(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";
}

/** `base` + `relative` without `.`, `..` and empty segments; never above the root. */
export function joinPath(base: string, relative: string): string {
  const segments: string[] = [];
  for (const segment of `${base}/${relative}`.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}

/** The extension with its dot, lower case as written; empty without one. */
export function extname(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot) : "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
