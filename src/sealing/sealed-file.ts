import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  bindings,
  format,
  hashBytes,
  headerBytes,
  magic,
  maxMetaBytes,
  nonceBytes,
  pieceBytes,
  type SealedFileName,
  sealBytes,
  sealedSize,
} from "./sealed-layout.ts";
import { type SealingKey, sealingKeyIdBytes } from "./sealing-key.ts";

export type DamageReason =
  /** Somebody removed it. */
  | "Missing"
  /** The operating system did not give it; it may be whole. */
  | "Unreadable"
  /** It is no sealed file, or longer than its header says. */
  | "Malformed"
  /** Another Brisk wrote it. */
  | "OtherFormat"
  /** Sealed with another installation's key. */
  | "OtherInstallation"
  | "Truncated"
  /** A bit is not as it was written, or it is another file under this name. */
  | "Altered";

export class DamagedFileError extends Error {
  readonly reason: DamageReason;
  constructor(reason: DamageReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DamagedFileError";
    this.reason = reason;
  }
}

/**
 * A sealed file that is open for reading: it stays what it was, even if another one takes its name meanwhile.
 * Every method throws `DamagedFileError`.
 */
export class SealedFile implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #sealing: SealingKey;
  readonly #name: SealedFileName;

  private constructor(handle: FileHandle, sealing: SealingKey, name: SealedFileName) {
    this.#handle = handle;
    this.#sealing = sealing;
    this.#name = name;
  }

  static async open(path: string, sealing: SealingKey, name: SealedFileName): Promise<SealedFile> {
    return new SealedFile(await orDamaged(open(path, "r")), sealing, name);
  }

  async readMeta(): Promise<unknown> {
    const header = await this.#readHeader();
    return (await this.#readDescription(header)).meta;
  }

  /** All of the content, after every piece of it was opened and its SHA-256 is as it was when it was written. */
  async readContent(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.readAll()).content;
  }

  /** As `readContent`, with what `readMeta` gives. */
  async readAll(): Promise<{ meta: unknown; content: Uint8Array<ArrayBuffer> }> {
    const header = await this.#readHeader();
    const { hash, meta } = await this.#readDescription(header);
    const content = new Uint8Array(Buffer.allocUnsafeSlow(header.contentBytes).buffer);
    let at = 0;
    for await (const piece of this.#pieces(header, hash)) {
      content.set(piece, at);
      at += piece.byteLength;
    }
    return { meta, content };
  }

  /**
   * The content piece by piece, each after it was opened; the last one after the SHA-256 of the whole was found to be
   * what it was when the file was written. So whoever needs all of it never acts on a content that was changed.
   * @param expectedHash SHA-256 that the content must have, hex.
   */
  async *readPieces(expectedHash?: string): AsyncGenerator<Buffer, void> {
    const header = await this.#readHeader();
    const { hash } = await this.#readDescription(header);
    if (expectedHash !== undefined && hash.toString("hex") !== expectedHash) {
      throw altered("it holds another content");
    }
    yield* this.#pieces(header, hash);
  }

  /** Bytes of the content, as the header claims: an altered one is found out when the content is read. */
  async contentBytes(): Promise<number> {
    return (await this.#readHeader()).contentBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async *#pieces(header: Header, expected: Buffer): AsyncGenerator<Buffer, void> {
    const hash = createHash("sha256");
    const count = Math.ceil(header.contentBytes / pieceBytes);
    // While one piece is hashed and used here, threads read and open the next. No more than one: nothing is in flight
    // when a piece turns out to be damaged.
    let next = count > 0 ? this.#readPiece(header, 0) : undefined;
    for (let index = 0; next !== undefined; index++) {
      const piece: Buffer = await next;
      next = index + 1 < count ? this.#readPiece(header, index + 1) : undefined;
      // Whoever takes no more pieces hears nothing of this one.
      next?.catch(() => {});
      hash.update(piece);
      if (next !== undefined) yield piece;
      else if (hash.digest().equals(expected)) yield piece;
      else throw altered("its content has another SHA-256");
    }
  }

  async #readHeader(): Promise<Header> {
    const { size } = await orDamaged(this.#handle.stat());
    const bytes = await this.#readAt(0, headerBytes);
    if (!bytes.subarray(0, magic.byteLength).equals(magic)) {
      throw new DamagedFileError("Malformed", "it does not begin as a sealed file does");
    }
    const found = bytes.readUInt32BE(8);
    if (found !== format) throw new DamagedFileError("OtherFormat", `its format is ${found}, not ${format}`);
    const descriptionBytes = bytes.readUInt32BE(12);
    const contentBytes = Number(bytes.readBigUInt64BE(16));
    if (!bytes.subarray(24, 24 + sealingKeyIdBytes).equals(this.#sealing.id)) {
      throw new DamagedFileError("OtherInstallation", "another installation sealed it");
    }
    // Before anything is allocated by what the header claims.
    const expected = sealedSize(descriptionBytes - hashBytes, contentBytes);
    if (size < expected) throw new DamagedFileError("Truncated", `it has ${size} bytes of ${expected}`);
    if (size > expected || descriptionBytes > hashBytes + maxMetaBytes) {
      throw new DamagedFileError("Malformed", `it has ${size} bytes, not ${expected}`);
    }
    return { bytes, descriptionBytes, contentBytes };
  }

  async #readDescription(header: Header): Promise<{ hash: Buffer; meta: unknown }> {
    const opened = await this.#openSection(header, 0, headerBytes, header.descriptionBytes);
    // JSON without doubt: its tag was right, so it is as we wrote it.
    return { hash: opened.subarray(0, hashBytes), meta: JSON.parse(opened.toString("utf8", hashBytes)) };
  }

  #readPiece(header: Header, index: number): Promise<Buffer> {
    const start = index * pieceBytes;
    const at = headerBytes + header.descriptionBytes + sealBytes + start + index * sealBytes;
    return this.#openSection(header, index + 1, at, Math.min(pieceBytes, header.contentBytes - start));
  }

  async #openSection(header: Header, section: number, at: number, plainBytes: number): Promise<Buffer> {
    const sealed = await this.#readAt(at, plainBytes + sealBytes);
    try {
      return Buffer.from(
        await crypto.subtle.decrypt(
          {
            name: "AES-GCM",
            iv: sealed.subarray(0, nonceBytes),
            additionalData: bindings(header.bytes, this.#name, section),
          },
          this.#sealing.key,
          sealed.subarray(nonceBytes),
        ),
      );
    } catch (error) {
      throw altered(
        section === 0 ? "its description does not open" : `piece ${section} does not open`,
        error,
      );
    }
  }

  async #readAt(at: number, count: number): Promise<Buffer<ArrayBuffer>> {
    const buffer = Buffer.allocUnsafe(count);
    for (let done = 0; done < count; ) {
      const { bytesRead } = await orDamaged(this.#handle.read(buffer, done, count - done, at + done));
      if (bytesRead === 0) throw new DamagedFileError("Truncated", `it ends ${count - done} bytes early`);
      done += bytesRead;
    }
    return buffer;
  }
}

interface Header {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly descriptionBytes: number;
  readonly contentBytes: number;
}

function altered(message: string, cause?: unknown): DamagedFileError {
  return new DamagedFileError("Altered", message, cause === undefined ? undefined : { cause });
}

async function orDamaged<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DamagedFileError(isMissing ? "Missing" : "Unreadable", message, { cause });
  }
}
