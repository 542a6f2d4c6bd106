import { hkdfSync } from "node:crypto";

/**
 * A key for one purpose: whoever has it learns nothing of the secret, nor of keys with other labels.
 * @param secret Uniformly random, so no salt is needed.
 */
export function deriveKey(secret: Uint8Array, label: string, bytes: number): Buffer {
  if (secret.byteLength < 32)
    throw new TypeError(`a secret to derive from has at least 32 bytes, not ${secret.byteLength}`);
  return Buffer.from(hkdfSync("sha256", secret, "", label, bytes));
}
