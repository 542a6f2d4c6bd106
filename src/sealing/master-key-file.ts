import { open } from "node:fs/promises";
import { createFileDurably, isMissing } from "./durable-file.ts";
import { type MasterKey, MasterKeyError, newMasterKeyText, parseMasterKey } from "./master-key.ts";

const maxFileBytes = 4096;

/**
 * @returns undefined when there is no such file.
 * @throws {MasterKeyError} Others than its owner have access to it, or it holds no key.
 */
export async function readMasterKeyFile(path: string): Promise<MasterKey | undefined> {
  try {
    await using handle = await open(path, "r");
    const { mode, size } = await handle.stat();
    // Of the open file: whoever puts another one in its place meanwhile changes nothing.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new MasterKeyError(
        `Cannot use the master key file ${path}: others than its owner have access to it (mode ${(mode & 0o777).toString(8)}); run chmod 600 on it, and if anyone may have read it, run brisk master-key rotate`,
      );
    }
    if (size > maxFileBytes) {
      throw new MasterKeyError(`Cannot use the master key file ${path}: it has ${size} bytes, a key has 44`);
    }
    return parseMasterKey(await handle.readFile("utf8"), `the file ${path}`);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof MasterKeyError) throw error;
    throw new MasterKeyError(
      `Cannot read the master key file ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/**
 * A new key in a new file, for its owner only; on disk when this resolves.
 * @returns undefined when there is such a file: no key that something may be sealed under is ever replaced.
 * @throws {MasterKeyError} It cannot be written.
 */
export async function makeMasterKeyFile(path: string): Promise<MasterKey | undefined> {
  const text = newMasterKeyText();
  try {
    if (!(await createFileDurably(path, `${text}\n`))) return undefined;
  } catch (error) {
    throw new MasterKeyError(
      `Cannot write the master key file ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  return parseMasterKey(text, `the file ${path}`);
}
