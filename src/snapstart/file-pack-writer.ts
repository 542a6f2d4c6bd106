import { createCipheriv, randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import {
  maxPackSections,
  type PackTable,
  packCipherKey,
  packFormat,
  packMagic,
  packNonce,
  packSaltBytes,
  packSectionBytes,
  packTableSection,
} from "../model/file-pack.ts";

/** A method byte, and bytes that packing made no shorter. */
const maxSectionBytes = packSectionBytes + 1;

/** Writes a file pack out of sections that a builder sends: sealed here, since no builder has a key. */
export class FilePackWriter {
  readonly #handle: FileHandle;
  readonly #key: Buffer;
  readonly #salt = randomBytes(packSaltBytes);
  readonly #sections: number[] = [];
  #isBegun = false;

  /** @param key As `packKey` gives it. */
  constructor(handle: FileHandle, key: string) {
    this.#handle = handle;
    this.#key = packCipherKey(key, this.#salt);
  }

  /** @throws {Error} The builder broke the protocol. */
  async add(section: Uint8Array): Promise<void> {
    if (section.byteLength < 2 || section.byteLength > maxSectionBytes)
      throw new Error(`a section of a file pack has ${section.byteLength} bytes`);
    if (this.#sections.length >= maxPackSections) throw new Error("a file pack has too many sections");
    const sealed = this.#seal(this.#sections.length, section);
    this.#sections.push(sealed.byteLength);
    await this.#write(sealed);
  }

  /** The table, which makes it a pack. */
  async finish(content: Pick<PackTable, "bytes" | "root">): Promise<void> {
    const table: PackTable = { ...content, sections: this.#sections };
    const sealed = this.#seal(packTableSection, Buffer.from(JSON.stringify(table)));
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE(sealed.byteLength);
    await this.#write(Buffer.concat([sealed, trailer]));
  }

  #seal(section: number, plain: Uint8Array): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#key, packNonce(section));
    const sealed = cipher.update(plain);
    return Buffer.concat([sealed, cipher.final(), cipher.getAuthTag()]);
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#isBegun) {
      await this.#handle.writeFile(bytes);
      return;
    }
    this.#isBegun = true;
    const header = Buffer.concat([packMagic, Buffer.alloc(4), this.#salt]);
    header.writeUInt32BE(packFormat, 8);
    await this.#handle.writeFile(Buffer.concat([header, bytes]));
  }
}
