import { deriveKey } from "./derive-key.ts";

/** What opens and seals files. */
export interface SealingKey {
  /** AES-256-GCM; cannot be read out. */
  readonly key: CryptoKey;
  /** Tells apart a file that was sealed with another key from one that was changed. Not secret. */
  readonly id: Uint8Array;
}

export const sealingKeyIdBytes = 8;

/** @param secret At least 32 bytes, uniformly random. */
export async function deriveSealingKey(secret: Uint8Array): Promise<SealingKey> {
  const bytes = new Uint8Array(deriveKey(secret, "brisk sealed files: key", 32));
  const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, id: deriveKey(secret, "brisk sealed files: key id", sealingKeyIdBytes) };
}
