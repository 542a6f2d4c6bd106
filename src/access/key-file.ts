import { join } from "node:path";
import { z } from "zod";
import { type AccessKey, principalNamePattern } from "./access-key.ts";
import { AttachedPolicies, attachedPolicySchema } from "./attached-policies.ts";
import { administratorPolicy } from "./managed-policies.ts";
import { OwnerOnlyFile } from "./owner-only-file.ts";
import { SecretSeal } from "./sealed-secret.ts";

const keySchema = z.strictObject({
  accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/),
  userName: z.string().regex(principalNamePattern).optional(),
  userId: z.string().min(1),
  createdMs: z.number(),
  /** Sealed. */
  secret: z.string(),
});
const userSchema = z.strictObject({
  name: z.string().regex(principalNamePattern),
  policies: z.array(attachedPolicySchema),
});
const fileSchema = z.union([
  // Keys had no policies, and full access.
  z.strictObject({ version: z.literal(1), keys: z.array(keySchema) }),
  z.strictObject({ version: z.literal(2), keys: z.array(keySchema), users: z.array(userSchema) }),
]);

type KeyRecord = z.output<typeof keySchema>;

/** The keys that there are, and what their users may do. */
export interface StoredKeys {
  readonly keys: readonly AccessKey[];
  /** By the user's name; the account's root has none. */
  readonly policies: ReadonlyMap<string, AttachedPolicies>;
}

/** `access-keys.json` in the data folder: readable by its owner only, and its secrets are sealed besides. */
export class KeyFile {
  readonly #file: OwnerOnlyFile<z.output<typeof fileSchema>>;
  readonly #seal: SecretSeal;

  constructor(dataDir: string, installationKey: Uint8Array) {
    this.#file = new OwnerOnlyFile(
      join(dataDir, "access-keys.json"),
      fileSchema,
      "or belongs to another installation; remove it to have a new root key made",
    );
    this.#seal = new SecretSeal(installationKey);
  }

  /**
   * @returns undefined when there is no file yet.
   * @throws {Error} Others may read it, or it does not hold what this installation wrote.
   */
  read(): Promise<StoredKeys | undefined> {
    return this.#file.read((content) => {
      const keys = content.keys.map((record) => this.#open(record));
      const users =
        content.version === 2
          ? content.users
          : keys.flatMap(({ user }) =>
              user.name === undefined ? [] : [{ name: user.name, policies: fullAccess }],
            );
      const policies = new Map(users.map((user) => [user.name, new AttachedPolicies(user.policies)]));
      return { keys, policies };
    });
  }

  /** Whole or not at all, and on disk when it resolves. */
  async write({ keys, policies }: StoredKeys): Promise<void> {
    await this.#file.write({
      version: 2,
      users: [...policies].map(([name, { list }]) => ({ name, policies: [...list] })),
      keys: keys.map((key) => this.#sealed(key)),
    });
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

const fullAccess = [{ name: administratorPolicy }];

/** A secret opens for this key of this user only: nobody makes a key another user's by editing the file. */
function ownerOf(record: Omit<KeyRecord, "secret">): string {
  return JSON.stringify([record.accessKeyId, record.userName ?? null, record.userId, record.createdMs]);
}
