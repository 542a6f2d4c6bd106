import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FilePackReference } from "../model/file-pack.ts";

/** The packs of functions' files, as the fleet needs them. */
export interface FilePacks {
  readonly dir: string;
  /** @param bundleKey Of the version's bundle. */
  reference(bundleKey: string): FilePackReference;
}

/** The folders of one host: all of the file system that it has besides its program. */
export interface HostFolders {
  /** To be read. Each pack in it needs a key of its own. */
  readonly packsDir: string;
  /** To be written, by this host alone. It makes it when an environment writes to `/tmp`. */
  readonly scratchDir: string;
}

/** Where the files of environments lie: what all share, and a place for each host's `/tmp`s. */
export class GuestFolders {
  readonly packs: FilePacks;
  readonly #scratchDir: string;

  private constructor(packs: FilePacks, scratchDir: string) {
    this.packs = packs;
    this.#scratchDir = scratchDir;
  }

  /**
   * @param scratchDir Absolute path; made where it does not exist. What lies in it is left over from a process that was
   * killed, and is removed.
   */
  static async open(packs: FilePacks, scratchDir: string): Promise<GuestFolders> {
    await rm(scratchDir, { recursive: true, force: true });
    await mkdir(scratchDir, { recursive: true, mode: 0o700 });
    return new GuestFolders(packs, scratchDir);
  }

  forHost(): HostFolders {
    return { packsDir: this.packs.dir, scratchDir: join(this.#scratchDir, randomUUID()) };
  }

  /** The host has ended, and whatever its environments had in `/tmp` with it. */
  release({ scratchDir }: HostFolders): void {
    rm(scratchDir, { recursive: true, force: true }).catch(() => {
      // The next start removes it.
    });
  }
}
