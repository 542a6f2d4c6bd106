import { randomUUID } from "node:crypto";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts a file in the place of what has its name, whole or not at all, readable by its owner only. It is on disk when
 * this resolves.
 */
export async function writeFileDurably(path: string, content: string | Uint8Array): Promise<void> {
  await withTemporary(path, content, (temporary) => rename(temporary, path));
}

/**
 * As `writeFileDurably`, but only where nothing has that name.
 * @returns false when something has: it stays as it is.
 */
export async function createFileDurably(path: string, content: string | Uint8Array): Promise<boolean> {
  try {
    // A link is refused where a rename would replace, and appears whole, where a file that is opened is empty at first.
    await withTemporary(path, content, (temporary) => link(temporary, path));
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** @param place Gives the file, which is on disk, its name. */
async function withTemporary(
  path: string,
  content: string | Uint8Array,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    {
      await using handle = await open(temporary, "wx", 0o600);
      await handle.writeFile(content);
      await handle.sync();
    }
    await place(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

/** Within one folder, or to a folder whose own name is on disk. The file's content is the caller's to sync. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** A rename is on disk when its folder is. */
export async function syncFolder(dir: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(dir, "r");
    await handle.sync();
  } catch (error) {
    // Windows opens no folders, and needs none synced.
    if (process.platform !== "win32") throw error;
  } finally {
    await handle?.close();
  }
}

export function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
