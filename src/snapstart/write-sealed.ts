import { createHash, randomBytes, randomFillSync } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import {
  bindings,
  format,
  headerBytes,
  magic,
  nonceBytes,
  pieceBytes,
  type SealedFileName,
} from "./sealed-layout.ts";
import type { SealingKey } from "./sealing-key.ts";

/**
 * Writes a sealed file at the handle's start, without syncing it.
 * @param meta JSON.
 * @param bytes Must stay as they are until it settles; if they don't, the file does not open.
 */
export async function writeSealed(
  handle: FileHandle,
  sealing: SealingKey,
  name: SealedFileName,
  meta: Uint8Array,
  bytes: Uint8Array,
): Promise<void> {
  const description = Buffer.concat([await sha256(bytes), meta]);
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32BE(format, 8);
  header.writeUInt32BE(description.byteLength, 12);
  header.writeBigUInt64BE(BigInt(bytes.byteLength), 16);
  header.set(sealing.id, 24);
  randomFillSync(header, 32);
  await handle.writeFile(header);
  await handle.writeFile(await seal(sealing, bindings(header, name, 0), description));
  for (let at = 0, section = 1; at < bytes.byteLength; at += pieceBytes, section++) {
    const piece = bytes.subarray(at, at + pieceBytes);
    await handle.writeFile(await seal(sealing, bindings(header, name, section), piece));
  }
}

/**
 * With one key, random nonces stay apart for 2^32 sections (NIST SP 800-38D, 8.3), which is 2 PB of content.
 */
async function seal(
  { key }: SealingKey,
  additionalData: Buffer<ArrayBuffer>,
  plain: Uint8Array,
): Promise<Buffer> {
  const iv = randomBytes(nonceBytes);
  // Copied before the call returns, so it may be a view of anything but shared memory.
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData },
    key,
    plain as Uint8Array<ArrayBuffer>,
  );
  return Buffer.concat([iv, new Uint8Array(sealed)]);
}

/** In pieces, giving way in between. */
async function sha256(bytes: Uint8Array): Promise<Buffer> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    if (at > 0) await new Promise(setImmediate);
    hash.update(bytes.subarray(at, at + pieceBytes));
  }
  return hash.digest();
}
