// A sealed file:
//
//   header, 48 bytes, in the clear: magic 8 │ format 4 │ description bytes 4 │ content bytes 8 │ key id 8 │ file id 16
//   description: nonce 12 │ sealed (SHA-256 of the content 32 │ meta as JSON) │ tag 16
//   content: pieces of 512 KiB (the last one may be shorter), each nonce 12 │ sealed bytes │ tag 16
//
// Each section is AES-256-GCM with a random nonce. Its additional data are the header, the file's name and the section's
// number, so nothing opens elsewhere: not under another name, not in another file or an older state of the same
// one (the file id is drawn at each writing), not in another place. Pieces keep a long content from holding up the
// event loop, and from being in memory twice.

/** What a file is called. It opens under no other name. */
export interface SealedFileName {
  readonly kind: string;
  readonly key: string;
}

export const magic = Buffer.from("BRSKSEAL");
export const format = 1;
export const headerBytes = 48;
export const hashBytes = 32;
export const nonceBytes = 12;
export const sealBytes = nonceBytes + 16;
/** Opening one holds up the loop for about a millisecond (bench/sealed-store.ts). */
export const pieceBytes = 512 * 1024;
/** Longest JSON of `meta`. */
export const maxMetaBytes = 1024 * 1024;

/** What a content with this much meta comes to on disk, bytes. */
export function sealedSize(metaBytes: number, contentBytes: number): number {
  const sections = 1 + Math.ceil(contentBytes / pieceBytes);
  return headerBytes + hashBytes + metaBytes + contentBytes + sections * sealBytes;
}

/** What a section is tied to, besides its key. The header has a fixed length and a kind holds no NUL, so no two are alike. */
export function bindings(
  header: Buffer,
  { kind, key }: SealedFileName,
  section: number,
): Buffer<ArrayBuffer> {
  return Buffer.concat([header, Buffer.from(`${kind}\0${key}\0${section}`)]);
}
