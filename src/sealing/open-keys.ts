import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InstallationKeyFile } from "./installation-key-file.ts";
import { deriveKeys, type Keys } from "./keys.ts";
import { MasterKeyError } from "./master-key.ts";
import { type MasterKeySettings, MasterKeySource } from "./master-key-source.ts";
import { readOlderKey } from "./older-key.ts";

export interface OpenedKeys {
  readonly keys: Keys;
  /** The file of the master key that this start made. */
  readonly newMasterKeyFile: string | undefined;
}

const installationKeyBytes = 32;
/** What says that a folder has been used: its keys must be there already. */
const traces = ["brisk.sqlite", "access-keys.json", "roles.json"];

/**
 * The keys of a data folder; for a new one, and for one of a Brisk that had none, they are made.
 * @param dataDir Its lock is the caller's.
 * @throws {MasterKeyError} There is no master key, or another one. Nothing was changed then.
 */
export async function openKeys(dataDir: string, settings: MasterKeySettings = {}): Promise<OpenedKeys> {
  const root = resolve(dataDir);
  const source = new MasterKeySource(settings, root);
  const file = new InstallationKeyFile(root);
  const wrapped = await file.read();
  if (wrapped !== undefined) {
    const masterKey = await source.load();
    if (masterKey === undefined) throw noMasterKey(root, source, wrapped[0]?.masterKeyId ?? "");
    const installationKey = file.unwrap(wrapped, masterKey);
    // A rotation was interrupted: the key that is used is the one that counts.
    if (wrapped.length > 1) await file.write(installationKey, [masterKey]);
    return { keys: await deriveKeys(installationKey), newMasterKeyFile: undefined };
  }
  if (traces.some((name) => existsSync(join(root, name))) && (await readOlderKey(root)) === undefined) {
    throw new MasterKeyError(
      `Cannot open the data folder ${root}: ${file.path} is missing, and what is in there cannot be opened without it; put it back from a backup. Nothing was changed`,
    );
  }
  await mkdir(root, { recursive: true, mode: 0o700 });
  const { key: masterKey, isNew } = await source.loadOrMake();
  const installationKey = randomBytes(installationKeyBytes);
  await file.write(installationKey, [masterKey]);
  return { keys: await deriveKeys(installationKey), newMasterKeyFile: isNew ? source.file : undefined };
}

/** @param id Of the master key that is wanted. */
export function noMasterKey(root: string, source: MasterKeySource, id: string): MasterKeyError {
  return new MasterKeyError(
    `Cannot open the data folder ${root}: it is sealed under the master key ${id}, and ${source.description} is not there. Put the file back from where its copy is kept, or say where the key is with --master-key-file, --master-key-command or BRISK_MASTER_KEY; without it nothing in there can be opened. Nothing was changed`,
  );
}
