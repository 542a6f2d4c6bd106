import { FileError } from "./errno.ts";
import { type Folder, type Inode, isAllowed } from "./inode.ts";

/** Symbolic links followed on one way, as Linux allows. */
const maxLinks = 40;
/** Names passed on one way: twice what one path can hold. Linux has no such limit, nor has it others who wait meanwhile. */
const maxNames = 4096;
const maxNameBytes = 255;
const maxPathBytes = 4096;

/** Where a path leads: the last folder on the way, the name in it, and what is there, if anything. */
export interface Place {
  /** The root is in itself, without a name. */
  readonly parent: Folder;
  readonly name: string;
  readonly inode: Inode | undefined;
  /** Absolute, without links. */
  readonly path: string;
  /** The path ended with a slash: only a folder can be meant. */
  readonly wantsFolder: boolean;
}

/**
 * Follows an absolute path of the guest's from folder to folder of our own. The operating system sees none of it, so there is
 * nothing to get out to: `..` of the root is the root, and a link leads to where the same way would.
 * @throws {FileError}
 */
export function walk(root: Folder, path: string, followsLast: boolean): Place {
  if (path.includes("\0")) throw new FileError("EINVAL");
  if (!path.startsWith("/")) throw new FileError("ENOENT");
  if (path.length >= maxPathBytes || Buffer.byteLength(path) >= maxPathBytes)
    throw new FileError("ENAMETOOLONG");
  const trail: { folder: Folder; name: string }[] = [{ folder: root, name: "" }];
  // The next one last: what links lead to is put on top.
  const ahead = namesOf(path).reverse();
  let links = 0;
  let wantsFolder = /\/\.?$/.test(path);
  const top = () => trail[trail.length - 1]!;
  const pathTo = (name?: string) => {
    const parts = trail.slice(1).map((one) => one.name);
    return `/${(name === undefined ? parts : [...parts, name]).join("/")}`;
  };
  for (let passed = 0; ; passed++) {
    const name = ahead.pop();
    if (name === undefined) {
      // The path ended with a folder that we are in.
      const { folder, name: own } = top();
      const parent = trail.length > 1 ? trail[trail.length - 2]!.folder : root;
      return { parent, name: own, inode: folder, path: pathTo(), wantsFolder };
    }
    if (passed >= maxNames) throw new FileError("ELOOP");
    if (!isAllowed(top().folder, 1)) throw new FileError("EACCES");
    if (name === "..") {
      if (trail.length > 1) trail.pop();
      continue;
    }
    if (name.length > maxNameBytes || Buffer.byteLength(name) > maxNameBytes)
      throw new FileError("ENAMETOOLONG");
    const inode = top().folder.find(name);
    const isLast = ahead.length === 0;
    if (inode?.kind === "link" && (!isLast || followsLast || wantsFolder)) {
      if (++links > maxLinks) throw new FileError("ELOOP");
      if (inode.target.startsWith("/")) trail.length = 1;
      if (isLast && inode.target.endsWith("/")) wantsFolder = true;
      ahead.push(...namesOf(inode.target).reverse());
      continue;
    }
    if (isLast && inode?.kind !== "folder") {
      if (wantsFolder && inode !== undefined) throw new FileError("ENOTDIR");
      return { parent: top().folder, name, inode, path: pathTo(name), wantsFolder };
    }
    if (inode === undefined) throw new FileError("ENOENT");
    if (inode.kind !== "folder") throw new FileError("ENOTDIR");
    trail.push({ folder: inode, name });
  }
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
