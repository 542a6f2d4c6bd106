/** What lies behind a name, whichever volume it is of. Paths of the machine appear nowhere in these. */
export type Inode = Folder | RegularFile | Link | NullDevice;

export const fileType = { folder: 0o040000, file: 0o100000, link: 0o120000, device: 0o020000 } as const;

/** One for each volume: what is on another cannot be renamed or linked to. */
export const volume = { root: 1, package: 2, scratch: 3 } as const;

interface Facts {
  readonly volume: number;
  readonly number: number;
  /** Permission bits. */
  readonly mode: number;
  readonly isOwn: boolean;
  readonly links: number;
  readonly bytes: number;
  readonly accessedMs: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
  readonly bornMs: number;
}

export interface Folder extends Facts {
  readonly kind: "folder";
  find(name: string): Inode | undefined;
  /** Sorted by nothing in particular, as on a disk. */
  entries(): Iterable<readonly [name: string, kind: Inode["kind"]]>;
}

export interface RegularFile extends Facts {
  readonly kind: "file";
  /** Fewer bytes at the end of the file. The answer owns its whole buffer. */
  readAt(position: number, length: number): Uint8Array<ArrayBuffer>;
}

export interface Link extends Facts {
  readonly kind: "link";
  readonly target: string;
}

/** `/dev/null` */
export interface NullDevice extends Facts {
  readonly kind: "device";
}

export const blockBytes = 4096;
/** As Lambda's user has them. */
export const userId = 993;
export const groupId = 990;

/** As the guest reads it: numbers in the order of Node's Stats, joined by commas. */
export function statText(inode: Inode): string {
  const owner = inode.isOwn ? [userId, groupId] : [0, 0];
  return [
    inode.volume,
    fileType[inode.kind] | inode.mode,
    inode.links,
    ...owner,
    0,
    blockBytes,
    inode.number,
    inode.bytes,
    Math.ceil(inode.bytes / blockBytes) * (blockBytes / 512),
    inode.accessedMs,
    inode.modifiedMs,
    inode.changedMs,
    inode.bornMs,
  ].join(",");
}

/**
 * Whether the function's user may. Its package it may read whatever the modes in the zip say, unlike on Lambda: a file
 * that only its owner may read is a mistake of who made the zip, and was in the bundle anyway.
 * @param wanted Bits of 4, 2 and 1.
 */
export function isAllowed(inode: Inode, wanted: number): boolean {
  const readable = inode.kind === "folder" ? 5 : 4;
  const bits = inode.isOwn ? inode.mode >> 6 : inode.mode | (inode.mode >> 6) | readable;
  return (bits & wanted) === wanted;
}
