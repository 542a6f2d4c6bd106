import type { FilePackReference } from "../../model/file-pack.ts";
import type { Resource } from "../operation.ts";
import { Descriptors, type OpenFile } from "./descriptors.ts";
import { FileError } from "./errno.ts";
import type { FilePacks, SharedTree } from "./file-packs.ts";
import { FileTree, ownInode } from "./file-tree.ts";
import { type Inode, isAllowed, statText } from "./inode.ts";
import { rootFolder } from "./root-folder.ts";
import { ScratchStore } from "./scratch-store.ts";
import { Quota, ScratchFile, ScratchFolder } from "./scratch-tree.ts";

/** Linux's, as the guest passes them. */
const flag = {
  access: 3,
  writeOnly: 1,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
  folder: 0o200000,
  noFollow: 0o400000,
} as const;

/** What an environment's files are made of. */
export interface FileSettings {
  /** Absent: the version has none. */
  readonly pack: FilePackReference | undefined;
  /** What `/tmp` may hold. */
  readonly scratchBytes: number;
  /** Where `/tmp` lies: a folder that nothing else uses. Absent: nothing can be written. */
  readonly scratchDir: string | undefined;
}

/**
 * The file system of one environment: `/var/task` and `/opt` out of its version's pack, and `/tmp`. It comes to be with
 * the first file operation, and ends with the environment. Methods throw FileError.
 */
export class EnvironmentFiles implements Resource {
  readonly tree: FileTree;
  readonly #descriptors = new Descriptors();
  readonly #quota: Quota;
  readonly #store: ScratchStore;
  readonly #scratch: ScratchFolder;
  readonly #packs: FilePacks;
  readonly #pack: FilePackReference | undefined;
  #package: SharedTree | undefined;

  constructor(settings: FileSettings, packs: FilePacks) {
    this.#packs = packs;
    this.#pack = settings.pack;
    const { scratchDir } = settings;
    this.#quota = new Quota(scratchDir === undefined ? 0 : settings.scratchBytes);
    this.#store = new ScratchStore(scratchDir ?? "");
    this.#scratch = new ScratchFolder(this.#quota, 0o700);
    const root = rootFolder({
      task: () => this.#files()?.tree.root("task"),
      opt: () => this.#files()?.tree.root("opt"),
      tmp: () => this.#scratch,
    });
    this.tree = new FileTree(root, this.#quota);
  }

  open(path: string, flags: number, mode: number): number {
    const access = flags & flag.access;
    const isReadable = access !== flag.writeOnly;
    const isWritable = access === flag.writeOnly || access === flag.readWrite;
    const creates = (flags & flag.create) !== 0;
    const place = this.tree.fileFor(path, {
      creates,
      exclusive: (flags & flag.exclusive) !== 0,
      follows: (flags & flag.noFollow) === 0,
    });
    const truncates = (flags & flag.truncate) !== 0;
    const found = place.inode;
    if (found !== undefined) {
      if (found.kind === "link") throw new FileError("ELOOP");
      if (found.kind === "folder" && (isWritable || creates || truncates)) throw new FileError("EISDIR");
      if (found.kind !== "folder" && (flags & flag.folder) !== 0) throw new FileError("ENOTDIR");
      if (found.kind === "file" && (isWritable || truncates)) ownInode(found);
      const wanted = (isReadable ? 4 : 0) | (isWritable || truncates ? 2 : 0);
      if (!isAllowed(found, wanted)) throw new FileError("EACCES");
    }
    this.#descriptors.assertRoom();
    // Whoever makes a file may do with it what it asked for, whatever its mode allows later.
    const inode =
      found ?? this.tree.add(place, () => new ScratchFile(this.#quota, mode & 0o7777, this.#store));
    const file: OpenFile = {
      inode,
      isReadable,
      isWritable,
      appends: (flags & flag.append) !== 0,
      position: 0,
    };
    const descriptor = this.#descriptors.add(file);
    if (inode instanceof ScratchFile) {
      inode.opened();
      if (truncates) inode.truncate(0);
    }
    return descriptor;
  }

  closeDescriptor(descriptor: number): void {
    const { inode } = this.#descriptors.remove(descriptor);
    if (inode instanceof ScratchFile) inode.closed();
  }

  /** @param position -1: where the last one ended. */
  read(descriptor: number, length: number, position: number): Uint8Array<ArrayBuffer> {
    const file = this.#descriptors.get(descriptor);
    if (!file.isReadable) throw new FileError("EBADF");
    const { inode } = file;
    if (inode.kind === "folder") throw new FileError("EISDIR");
    if (inode.kind !== "file") return new Uint8Array(0);
    const bytes = inode.readAt(position < 0 ? file.position : position, length);
    if (position < 0) file.position += bytes.byteLength;
    return bytes;
  }

  write(descriptor: number, bytes: Uint8Array, position: number): number {
    const file = this.#descriptors.get(descriptor);
    if (!file.isWritable) throw new FileError("EBADF");
    const { inode } = file;
    if (!(inode instanceof ScratchFile)) return bytes.byteLength;
    const at = file.appends ? inode.bytes : position < 0 ? file.position : position;
    const written = inode.writeAt(at, bytes);
    if (position < 0) file.position = at + written;
    return written;
  }

  truncate(descriptor: number, bytes: number): void {
    const { inode, isWritable } = this.#descriptors.get(descriptor);
    if (!isWritable || !(inode instanceof ScratchFile)) throw new FileError("EINVAL");
    inode.truncate(bytes);
  }

  inode(descriptor: number): Inode {
    return this.#descriptors.get(descriptor).inode;
  }

  stat(path: string, follows: boolean): string {
    return statText(this.tree.find(path, follows));
  }

  /** A whole file, unless it is longer. */
  readWhole(path: string, maxBytes: number): Uint8Array<ArrayBuffer> {
    const inode = this.tree.find(path);
    if (inode.kind === "folder") throw new FileError("EISDIR");
    if (!isAllowed(inode, 4)) throw new FileError("EACCES");
    if (inode.kind !== "file") return new Uint8Array(0);
    if (inode.bytes > maxBytes) throw new FileError("EFBIG");
    return inode.readAt(0, inode.bytes);
  }

  /** Into a file that is opened for it. */
  writeWhole(path: string, bytes: Uint8Array, flags: number, mode: number): void {
    const descriptor = this.open(path, flags, mode);
    try {
      if (bytes.byteLength > 0) this.write(descriptor, bytes, -1);
    } finally {
      this.closeDescriptor(descriptor);
    }
  }

  /** type, block size, blocks, free, available, files, free files. */
  statfs(path: string): string {
    const ext4 = 0xef53;
    const block = 4096;
    const { volume } = this.tree.find(path);
    const isScratch = volume === this.#scratch.volume;
    const blocks = isScratch ? Math.floor(this.#quota.bytes / block) : 0;
    const free = isScratch ? Math.floor((this.#quota.bytes - this.#quota.usedBytes) / block) : 0;
    const freeFiles = isScratch ? this.#quota.inodes - this.#quota.usedInodes : 0;
    return [ext4, block, blocks, free, free, isScratch ? this.#quota.inodes : 0, freeFiles].join(",");
  }

  inUse(): string | undefined {
    if (this.#descriptors.size > 0)
      return `${this.#descriptors.size} files are open, and would not be after a restore: close them before init ends`;
    if (!this.#scratch.isEmpty)
      return "init left files in /tmp, which a restored environment would not find: write them when they are needed, or in an afterRestore hook";
    return undefined;
  }

  close(): void {
    this.#store.close();
    this.#package?.release();
    this.#package = undefined;
  }

  #files(): SharedTree | undefined {
    if (this.#pack === undefined) return undefined;
    this.#package ??= this.#packs.take(this.#pack);
    return this.#package;
  }
}
