import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { renameDurably, writeFileDurably } from "./durable-file.ts";
import { InstallationKeyFile } from "./installation-key-file.ts";
import { type MasterKey, MasterKeyError } from "./master-key.ts";
import { makeMasterKeyFile } from "./master-key-file.ts";
import { type MasterKeySettings, MasterKeySource } from "./master-key-source.ts";
import { noMasterKey } from "./open-keys.ts";

export interface Rotation {
  /** Ids of the master keys. */
  readonly from: string;
  readonly to: string;
  /** Where the new one is. */
  readonly origin: string;
  /** Where the one before was kept: backups that were made with it need it. Absent when it was in no file of ours. */
  readonly keptFile: string | undefined;
}

/**
 * Seals a data folder's installation key under another master key. What was sealed with the installation key stays as it is, so
 * it takes no longer for a large folder. Whenever it is interrupted, one of the two master keys opens the folder.
 * @param dataDir Its lock is the caller's.
 * @param next Where the new master key is; absent: one is made, in the place of the file of the one before.
 * @throws {MasterKeyError} Nothing was changed.
 */
export async function rotateMasterKey(
  dataDir: string,
  current: MasterKeySettings,
  next: MasterKeySettings | undefined,
): Promise<Rotation> {
  const root = resolve(dataDir);
  const file = new InstallationKeyFile(root);
  const wrapped = await file.read();
  if (wrapped === undefined) {
    throw new MasterKeyError(
      `Cannot rotate the master key of ${root}: there is no ${file.path}; the first start of a server makes it`,
    );
  }
  const source = new MasterKeySource(current, root);
  const before = await source.load();
  if (before === undefined) throw noMasterKey(root, source, wrapped[0]?.masterKeyId ?? "");
  const installationKey = file.unwrap(wrapped, before);
  if (next !== undefined) {
    const after = await stableKey(new MasterKeySource(next, root));
    if (after.id === before.id) {
      throw new MasterKeyError(
        `Cannot rotate the master key of ${root}: ${after.origin} holds the one that it has already, ${before.id}`,
      );
    }
    await file.write(installationKey, [after]);
    return { from: before.id, to: after.id, origin: after.origin, keptFile: undefined };
  }
  if (source.file === undefined) {
    throw new MasterKeyError(
      `Cannot rotate the master key of ${root}: the one of now is in ${source.description}, where no new one can be put; say where the new one is with --new-master-key-file or --new-master-key-command`,
    );
  }
  const keptFile = `${source.file}.${before.id}`;
  // On disk before anything replaces the one before: without it no older backup opens.
  await writeFileDurably(keptFile, await readFile(source.file));
  const newFile = `${source.file}.new`;
  const made = await newMasterKey(newFile);
  // From here on both open the folder, until the new one is where the next start looks for it.
  await file.write(installationKey, [before, made]);
  await renameDurably(newFile, source.file);
  await file.write(installationKey, [made]);
  return { from: before.id, to: made.id, origin: source.description, keptFile };
}

/** One that is there was left by a rotation that was interrupted, and nothing is sealed under it alone. */
async function newMasterKey(path: string): Promise<MasterKey> {
  await rm(path, { force: true });
  const made = await makeMasterKeyFile(path);
  if (made === undefined) throw new MasterKeyError(`Cannot make ${path}: another program has just made it`);
  return made;
}

/** A command that prints another key each time would lock everybody out. */
async function stableKey(source: MasterKeySource): Promise<MasterKey> {
  const { key } = await source.loadOrMake();
  const again = await source.load();
  if (again?.id === key.id) return key;
  throw new MasterKeyError(
    `Cannot use ${source.description} as the new master key: asked twice, it gave two different keys; it has to print the same one each time`,
  );
}
