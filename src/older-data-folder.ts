import { rm } from "node:fs/promises";
import { join } from "node:path";
import { resealOlderKeys } from "./access/index.ts";
import { type Keys, readOlderKey, removeOlderKey } from "./sealing/index.ts";
import { sealPlainBlobs } from "./store/index.ts";

/**
 * Seals what a Brisk without a master key left in a data folder, before anything of it is opened; the store seals its records
 * itself. It may end at any moment: the older key goes last, and until then the next start goes on with it.
 * @param say Told what is done, and of what could not be.
 */
export async function sealOlderDataFolder(
  dataDir: string,
  keys: Keys,
  say: (message: string) => void,
): Promise<void> {
  const olderKey = await readOlderKey(dataDir);
  if (olderKey === undefined) return;
  say(`sealing what an older Brisk left in ${dataDir}`);
  // Scripts in the clear, and snapshots under the older key. Both are made again.
  for (const name of ["bundles", "snapshots"]) {
    await rm(join(dataDir, "cache", name), { recursive: true, force: true });
  }
  for (const hash of await sealPlainBlobs(join(dataDir, "blobs"), keys.files)) {
    say(`the stored code ${hash} is damaged; functions that have it must be deployed again`);
  }
  await resealOlderKeys(dataDir, olderKey, keys.installation);
  await removeOlderKey(dataDir);
}
