import type { PackedEntry, PackRange } from "../../model/file-pack.ts";
import type { FilePack } from "./file-pack.ts";
import { type Folder, type Inode, volume } from "./inode.ts";

/** Folders whose lists are kept parsed, at most: who walks a large package goes back and forth in it. */
const maxFolders = 256;

/** The folders of a pack as inodes. Lists are read when somebody looks into a folder. */
export class PackedTree {
  readonly #pack: FilePack;
  readonly #folders = new Map<number, ReadonlyMap<string, PackedEntry>>();

  constructor(pack: FilePack) {
    this.#pack = pack;
  }

  /** `task` or `opt`. */
  root(name: string): Folder | undefined {
    const entry = this.#entries(this.#pack.table.root).get(name);
    return entry?.[1] === "d" ? this.#folder(entry) : undefined;
  }

  close(): void {
    this.#pack.close();
  }

  #entries([start, bytes]: PackRange): ReadonlyMap<string, PackedEntry> {
    let entries = this.#folders.get(start);
    if (entries === undefined) {
      if (this.#folders.size >= maxFolders) this.#folders.clear();
      entries = new Map(this.#pack.folder([start, bytes]).map((entry) => [entry[0], entry]));
      this.#folders.set(start, entries);
    }
    return entries;
  }

  #folder(entry: PackedEntry & { readonly 1: "f" | "d" }): Folder {
    const [, , , , bytes, at] = entry;
    const entries = () => this.#entries([at, bytes]);
    return {
      ...facts(entry, at * 64),
      kind: "folder",
      bytes: 4096,
      links: 2,
      find: (name) => {
        const found = entries().get(name);
        return found && this.#inode(found, at);
      },
      *entries() {
        for (const [name, kind] of entries().values()) yield [name, kinds[kind]];
      },
    };
  }

  #inode(entry: PackedEntry, parentAt: number): Inode {
    const [name, kind, , , bytes, at] = entry;
    if (kind === "d") return this.#folder(entry as PackedEntry & { readonly 1: "d" });
    // Nothing else lies where a folder's list or a content starts. What has no content lies nowhere, and is told apart
    // by its name, as far as that goes.
    const number = kind === "l" || bytes === 0 ? parentAt * 64 + 1 + (hash(name) % 63) : at * 64;
    if (kind === "l") return { ...facts(entry, number), kind: "link", mode: 0o777, target: at };
    return {
      ...facts(entry, number),
      kind: "file",
      readAt: (position, length) =>
        this.#pack.read(at + position, Math.max(0, Math.min(length, bytes - position))),
    };
  }
}

const kinds = { f: "file", d: "folder", l: "link" } as const;

function facts([, , mode, modifiedMs, bytes]: PackedEntry, number: number) {
  return {
    volume: volume.package,
    number,
    mode,
    isOwn: false,
    links: 1,
    bytes,
    accessedMs: modifiedMs,
    modifiedMs,
    changedMs: modifiedMs,
    bornMs: modifiedMs,
  };
}

function hash(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++) hash = (hash * 31 + name.charCodeAt(index)) >>> 0;
  return hash;
}
