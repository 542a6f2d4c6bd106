import { open, readFile } from "node:fs/promises";
import type { SealingKey } from "../sealing/index.ts";
import { BlobFolder, sha256 } from "./blob-folder.ts";

/**
 * Seals the blobs that an older Brisk left in the clear, one after the other, in place. Those that are sealed already
 * are left alone, so it may be interrupted at any moment and called again.
 * @returns The hashes of blobs that are not what their name says: those stay as they are, and are never read.
 */
export async function sealPlainBlobs(dir: string, sealing: SealingKey): Promise<readonly string[]> {
  const folder = await BlobFolder.open(dir, sealing);
  const damaged: string[] = [];
  for (const hash of await folder.list()) {
    if (await isSealed(folder.file(hash))) continue;
    const bytes = await readFile(folder.file(hash));
    if ((await sha256(bytes)) === hash) await folder.replace(hash, bytes);
    else damaged.push(hash);
  }
  return damaged;
}

/** A zip begins otherwise; and what begins so without being sealed does not open. */
async function isSealed(file: string): Promise<boolean> {
  await using handle = await open(file, "r");
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  return bytesRead === 8 && buffer.toString("latin1") === "BRSKSEAL";
}
