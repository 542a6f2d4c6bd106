import { join } from "node:path";
import { z } from "zod";
import { type AccessKey, principalNamePattern } from "./access-key.ts";
import { AttachedPolicies, attachedPolicySchema } from "./attached-policies.ts";
import { OwnerOnlyFile } from "./owner-only-file.ts";

const keySchema = z.strictObject({
  accessKeyId: z.string().regex(/^[A-Z0-9]{16,128}$/),
  userName: z.string().regex(principalNamePattern).optional(),
  userId: z.string().min(1),
  createdMs: z.number(),
  secret: z.string(),
});
const fileSchema = z.strictObject({
  keys: z.array(keySchema),
  users: z.array(
    z.strictObject({
      name: z.string().regex(principalNamePattern),
      policies: z.array(attachedPolicySchema),
    }),
  ),
});

/** The keys that there are, and what their users may do. */
export interface StoredKeys {
  readonly keys: readonly AccessKey[];
  /** By the user's name; the account's root has none. */
  readonly policies: ReadonlyMap<string, AttachedPolicies>;
}

/** `access-keys.json` in the data folder: sealed, and readable by its owner only. */
export class KeyFile {
  readonly #file: OwnerOnlyFile<z.output<typeof fileSchema>>;

  constructor(dataDir: string, installationKey: Uint8Array) {
    this.#file = new OwnerOnlyFile(
      join(dataDir, "access-keys.json"),
      installationKey,
      fileSchema,
      "or belongs to another installation; remove it to have a new root key made",
    );
  }

  /**
   * @returns undefined when there is no file yet.
   * @throws {Error} Others may read it, or it does not hold what this installation wrote.
   */
  read(): Promise<StoredKeys | undefined> {
    return this.#file.read(({ keys, users }) => ({
      keys: keys.map(({ accessKeyId, secret, userName, userId, createdMs }) => ({
        accessKeyId,
        secretAccessKey: secret,
        user: { name: userName, userId },
        createdMs,
      })),
      policies: new Map(users.map((user) => [user.name, new AttachedPolicies(user.policies)])),
    }));
  }

  /** Whole or not at all, and on disk when it resolves. */
  async write({ keys, policies }: StoredKeys): Promise<void> {
    await this.#file.write({
      keys: keys.map(({ accessKeyId, secretAccessKey, user, createdMs }) => ({
        accessKeyId,
        ...(user.name !== undefined && { userName: user.name }),
        userId: user.userId,
        createdMs,
        secret: secretAccessKey,
      })),
      users: [...policies].map(([name, { list }]) => ({ name, policies: [...list] })),
    });
  }
}
