import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const nonceBytes = 12;
const tagBytes = 16;

/** Seals short secrets at rest with AES-256-GCM, each to the record that it belongs to. */
export class SecretSeal {
  readonly #key: Buffer;

  /** @param installationKey Secret of this installation, at least 32 bytes. No salt: it is uniformly random. */
  constructor(installationKey: Uint8Array) {
    if (installationKey.byteLength < 32) throw new TypeError("the installation's key has at least 32 bytes");
    this.#key = Buffer.from(hkdfSync("sha256", installationKey, "", "brisk access keys: key", 32));
  }

  /** @param owner What the secret belongs to: only with the same owner it opens again. @returns Base64. */
  seal(secret: string, owner: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(owner));
    return Buffer.concat([
      nonce,
      cipher.update(secret, "utf8"),
      cipher.final(),
      cipher.getAuthTag(),
    ]).toString("base64");
  }

  /** @throws {Error} It was sealed by another installation or for another owner, or was changed. */
  open(sealed: string, owner: string): string {
    const bytes = Buffer.from(sealed, "base64");
    const end = Math.max(nonceBytes, bytes.byteLength - tagBytes);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
      .setAAD(Buffer.from(owner))
      .setAuthTag(bytes.subarray(end));
    return decipher.update(bytes.subarray(nonceBytes, end), undefined, "utf8") + decipher.final("utf8");
  }
}
