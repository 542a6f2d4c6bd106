import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PackContent, type PackSource, type PackSourceFolder } from "../../../../src/builder/pack-content.ts";
import { HostFiles } from "../../../../src/host/files/index.ts";
import { type FilePackReference, type PackRange, packKey } from "../../../../src/model/file-pack.ts";
import { FilePackWriter } from "../../../../src/snapstart/file-pack-writer.ts";

const secret = Buffer.alloc(32, 7);
export const modifiedMs = Date.UTC(2026, 0, 2, 3, 4, 6);

/** A folder of packs and one for `/tmp`, removed at the end. */
export class TestFolders implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), "brisk-files-"));
  readonly packsDir: string = this.dir;
  readonly scratchDir: string = join(this.dir, "scratch");
  #packs = 0;

  /** @param tree Texts and bytes by name; `-> x` is a link to x; objects are folders. Top: `task` and `opt`. */
  pack(tree: Tree): Promise<FilePackReference> {
    return this.written((send) => new PackContent(send).write(folderOf("", tree)));
  }

  /** @param write Sends the sections. */
  async written(
    write: (send: (section: Uint8Array) => Promise<void>) => Promise<{ bytes: number; root: PackRange }>,
  ): Promise<FilePackReference> {
    const name = (++this.#packs).toString(16).padStart(64, "0");
    const key = packKey(secret, name);
    await using handle = await open(this.file(name), "wx");
    const writer = new FilePackWriter(handle, key);
    await writer.finish(await write((section) => writer.add(section)));
    return { name, key };
  }

  file(name: string): string {
    return join(this.packsDir, `${name}.pack`);
  }

  host(): HostFiles {
    return new HostFiles({ packsDir: this.packsDir, scratchDir: this.scratchDir });
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export interface Tree {
  readonly [name: string]: string | Uint8Array | Tree;
}

function folderOf(name: string, tree: Tree): PackSourceFolder {
  const children = Object.entries(tree).map(([child, value]): PackSource => {
    const facts = { name: child, modifiedMs };
    if (value instanceof Uint8Array) return { ...facts, mode: 0o644, kind: "file", read: () => value };
    if (typeof value === "object") return folderOf(child, value);
    if (value.startsWith("-> ")) return { ...facts, mode: 0o777, kind: "link", target: value.slice(3) };
    return { ...facts, mode: 0o644, kind: "file", read: () => Buffer.from(value) };
  });
  return { kind: "folder", name, mode: 0o755, modifiedMs, children };
}
