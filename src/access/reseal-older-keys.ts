import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isMissing } from "../sealing/index.ts";
import { AttachedPolicies } from "./attached-policies.ts";
import { KeyFile } from "./key-file.ts";
import { administratorPolicy } from "./managed-policies.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** Secrets were sealed, and nothing else; keys had no policies, and full access. */
const olderSchema = z.strictObject({
  version: z.literal(1),
  keys: z.array(
    z.strictObject({
      accessKeyId: z.string(),
      userName: z.string().optional(),
      userId: z.string(),
      createdMs: z.number(),
      secret: z.string(),
    }),
  ),
});

/**
 * Seals `access-keys.json` of a Brisk without a master key with this installation's key. The file is replaced as a whole; when it
 * has been already, nothing happens.
 * @throws {Error} Neither key opens it.
 */
export async function resealOlderKeys(
  dataDir: string,
  olderKey: Uint8Array,
  installationKey: Uint8Array,
): Promise<void> {
  const path = join(dataDir, "access-keys.json");
  const file = new KeyFile(dataDir, installationKey);
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (isMissing(error)) return;
    throw unusable(path, error);
  }
  const older = olderSchema.safeParse(content);
  if (!older.success) {
    // Resealed by a start that was interrupted later on; or nobody's.
    await file.read();
    return;
  }
  try {
    const keys = older.data.keys.map(({ accessKeyId, userName, userId, createdMs, secret }) => {
      const owner = JSON.stringify([accessKeyId, userName ?? null, userId, createdMs]);
      const secretAccessKey = openOlder(olderKey, secret, owner);
      return { accessKeyId, secretAccessKey, user: { name: userName, userId }, createdMs };
    });
    const users = keys.flatMap(({ user }) => (user.name === undefined ? [] : [user.name]));
    const everything = new AttachedPolicies([{ name: administratorPolicy }]);
    await file.write({ keys, policies: new Map(users.map((name) => [name, everything])) });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): Error {
  return new Error(
    `Cannot seal ${path} under the master key: it is damaged or belongs to another installation; put it back from a backup, or remove it to have a new root key made`,
    { cause },
  );
}

/** Nonce, sealed bytes, tag; nothing said which key or format it was. */
function openOlder(olderKey: Uint8Array, sealed: string, owner: string): string {
  const key = Buffer.from(hkdfSync("sha256", olderKey, "", "brisk access keys: key", 32));
  const bytes = Buffer.from(sealed, "base64");
  const end = Math.max(nonceBytes, bytes.byteLength - tagBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(owner))
    .setAuthTag(bytes.subarray(end));
  return decipher.update(bytes.subarray(nonceBytes, end), undefined, "utf8") + decipher.final("utf8");
}
