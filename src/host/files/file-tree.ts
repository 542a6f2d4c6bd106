import { FileError } from "./errno.ts";
import { type Folder, groupId, type Inode, isAllowed, userId } from "./inode.ts";
import { type Quota, ScratchFile, ScratchFolder, type ScratchInode, ScratchLink } from "./scratch-tree.ts";
import { type Place, walk } from "./walk.ts";

/** The names of an environment's files: looking them up, and changing those of `/tmp`. Every method throws FileError. */
export class FileTree {
  readonly #root: Folder;
  readonly #quota: Quota;

  constructor(root: Folder, quota: Quota) {
    this.#root = root;
    this.#quota = quota;
  }

  find(path: string, followsLast = true): Inode {
    return present(walk(this.#root, path, followsLast));
  }

  /** @param wanted Bits of 4 (read), 2 (write) and 1 (execute); 0: whether it is there. */
  access(path: string, wanted: number): void {
    const inode = this.find(path);
    if ((wanted & 2) !== 0) assertWritableVolume(inode);
    if (!isAllowed(inode, wanted)) throw new FileError("EACCES");
  }

  realpath(path: string): string {
    const place = walk(this.#root, path, true);
    present(place);
    return place.path;
  }

  readlink(path: string): string {
    const inode = this.find(path, false);
    if (inode.kind !== "link") throw new FileError("EINVAL");
    return inode.target;
  }

  /** As one text: entries by a NUL between them, each a letter for what it is and the name, which they are sorted by. */
  list(path: string): string {
    const folder = this.find(path);
    if (folder.kind !== "folder") throw new FileError("ENOTDIR");
    if (!isAllowed(folder, 4)) throw new FileError("EACCES");
    const entries = [...folder.entries()].sort(([one], [other]) => (one < other ? -1 : 1));
    return entries.map(([name, kind]) => `${letters[kind]}${name}`).join("\0");
  }

  mkdir(path: string, mode: number): void {
    const { parent, name } = this.#vacant(path, true);
    parent.put(name, new ScratchFolder(this.#quota, mode & 0o1777));
  }

  rmdir(path: string): void {
    if (/(^|\/)\.\/*$/.test(path)) throw new FileError("EINVAL");
    const { parent, name, inode } = this.#ownEntry(path);
    if (inode.kind !== "folder") throw new FileError("ENOTDIR");
    if (!inode.isEmpty) throw new FileError("ENOTEMPTY");
    parent.take(name);
    inode.gone();
  }

  unlink(path: string): void {
    const { parent, name, inode } = this.#ownEntry(path);
    if (inode.kind === "folder") throw new FileError("EISDIR");
    parent.take(name);
    inode.gone();
  }

  symlink(target: string, path: string): void {
    if (target === "") throw new FileError("ENOENT");
    if (target.includes("\0")) throw new FileError("EINVAL");
    if (Buffer.byteLength(target) >= 4096) throw new FileError("ENAMETOOLONG");
    const { parent, name } = this.#vacant(path, false);
    parent.put(name, new ScratchLink(this.#quota, target));
  }

  link(from: string, to: string): void {
    const inode = this.find(from, false);
    const { parent, name } = this.#vacant(to, false);
    if (inode.kind === "folder") throw new FileError("EPERM");
    if (!(inode instanceof ScratchFile)) throw new FileError("EXDEV");
    inode.named();
    parent.put(name, inode);
  }

  rename(from: string, to: string): void {
    const source = walk(this.#root, from, false);
    const target = walk(this.#root, to, false);
    if (source.parent.volume !== target.parent.volume) throw new FileError("EXDEV");
    const inode = present(source);
    if (source.name === "" || target.name === "") throw new FileError("EINVAL");
    const fromParent = writable(source.parent);
    const toParent = writable(target.parent);
    if (inode === target.inode) return;
    if (target.wantsFolder && inode.kind !== "folder") throw new FileError("ENOTDIR");
    if (inode.kind === "folder" && `${target.path}/`.startsWith(`${source.path}/`))
      throw new FileError("EINVAL");
    const replaced = target.inode as ScratchInode | undefined;
    if (replaced !== undefined) {
      if (replaced.kind === "folder" && inode.kind !== "folder") throw new FileError("EISDIR");
      if (replaced.kind !== "folder" && inode.kind === "folder") throw new FileError("ENOTDIR");
      if (replaced.kind === "folder" && !replaced.isEmpty) throw new FileError("ENOTEMPTY");
      toParent.take(target.name);
      replaced.gone();
    }
    fromParent.take(source.name);
    toParent.put(target.name, inode as ScratchInode);
    (inode as ScratchInode).changed();
  }

  /** Where the file is that is to be opened, or may be made. */
  fileFor(path: string, wanted: { creates: boolean; exclusive: boolean; follows: boolean }): Place {
    const isExclusive = wanted.creates && wanted.exclusive;
    const place = walk(this.#root, path, wanted.follows && !isExclusive);
    if (place.inode !== undefined && isExclusive) throw new FileError("EEXIST");
    if (place.inode === undefined) {
      if (!wanted.creates) throw new FileError("ENOENT");
      if (place.wantsFolder) throw new FileError("EISDIR");
    }
    return place;
  }

  /** Names the new file. */
  add({ parent, name }: Place, make: () => ScratchFile): ScratchFile {
    const folder = writable(parent);
    const made = make();
    folder.put(name, made);
    made.named();
    return made;
  }

  setTimes(inode: Inode, accessedMs: number, modifiedMs: number): void {
    const own = ownInode(inode);
    own.accessedMs = accessedMs;
    own.modifiedMs = modifiedMs;
    own.changed();
  }

  setMode(inode: Inode, mode: number): void {
    const own = ownInode(inode);
    if (own.kind !== "link") own.mode = mode;
    own.changed();
  }

  /** Only to who owns it already; -1 leaves one of both as it is. */
  setOwner(inode: Inode, user: number, group: number): void {
    const own = ownInode(inode);
    const isOwn =
      (user === anyId || user === -1 || user === userId) &&
      (group === anyId || group === -1 || group === groupId);
    if (!isOwn) throw new FileError("EPERM");
    own.changed();
  }

  #vacant(path: string, mayEndInSlash: boolean): { parent: ScratchFolder; name: string } {
    const { parent, name, inode, wantsFolder } = walk(this.#root, path, false);
    if (inode !== undefined) throw new FileError("EEXIST");
    if (wantsFolder && !mayEndInSlash) throw new FileError("ENOENT");
    return { parent: writable(parent), name };
  }

  #ownEntry(path: string): { parent: ScratchFolder; name: string; inode: ScratchInode } {
    const place = walk(this.#root, path, false);
    const { parent, name } = place;
    // What is mounted is in use.
    if (name === "" || (place.inode instanceof ScratchFolder && !(parent instanceof ScratchFolder)))
      throw new FileError("EBUSY");
    const folder = writable(parent);
    return { parent: folder, name, inode: present(place) as ScratchInode };
  }
}

/** -1, as some write it. */
const anyId = 2 ** 32 - 1;
const letters = { file: "f", folder: "d", link: "l", device: "c" } as const;

function present({ inode }: Place): Inode {
  if (inode === undefined) throw new FileError("ENOENT");
  return inode;
}

/** The folder, if names in it may be changed. */
function writable(folder: Folder): ScratchFolder {
  if (!(folder instanceof ScratchFolder)) throw new FileError("EROFS");
  if (!isAllowed(folder, 3)) throw new FileError("EACCES");
  return folder;
}

export function ownInode(inode: Inode): ScratchInode {
  if (inode instanceof ScratchFile || inode instanceof ScratchFolder || inode instanceof ScratchLink)
    return inode;
  throw new FileError(inode.kind === "device" ? "EPERM" : "EROFS");
}

function assertWritableVolume(inode: Inode): void {
  if (inode.kind !== "device") ownInode(inode);
}
