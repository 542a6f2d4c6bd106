import { createDecipheriv } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import {
  type FilePackReference,
  isPackName,
  maxPackSections,
  type PackedEntry,
  type PackRange,
  type PackTable,
  packCipherKey,
  packFormat,
  packHeaderBytes,
  packMagic,
  packMethod,
  packNonce,
  packSectionBytes,
  packTableSection,
  packTagBytes,
  packTrailerBytes,
} from "../../model/file-pack.ts";
import { FileError } from "./errno.ts";
import type { SectionCache } from "./section-cache.ts";

/** Longest table: 8,192 lengths as JSON. */
const maxTableBytes = 128 * 1024;

/** A pack that is open: content by position. It stays what it was when a new one takes its name. */
export class FilePack {
  readonly #fd: number;
  readonly #key: Buffer;
  readonly #starts: readonly number[];
  readonly #sealedBytes: readonly number[];
  readonly table: PackTable;
  /** The sections used last, unpacked: small files lie beside each other. */
  readonly #sections: SectionCache;
  readonly #number: number;

  private constructor(fd: number, key: Buffer, table: PackTable, sections: SectionCache) {
    this.#fd = fd;
    this.#key = key;
    this.table = table;
    this.#sections = sections;
    this.#number = sections.newPack();
    this.#sealedBytes = table.sections;
    let at = packHeaderBytes;
    this.#starts = table.sections.map((bytes) => {
      at += bytes;
      return at - bytes;
    });
  }

  /** @throws {FileError} There is none, it is damaged, or the key is another's. */
  static open(dir: string, reference: FilePackReference, sections: SectionCache): FilePack {
    return orUnreadable(() => FilePack.#open(dir, reference, sections));
  }

  static #open(dir: string, { name, key }: FilePackReference, sections: SectionCache): FilePack {
    if (!isPackName(name)) throw new TypeError("A file pack has another name");
    const fd = openSync(join(dir, `${name}.pack`), "r");
    try {
      const header = readAll(fd, 0, packHeaderBytes);
      if (!header.subarray(0, 8).equals(packMagic) || header.readUInt32BE(8) !== packFormat)
        throw new Error("it is no file pack of this format");
      const cipherKey = packCipherKey(key, header.subarray(12));
      const trailerAt = fstatSync(fd).size - packTrailerBytes;
      const tableBytes = readAll(fd, trailerAt, packTrailerBytes).readUInt32BE(0);
      if (tableBytes > maxTableBytes) throw new Error(`its table has ${tableBytes} bytes`);
      const sealed = readAll(fd, trailerAt - tableBytes, tableBytes);
      const table = JSON.parse(unseal(cipherKey, packTableSection, sealed).toString("utf8")) as PackTable;
      if (table.sections.length > maxPackSections)
        throw new Error(`it has ${table.sections.length} sections`);
      return new FilePack(fd, cipherKey, table, sections);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** A copy that owns its whole buffer. @throws {FileError} */
  read(start: number, length: number): Uint8Array<ArrayBuffer> {
    if (length === 0) return new Uint8Array(0);
    // Where something lies is the builder's word, and a stranger's zip may have taken that over.
    const isThere = start >= 0 && length > 0 && start + length <= this.#starts.length * packSectionBytes;
    if (!isThere) throw new FileError("EIO");
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = start + done;
      const section = orUnreadable(() => this.#section(Math.floor(at / packSectionBytes)));
      const from = at % packSectionBytes;
      const piece = section.subarray(from, from + length - done);
      if (piece.byteLength === 0) throw new FileError("EIO");
      bytes.set(piece, done);
      done += piece.byteLength;
    }
    return bytes;
  }

  /** @throws {FileError} */
  folder([start, bytes]: PackRange): readonly PackedEntry[] {
    return JSON.parse(Buffer.from(this.read(start, bytes).buffer).toString("utf8")) as PackedEntry[];
  }

  close(): void {
    closeSync(this.#fd);
    this.#sections.forget(this.#number);
  }

  #section(index: number): Uint8Array {
    const known = this.#sections.get(this.#number, index);
    if (known !== undefined) return known;
    const start = this.#starts[index];
    const bytes = this.#sealedBytes[index];
    if (start === undefined || bytes === undefined) throw new Error("a file pack has no such section");
    const plain = unseal(this.#key, index, readAll(this.#fd, start, bytes));
    const method = plain[0];
    const packed = plain.subarray(1);
    const content =
      method === packMethod.zstd ? zstdDecompressSync(packed, { maxOutputLength: packSectionBytes }) : packed;
    this.#sections.set(this.#number, index, content);
    return content;
  }
}

/** To the guest a disk that does not answer; whoever runs the server is to know why. */
function orUnreadable<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    console.error(`brisk: cannot read the files of a function: ${(error as Error).message}`);
    throw new FileError("EIO");
  }
}

function unseal(key: Buffer, section: number, sealed: Buffer): Buffer {
  const bytes = sealed.byteLength - packTagBytes;
  const decipher = createDecipheriv("aes-256-gcm", key, packNonce(section), {
    authTagLength: packTagBytes,
  });
  decipher.setAuthTag(sealed.subarray(bytes));
  const plain = decipher.update(sealed.subarray(0, bytes));
  decipher.final();
  return plain;
}

function readAll(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const read = readSync(fd, buffer, done, length - done, position + done);
    if (read === 0) throw new Error("a file pack ends too early");
    done += read;
  }
  return buffer;
}
