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
 * @param content One after the other. They must stay as they are until it settles; if they don't, the file does not open.
 * @returns SHA-256 of the content.
 */
export async function writeSealed(
  handle: FileHandle,
  sealing: SealingKey,
  name: SealedFileName,
  meta: Uint8Array,
  content: readonly Uint8Array[],
): Promise<Buffer> {
  const contentBytes = content.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const hash = await sha256(content);
  const description = Buffer.concat([hash, meta]);
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32BE(format, 8);
  header.writeUInt32BE(description.byteLength, 12);
  header.writeBigUInt64BE(BigInt(contentBytes), 16);
  header.set(sealing.id, 24);
  randomFillSync(header, 32);
  await handle.writeFile(header);
  await handle.writeFile(await seal(sealing, bindings(header, name, 0), description));
  let section = 1;
  for (const piece of slices(content, pieceBytes)) {
    await handle.writeFile(await seal(sealing, bindings(header, name, section++), piece));
  }
  return hash;
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

/** Giving way in between. */
async function sha256(content: readonly Uint8Array[]): Promise<Buffer> {
  const hash = createHash("sha256");
  for (const piece of slices(content, pieceBytes)) {
    hash.update(piece);
    if (piece.byteLength === pieceBytes) await new Promise(setImmediate);
  }
  return hash.digest();
}

/** Slices of one length, but for the last. What lies across two parts is copied, and nothing else. */
function* slices(parts: readonly Uint8Array[], bytes: number): Generator<Uint8Array> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; ) {
      const piece = part.subarray(at, at + bytes - pendingBytes);
      at += piece.byteLength;
      pendingBytes += piece.byteLength;
      pending.push(piece);
      if (pendingBytes < bytes) continue;
      yield joined(pending);
      pending = [];
      pendingBytes = 0;
    }
  }
  if (pending.length > 0) yield joined(pending);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}
