import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, syncFolder } from "./durable-file.ts";

// A data folder of a Brisk without a master key has its key in the clear, and only access keys and snapshots are sealed with it.
// Such a folder is sealed when it is opened; this file goes last, so that it says until then that the work is not done.

const keyBytes = 32;

/** @returns undefined when no Brisk without a master key left this folder. @throws {Error} It is damaged. */
export async function readOlderKey(dataDir: string): Promise<Buffer | undefined> {
  const file = olderKeyFile(dataDir);
  try {
    const key = await readFile(file);
    if (key.byteLength === keyBytes) return key;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  throw new Error(`Cannot use ${file}: it does not hold ${keyBytes} bytes; put it back from a backup`);
}

export async function removeOlderKey(dataDir: string): Promise<void> {
  await rm(olderKeyFile(dataDir), { force: true });
  await syncFolder(dataDir);
}

function olderKeyFile(dataDir: string): string {
  return join(dataDir, "installation.key");
}
