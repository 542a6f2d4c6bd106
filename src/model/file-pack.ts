/**
 * A file pack holds all files of one version, `/var/task` and `/opt`, for hosts to read by position: none ever
 * loads it whole.
 *
 *     header, 28 bytes: magic 8 │ format 4 │ salt 16
 *     sections: 64 KiB of content each (the last may be shorter), each a method byte and the bytes, sealed
 *     table: PackTable as JSON, sealed
 *     trailer, 4 bytes: length of the sealed table
 *
 * The content is that of the files, one behind the other, and a JSON list of PackedEntry for each folder. Sealed is
 * AES-256-GCM, the tag behind the bytes, under a key of this pack alone (`packCipherKey`); the nonce is the section's
 * number, since nothing is ever written twice. Numbers are big-endian.
 *
 * Every host may read the folder of packs, since it starts before it is known whose functions it will run. What keeps a
 * host that was broken out of from other functions' files is that it has the keys of its own ones only.
 */
import { hkdfSync } from "node:crypto";

export const packMagic: Buffer = Buffer.from("BRSKPACK");
export const packFormat = 1;
export const packSaltBytes = 16;
export const packHeaderBytes: number = 8 + 4 + packSaltBytes;
export const packTrailerBytes = 4;
export const packTagBytes = 16;
/** Bytes of content in a section. A small read costs one of them: 64 KiB are opened and unpacked in 0.1 ms. */
export const packSectionBytes: number = 64 * 1024;
/** The number under which the table is sealed. */
export const packTableSection: number = 2 ** 32 - 1;
/** Sections of a pack: 250 MB of files, and what lists them. */
export const maxPackSections = 8192;

/** The first byte of a section's plaintext: how the rest is to be read. */
export const packMethod = { stored: 0, zstd: 1 } as const;

/** Where in the content something lies. */
export type PackRange = readonly [start: number, bytes: number];

export interface PackTable {
  /** Bytes of each section as it lies in the file. */
  readonly sections: readonly number[];
  /** Bytes of content. */
  readonly bytes: number;
  /** The list of the folder above `task` and `opt`. */
  readonly root: PackRange;
}

/** One entry of a folder. Of a file or folder, `at` says where its content or list starts; of a link, where it leads. */
export type PackedEntry =
  | readonly [name: string, kind: "f" | "d", mode: number, mtimeMs: number, bytes: number, at: number]
  | readonly [name: string, kind: "l", mode: number, mtimeMs: number, bytes: number, at: string];

/** What a host is told of its environment's files. */
export interface FilePackReference {
  /** The pack's name in the folder of packs, 64 hex digits. */
  readonly name: string;
  /** Hex. */
  readonly key: string;
}

/** @returns Whether it can be joined to a path. */
export function isPackName(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** The key of the one pack of that name. @param secret Of this installation, at least 32 bytes. */
export function packKey(secret: Uint8Array, name: string): string {
  return Buffer.from(hkdfSync("sha256", secret, "", `brisk file packs: ${name}`, 32)).toString("hex");
}

/** The key of what was written with that salt: a pack that is made again never meets its old nonces. */
export function packCipherKey(key: string, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync("sha256", Buffer.from(key, "hex"), salt, "brisk file pack: sections", 32));
}

export function packNonce(section: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(section, 8);
  return nonce;
}
