import { join } from "node:path";
import type { FilePackReference } from "../../model/file-pack.ts";
import { EnvironmentFiles } from "./environment-files.ts";
import { FilePacks } from "./file-packs.ts";

/** The folders of a host's own, as its supervisor names them. */
export interface FileFolders {
  /** The packs of all versions: it may read them, and has the keys of those that it runs. */
  readonly packsDir?: string | undefined;
  /** Its environments' `/tmp`: it may write there. The supervisor removes it when the host has ended. */
  readonly scratchDir?: string | undefined;
}

/** The files of all environments in one host. */
export class HostFiles {
  readonly #scratchDir: string | undefined;
  readonly #packs: FilePacks;
  #environments = 0;

  constructor({ packsDir, scratchDir }: FileFolders) {
    this.#scratchDir = scratchDir;
    this.#packs = new FilePacks(packsDir);
  }

  /** @param scratchBytes What its `/tmp` may hold. */
  environment(pack: FilePackReference | undefined, scratchBytes: number): EnvironmentFiles {
    // Never one that was another's before: that may still be on its way out.
    const scratchDir =
      this.#scratchDir === undefined ? undefined : join(this.#scratchDir, String(this.#environments++));
    return new EnvironmentFiles({ pack, scratchBytes, scratchDir }, this.#packs);
  }
}
