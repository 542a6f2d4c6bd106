import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { defaultHandler, packFolder } from "../../pack/index.ts";
import { CliError } from "../cli-error.ts";
import { asCliError } from "../local-package.ts";
import { projectRoot, type SourceProblem, SourceReader } from "./source-graph.ts";
import { FileWatch } from "./watch-files.ts";

/** The same for the same files, whenever they were written. */
const fixedTime = new Date(1980, 0, 1);
const sourceExtensions = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"];

export interface DevPackage {
  readonly zip: Uint8Array;
  readonly problems: readonly SourceProblem[];
}

/** What is deployed from, and again after each save: a folder with all of its files, or a file with all that it imports. */
export interface DevSource {
  /** The folder that becomes /var/task. */
  readonly root: string;
  readonly handler: string;
  /** @throws {CliError} It can't be packed. */
  pack(): Promise<DevPackage>;
  /** @param onChange @see FileWatch */
  watch(onChange: (atMs: number) => void): Promise<void>;
  close(): Promise<void>;
}

/** @throws {CliError} No handler stands out. */
export async function openSource(location: string, handler: string | undefined): Promise<DevSource> {
  const isFolder = (await stat(location)).isDirectory();
  return isFolder ? FolderSource.open(location, handler) : new FileSource(location, handler);
}

class FolderSource implements DevSource {
  readonly root: string;
  readonly handler: string;
  readonly #reader: SourceReader | undefined;
  #watch: FileWatch | undefined;

  private constructor(root: string, handler: string) {
    this.root = root;
    this.handler = handler;
    const entry = entryOf(root, handler);
    this.#reader = entry === undefined ? undefined : new SourceReader(entry, "external");
  }

  static async open(root: string, handler: string | undefined): Promise<FolderSource> {
    return new FolderSource(root, handler ?? (await defaultHandler(root).catch(asCliError)));
  }

  async pack(): Promise<DevPackage> {
    const [zip, graph] = await Promise.all([
      packFolder(this.root, { level: 0 }).catch(asCliError),
      this.#reader?.read(),
    ]);
    return { zip, problems: graph?.problems ?? [] };
  }

  async watch(onChange: (atMs: number) => void): Promise<void> {
    this.#watch = new FileWatch(onChange);
    await this.#watch.watchTree(this.root);
  }

  async close(): Promise<void> {
    this.#watch?.close();
    await this.#reader?.close();
  }
}

class FileSource implements DevSource {
  readonly root: string;
  readonly handler: string;
  readonly #file: string;
  readonly #reader: SourceReader;
  #watch: FileWatch | undefined;
  #files: readonly string[];

  constructor(file: string, handler: string | undefined) {
    if (!sourceExtensions.some((extension) => file.endsWith(extension)))
      throw new CliError(`cannot run ${file}: a single file must end in ${sourceExtensions.join(", ")}`);
    this.#file = file;
    this.root = projectRoot(file);
    const stem = relative(this.root, file)
      .split(sep)
      .join("/")
      .replace(/\.[cm]?[jt]sx?$/, "");
    this.handler = handler ?? `${stem}.handler`;
    this.#reader = new SourceReader(file, "bundle");
    this.#files = [file];
  }

  async pack(): Promise<DevPackage> {
    const { files, problems } = await this.#reader.read();
    // While there is a problem, what was watched before goes on to be: it may be in any of them.
    this.#files =
      problems.length === 0 ? files : [...new Set([...this.#files, ...problems.map(({ file }) => file)])];
    this.#watch?.watchFiles(this.#files);
    const contents: Zippable = Object.create(null);
    for (const file of withPackageFiles(this.#files, this.root)) {
      const name = relative(this.root, file).split(sep).join("/");
      if (name.startsWith("..")) {
        throw new CliError(
          `${this.#file} imports ${file}, which lies outside of ${this.root}: run "brisk dev" with the folder of both`,
        );
      }
      const bytes = await readFile(file).catch(() => undefined);
      if (bytes !== undefined) contents[name] = bytes;
    }
    return { zip: zipSync(contents, { level: 0, mtime: fixedTime, os: 3, attrs: 0o100644 << 16 }), problems };
  }

  async watch(onChange: (atMs: number) => void): Promise<void> {
    this.#watch = new FileWatch(onChange);
    this.#watch.watchFiles(this.#files);
  }

  async close(): Promise<void> {
    this.#watch?.close();
    await this.#reader.close();
  }
}

/** The files with what says how they are to be read: package.json of every folder above them, and tsconfig.json. */
function withPackageFiles(files: readonly string[], root: string): Iterable<string> {
  const all = new Set(files);
  const seen = new Set<string>();
  for (const file of files) {
    for (let folder = dirname(file); !seen.has(folder) && folder.startsWith(root); folder = dirname(folder)) {
      seen.add(folder);
      const json = join(folder, "package.json");
      if (existsSync(json)) all.add(json);
    }
  }
  const tsconfig = join(root, "tsconfig.json");
  if (existsSync(tsconfig)) all.add(tsconfig);
  return all;
}

/** The file that a handler names, if it is one that can be read for mistakes. */
function entryOf(root: string, handler: string): string | undefined {
  const slash = handler.lastIndexOf("/");
  const stem = join(root, handler.slice(0, slash + 1), handler.slice(slash + 1).split(".")[0] ?? "");
  return sourceExtensions.map((extension) => stem + extension).find((file) => existsSync(file));
}
