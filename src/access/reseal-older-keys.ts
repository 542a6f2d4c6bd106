import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isMissing, SealedValueError, writeFileDurably } from "../sealing/index.ts";
import { SecretSeal } from "./sealed-secret.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** As far as secrets go: whatever else is in there stays as it is. */
const fileSchema = z.looseObject({
  keys: z.array(
    z.looseObject({
      accessKeyId: z.string(),
      userName: z.string().optional(),
      userId: z.string(),
      createdMs: z.number(),
      secret: z.string(),
    }),
  ),
});

/**
 * Seals the secrets of `access-keys.json` with this installation's key instead of that of an older Brisk. The file is replaced as a
 * whole; when it has been already, nothing happens.
 * @throws {Error} Neither key opens it.
 */
export async function resealOlderKeys(
  dataDir: string,
  olderKey: Uint8Array,
  installationKey: Uint8Array,
): Promise<void> {
  const path = join(dataDir, "access-keys.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  const seal = new SecretSeal(installationKey);
  try {
    const content = fileSchema.parse(JSON.parse(text));
    const keys = content.keys.map((record) => {
      const owner = JSON.stringify([
        record.accessKeyId,
        record.userName ?? null,
        record.userId,
        record.createdMs,
      ]);
      const isDone = opens(seal, record.secret, owner);
      return isDone
        ? record
        : { ...record, secret: seal.seal(openOlder(olderKey, record.secret, owner), owner) };
    });
    await writeFileDurably(path, `${JSON.stringify({ ...content, keys }, null, 2)}\n`);
  } catch (cause) {
    throw new Error(
      `Cannot seal ${path} under the master key: it is damaged or belongs to another installation; put it back from a backup, or remove it to have a new root key made`,
      { cause },
    );
  }
}

function opens(seal: SecretSeal, sealed: string, owner: string): boolean {
  try {
    seal.open(sealed, owner);
    return true;
  } catch (error) {
    if (error instanceof SealedValueError) return false;
    throw error;
  }
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
