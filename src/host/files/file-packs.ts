import type { FilePackReference } from "../../model/file-pack.ts";
import { FileError } from "./errno.ts";
import { FilePack } from "./file-pack.ts";
import { PackedTree } from "./packed-tree.ts";
import { SectionCache } from "./section-cache.ts";

/** A pack's tree for one environment, which gives it back. */
export interface SharedTree {
  readonly tree: PackedTree;
  release(): void;
}

/** The packs that environments of this host have open: each once, as long as one of them needs it. */
export class FilePacks {
  readonly #dir: string | undefined;
  readonly #sections = new SectionCache();
  readonly #trees = new Map<string, { tree: PackedTree; users: number }>();

  /** @param dir The folder of packs. Absent: there are none. */
  constructor(dir: string | undefined) {
    this.#dir = dir;
  }

  /** @throws {FileError} It can't be read. */
  take(reference: FilePackReference): SharedTree {
    const { name } = reference;
    let shared = this.#trees.get(name);
    if (shared === undefined) {
      shared = { tree: new PackedTree(this.#open(reference)), users: 0 };
      this.#trees.set(name, shared);
    }
    const held = shared;
    held.users++;
    return {
      tree: held.tree,
      release: () => {
        if (--held.users > 0) return;
        this.#trees.delete(name);
        held.tree.close();
      },
    };
  }

  #open(reference: FilePackReference): FilePack {
    if (this.#dir === undefined) throw new FileError("EIO");
    return FilePack.open(this.#dir, reference, this.#sections);
  }
}
