import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isMissing, writeFileDurably } from "./durable-file.ts";
import { type MasterKey, MasterKeyError } from "./master-key.ts";
import { ValueSeal } from "./sealed-value.ts";

const wrappedSchema = z.strictObject({
  masterKeyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** The installation key, sealed under that master key; base64. */
  installationKey: z.base64(),
});
const fileSchema = z.strictObject({
  version: z.literal(1),
  /** Two while the master key is being rotated: the one before and the new one. */
  wrapped: z.array(wrappedSchema).min(1).max(2),
});

type WrappedKey = z.output<typeof wrappedSchema>;

const place = ["installation key"];

/**
 * `installation-key.json` in the data folder: the key that everything in there is sealed with, itself sealed under the master
 * key. A new master key seals this file anew, and nothing else.
 */
export class InstallationKeyFile {
  readonly path: string;
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.path = join(dataDir, "installation-key.json");
  }

  /** @returns undefined when there is no such file. @throws {MasterKeyError} It is damaged. */
  async read(): Promise<readonly WrappedKey[] | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text)).wrapped;
    } catch (cause) {
      throw this.#damaged(cause);
    }
  }

  /** @throws {MasterKeyError} The data folder is sealed under another master key, or the file is damaged. */
  unwrap(wrapped: readonly WrappedKey[], masterKey: MasterKey): Buffer {
    const own = wrapped.find(({ masterKeyId }) => masterKeyId === masterKey.id);
    if (own === undefined) {
      const ids = wrapped.map(({ masterKeyId }) => masterKeyId).join(" or ");
      throw new MasterKeyError(
        `Cannot open the data folder ${this.#dataDir}: it is sealed under the master key ${ids}, and ${masterKey.origin} holds the master key ${masterKey.id}. Give the right one with --master-key-file, --master-key-command or BRISK_MASTER_KEY; without it nothing in there can be opened. Nothing was changed`,
      );
    }
    try {
      return sealOf(masterKey).open(Buffer.from(own.installationKey, "base64"), place);
    } catch (cause) {
      throw this.#damaged(cause);
    }
  }

  /** Whole or not at all. @param masterKeys Each of them opens the folder from then on, and no other. */
  async write(installationKey: Uint8Array, masterKeys: readonly MasterKey[]): Promise<void> {
    const wrapped = masterKeys.map((masterKey) => ({
      masterKeyId: masterKey.id,
      installationKey: sealOf(masterKey).seal(installationKey, place).toString("base64"),
    }));
    await writeFileDurably(this.path, `${JSON.stringify({ version: 1, wrapped }, null, 2)}\n`);
  }

  #damaged(cause: unknown): MasterKeyError {
    return new MasterKeyError(
      `Cannot open the data folder ${this.#dataDir}: ${this.path} is damaged or of a newer Brisk; put it back from a backup. Nothing was changed`,
      { cause },
    );
  }
}

function sealOf(masterKey: MasterKey): ValueSeal {
  return new ValueSeal(masterKey.bytes, "brisk installation key");
}
