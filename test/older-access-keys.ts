import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { AccessKey } from "../src/access/index.ts";

/** `access-keys.json` as a Brisk without a master key wrote it: each secret sealed with the key that lay beside it. */
export function olderAccessKeys(keys: readonly AccessKey[], olderKey: Uint8Array): string {
  const key = Buffer.from(hkdfSync("sha256", olderKey, "", "brisk access keys: key", 32));
  const records = keys.map(({ accessKeyId, secretAccessKey, user, createdMs }) => {
    const owner = JSON.stringify([accessKeyId, user.name ?? null, user.userId, createdMs]);
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([nonce, cipher.update(secretAccessKey, "utf8"), cipher.final()]);
    const secret = Buffer.concat([sealed, cipher.getAuthTag()]).toString("base64");
    return { accessKeyId, ...(user.name && { userName: user.name }), userId: user.userId, createdMs, secret };
  });
  return JSON.stringify({ version: 1, keys: records });
}
