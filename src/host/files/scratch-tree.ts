import { FileError } from "./errno.ts";
import { blockBytes, type Folder, type Inode, type Link, type RegularFile, volume } from "./inode.ts";
import type { ScratchStore } from "./scratch-store.ts";

/** Bytes of quota that stand for one file, folder or link: what ext4 has inodes for. Names take a host's memory. */
const bytesPerInode = 16 * 1024;
/** Whatever the quota: each takes some 500 bytes of the host. */
const maxInodes = 65_536;
/** Of a symbolic link's target, which is in memory as names are: a long one counts as more than one inode. */
const targetBytesPerInode = 512;

export type ScratchInode = ScratchFolder | ScratchFile | ScratchLink;

/** How much of `/tmp` is used, and what may still be. */
export class Quota {
  readonly bytes: number;
  readonly inodes: number;
  usedBytes = 0;
  usedInodes = 0;
  #last = 1;

  constructor(bytes: number) {
    this.bytes = bytes;
    // One is /tmp itself.
    this.inodes = 1 + Math.min(maxInodes, Math.floor(bytes / bytesPerInode));
  }

  /** The number of a new inode. @param count What it counts as. @throws {FileError} */
  takeInode(count: number): number {
    this.#take(count);
    return ++this.#last;
  }

  /** One more name for a file that has one: it is in memory as an inode is. @throws {FileError} */
  takeName(): void {
    this.#take(1);
  }

  #take(count: number): void {
    if (this.usedInodes + count > this.inodes) throw new FileError("ENOSPC");
    this.usedInodes += count;
  }

  /** A file gets longer or shorter. Holes count as if they were written. @throws {FileError} */
  resize(before: number, after: number): void {
    const more = blocksOf(after) - blocksOf(before);
    if (more > 0 && this.usedBytes + more > this.bytes) throw new FileError("ENOSPC");
    this.usedBytes += more;
  }
}

function blocksOf(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

abstract class ScratchNode {
  readonly volume: number = volume.scratch;
  readonly isOwn = true;
  readonly number: number;
  mode: number;
  accessedMs: number;
  modifiedMs: number;
  changedMs: number;
  readonly bornMs: number;
  protected readonly quota: Quota;

  /** @param inodes What it counts as. */
  constructor(quota: Quota, mode: number, inodes = 1) {
    this.quota = quota;
    this.number = quota.takeInode(inodes);
    this.mode = mode;
    this.bornMs = Date.now();
    this.accessedMs = this.bornMs;
    this.modifiedMs = this.bornMs;
    this.changedMs = this.bornMs;
  }

  /** What it holds is another. */
  modified(): void {
    this.modifiedMs = Date.now();
    this.changedMs = this.modifiedMs;
  }

  /** What is said of it is another. */
  changed(): void {
    this.changedMs = Date.now();
  }
}

export class ScratchFolder extends ScratchNode implements Folder {
  readonly kind = "folder";
  readonly bytes = 4096;
  readonly #entries = new Map<string, ScratchInode>();
  #folders = 0;

  get links(): number {
    return 2 + this.#folders;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  find(name: string): ScratchInode | undefined {
    return this.#entries.get(name);
  }

  *entries(): Iterable<readonly [string, Inode["kind"]]> {
    for (const [name, { kind }] of this.#entries) yield [name, kind];
  }

  put(name: string, inode: ScratchInode): void {
    this.take(name);
    this.#entries.set(name, inode);
    if (inode.kind === "folder") this.#folders++;
  }

  /** The name is free again; what it named may have others. */
  take(name: string): void {
    if (this.#entries.get(name)?.kind === "folder") this.#folders--;
    this.#entries.delete(name);
    this.modified();
  }

  gone(): void {
    this.quota.usedInodes--;
  }
}

export class ScratchLink extends ScratchNode implements Link {
  readonly kind = "link";
  readonly links = 1;
  readonly target: string;
  readonly bytes: number;
  readonly #inodes: number;

  constructor(quota: Quota, target: string) {
    const bytes = Buffer.byteLength(target);
    const inodes = 1 + Math.floor(bytes / targetBytesPerInode);
    super(quota, 0o777, inodes);
    this.target = target;
    this.bytes = bytes;
    this.#inodes = inodes;
  }

  gone(): void {
    this.quota.usedInodes -= this.#inodes;
  }
}

/**
 * A file of `/tmp`. It is there as long as it has a name or somebody has it open.
 *
 *     named ──► nameless, open ──► gone
 */
export class ScratchFile extends ScratchNode implements RegularFile {
  readonly kind = "file";
  bytes = 0;
  links = 0;
  readonly #store: ScratchStore;
  #users = 0;

  constructor(quota: Quota, mode: number, store: ScratchStore) {
    super(quota, mode);
    this.#store = store;
  }

  readAt(position: number, length: number): Uint8Array<ArrayBuffer> {
    const buffer = new Uint8Array(Math.max(0, Math.min(length, this.bytes - position)));
    const read = buffer.byteLength === 0 ? 0 : this.#store.read(this.number, buffer, position);
    this.#rest();
    return read === buffer.byteLength ? buffer : buffer.slice(0, read);
  }

  /** All of it or, where it does not fit, nothing. @throws {FileError} */
  writeAt(position: number, bytes: Uint8Array): number {
    if (bytes.byteLength === 0) return 0;
    const end = position + bytes.byteLength;
    if (end > this.bytes) this.quota.resize(this.bytes, end);
    try {
      this.#store.write(this.number, bytes, position);
    } catch (error) {
      if (end > this.bytes) {
        this.quota.resize(end, this.bytes);
        // What did get onto the disk would be neither counted nor, if the file got longer later, zeros.
        this.#store.cut(this.number, this.bytes);
      }
      throw error;
    }
    this.bytes = Math.max(this.bytes, end);
    this.modified();
    this.#rest();
    return bytes.byteLength;
  }

  truncate(bytes: number): void {
    if (bytes !== this.bytes) {
      this.quota.resize(this.bytes, bytes);
      this.#store.truncate(this.number, bytes);
      this.bytes = bytes;
      this.#rest();
    }
    this.modified();
  }

  opened(): void {
    this.#users++;
  }

  closed(): void {
    this.#users--;
    this.#rest();
    this.#end();
  }

  /** @throws {FileError} There are too many names. */
  named(): void {
    if (this.links > 0) this.quota.takeName();
    this.links++;
    this.changed();
  }

  gone(): void {
    this.links--;
    if (this.links > 0) this.quota.usedInodes--;
    this.changed();
    this.#end();
  }

  #rest(): void {
    if (this.#users === 0) this.#store.release(this.number);
  }

  #end(): void {
    if (this.links > 0 || this.#users > 0) return;
    this.quota.resize(this.bytes, 0);
    this.quota.usedInodes--;
    this.#store.remove(this.number);
  }
}
