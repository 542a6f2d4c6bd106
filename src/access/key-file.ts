import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { type AccessKey, userNamePattern } from "./access-key.ts";
import { SecretSeal } from "./sealed-secret.ts";

const recordSchema = z.strictObject({
  accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/),
  userName: z.string().regex(userNamePattern).optional(),
  userId: z.string().min(1),
  createdMs: z.number(),
  /** Sealed. */
  secret: z.string(),
});
const fileSchema = z.strictObject({ version: z.literal(1), keys: z.array(recordSchema) });

type KeyRecord = z.output<typeof recordSchema>;

/** `access-keys.json` in the data folder: readable by its owner only, and its secrets are sealed besides. */
export class KeyFile {
  readonly path: string;
  readonly #dir: string;
  readonly #seal: SecretSeal;

  constructor(dataDir: string, installationKey: Uint8Array) {
    this.#dir = resolve(dataDir);
    this.path = join(this.#dir, "access-keys.json");
    this.#seal = new SecretSeal(installationKey);
  }

  /**
   * @returns undefined when there is no file yet.
   * @throws {Error} Others may read it, or it does not hold what this installation wrote.
   */
  async read(): Promise<readonly AccessKey[] | undefined> {
    let text: string;
    try {
      const { mode } = await stat(this.path);
      if ((mode & 0o077) !== 0) {
        throw new Error(
          `Cannot use ${this.path}: others than its owner have access to it (mode ${(mode & 0o777).toString(8)}); run chmod 600 on it, and if anyone may have read it, replace the keys`,
        );
      }
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
    try {
      return fileSchema.parse(JSON.parse(text)).keys.map((record) => this.#open(record));
    } catch (error) {
      throw new Error(
        `Cannot use ${this.path}: it is damaged or belongs to another installation; remove it to have a new root key made`,
        { cause: error },
      );
    }
  }

  /** Whole or not at all, and on disk when it resolves. */
  async write(keys: readonly AccessKey[]): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.new`;
    const content = { version: 1, keys: keys.map((key) => this.#sealed(key)) };
    {
      await using handle = await open(temporary, "w", 0o600);
      // One that was left behind keeps its mode.
      await handle.chmod(0o600);
      await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
      await handle.sync();
    }
    await rename(temporary, this.path);
    await using folder = await open(this.#dir, "r");
    await folder.sync();
  }

  #sealed({ accessKeyId, secretAccessKey, user, createdMs }: AccessKey): KeyRecord {
    const record = {
      accessKeyId,
      ...(user.name !== undefined && { userName: user.name }),
      userId: user.userId,
      createdMs,
    };
    return { ...record, secret: this.#seal.seal(secretAccessKey, ownerOf(record)) };
  }

  #open(record: KeyRecord): AccessKey {
    return {
      accessKeyId: record.accessKeyId,
      secretAccessKey: this.#seal.open(record.secret, ownerOf(record)),
      user: { name: record.userName, userId: record.userId },
      createdMs: record.createdMs,
    };
  }
}

/** A secret opens for this key of this user only: nobody makes a key another user's by editing the file. */
function ownerOf(record: Omit<KeyRecord, "secret">): string {
  return JSON.stringify([record.accessKeyId, record.userName ?? null, record.userId, record.createdMs]);
}
