import { hkdfSync } from "node:crypto";

/** What opens and seals the files of one installation. */
export interface SealingKey {
  /** AES-256-GCM; cannot be read out. */
  readonly key: CryptoKey;
  /** Tells apart a file that another installation sealed from one that was changed. Not secret. */
  readonly id: Uint8Array;
}

export const sealingKeyIdBytes = 8;

/**
 * A key for sealing alone: whoever makes the installation's key sign something (links to code) learns nothing that
 * opens a file.
 * @param installationKey Secret of this installation, at least 32 bytes.
 */
export async function deriveSealingKey(installationKey: Uint8Array): Promise<SealingKey> {
  if (installationKey.byteLength < 32) throw new TypeError("the installation's key has at least 32 bytes");
  const secret = derive(installationKey, "brisk sealed files: key", 32);
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    key,
    id: new Uint8Array(derive(installationKey, "brisk sealed files: key id", sealingKeyIdBytes)),
  };
}

/** No salt: the installation's key is uniformly random. */
function derive(key: Uint8Array, label: string, bytes: number): ArrayBuffer {
  return hkdfSync("sha256", key, "", label, bytes);
}
