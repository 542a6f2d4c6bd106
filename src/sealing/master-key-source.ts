import { join } from "node:path";
import { type MasterKey, MasterKeyError, parseMasterKey } from "./master-key.ts";
import { runMasterKeyCommand } from "./master-key-command.ts";
import { makeMasterKeyFile, readMasterKeyFile } from "./master-key-file.ts";

/** Where the master key is. With none of them it is in the data folder's `master.key`. */
export interface MasterKeySettings {
  /** The key itself, base64. */
  readonly masterKey?: string | undefined;
  /** Absolute path. */
  readonly masterKeyFile?: string | undefined;
  /** A shell command that prints the key. */
  readonly masterKeyCommand?: string | undefined;
}

export interface LoadedMasterKey {
  readonly key: MasterKey;
  /** It was made just now. */
  readonly isNew: boolean;
}

export class MasterKeySource {
  readonly #settings: MasterKeySettings;
  /** Where it is looked for, for messages. */
  readonly description: string;
  /** Absent when the key is not in a file. */
  readonly file: string | undefined;

  /** @throws {MasterKeyError} More than one is given: which one counts would be a guess. */
  constructor(settings: MasterKeySettings, dataDir: string) {
    const { masterKey, masterKeyFile, masterKeyCommand } = settings;
    const given = [
      ...(masterKey === undefined ? [] : ["BRISK_MASTER_KEY (masterKey)"]),
      ...(masterKeyFile === undefined ? [] : ["--master-key-file (BRISK_MASTER_KEY_FILE)"]),
      ...(masterKeyCommand === undefined ? [] : ["--master-key-command (BRISK_MASTER_KEY_COMMAND)"]),
    ];
    if (given.length > 1) {
      throw new MasterKeyError(`Cannot choose a master key: ${given.join(" and ")} are both set; keep one`);
    }
    this.#settings = settings;
    this.file =
      given.length === 0 || masterKeyFile !== undefined
        ? (masterKeyFile ?? join(dataDir, "master.key"))
        : undefined;
    this.description =
      this.file !== undefined
        ? `the file ${this.file}`
        : masterKeyCommand !== undefined
          ? `the command ${JSON.stringify(masterKeyCommand)}`
          : "BRISK_MASTER_KEY (masterKey)";
  }

  /** @returns undefined when it is in a file, which is not there. @throws {MasterKeyError} */
  async load(): Promise<MasterKey | undefined> {
    const { masterKey, masterKeyCommand } = this.#settings;
    if (masterKey !== undefined) return parseMasterKey(masterKey, this.description);
    if (masterKeyCommand !== undefined) return runMasterKeyCommand(masterKeyCommand);
    return this.file === undefined ? undefined : readMasterKeyFile(this.file);
  }

  /** As `load`; a file that is not there is made, with a new key. */
  async loadOrMake(): Promise<LoadedMasterKey> {
    const found = await this.load();
    if (found !== undefined) return { key: found, isNew: false };
    if (this.file === undefined) throw new TypeError("only a file can be missing");
    const made = await makeMasterKeyFile(this.file);
    // Servers with a folder each may share a key file: another one was first.
    return made === undefined ? this.loadOrMake() : { key: made, isNew: true };
  }
}
