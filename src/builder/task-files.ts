import type { ZipArchive } from "./zip-archive.ts";

/** Where Lambda puts a function's code; every path in here is absolute and starts with it. */
export const taskRoot = "/var/task";

/** What a module loader asks of a file system, answered from a zip: no disk, and so nothing to escape to. */
export class TaskFiles {
  readonly #archive: ZipArchive;
  readonly #files: ReadonlySet<string>;
  readonly #directories = new Set<string>([taskRoot]);
  readonly #json = new Map<string, unknown>();

  constructor(archive: ZipArchive) {
    this.#archive = archive;
    this.#files = new Set(archive.paths.map((path) => `${taskRoot}/${path}`));
    for (const file of this.#files) {
      for (let folder = dirname(file); !this.#directories.has(folder); folder = dirname(folder)) {
        this.#directories.add(folder);
      }
    }
  }

  get paths(): Iterable<string> {
    return this.#files;
  }

  isFile(path: string): boolean {
    return this.#files.has(path);
  }

  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }

  /** A file's text without byte order mark. */
  readText(path: string): string {
    return new TextDecoder().decode(this.#archive.read(path.slice(taskRoot.length + 1)));
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

  /** The nearest package.json above a file: the one that says what its `.js` means. Stops at node_modules and the root. */
  packageScope(path: string): { folder: string; json: Record<string, unknown> } | undefined {
    for (let folder = dirname(path); folder.startsWith(taskRoot); folder = dirname(folder)) {
      if (folder.endsWith("/node_modules")) return undefined;
      const json = this.packageJson(folder);
      if (json !== undefined) return { folder, json };
    }
    return undefined;
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
