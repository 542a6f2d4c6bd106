import { type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import { logFile, logFileNumbers } from "./log-files.ts";

export interface RotatingFileOptions {
  readonly folder: string;
  /** A file is followed by the next at this size. */
  readonly fileBytes: number;
  /** What is kept of the files before it, whichever of them is reached first. */
  readonly keep: {
    readonly files?: number;
    readonly totalBytes?: number;
    readonly ageMs?: number;
  };
  /** A file that is open for longer is followed by the next. */
  readonly fileAgeMs?: number;
  /** Each write is on the disk itself before it counts. Costs one fdatasync a write. */
  readonly isDurable?: boolean;
  /** Called once, when the folder was made. */
  readonly onNewFolder?: () => Promise<void>;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly number: number;
  readonly begunMs: number;
  bytes: number;
}

/**
 * Appends to numbered files: `0000000001.log`, … the highest is written, the oldest go. They are their owner's only.
 * One write at a time: whoever owns it sees to that.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #file: OpenFile | undefined;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Appends whole lines. One that failed left nothing behind, so that it can be tried again. */
  async write(bytes: Uint8Array): Promise<void> {
    const { fileBytes, fileAgeMs = Number.POSITIVE_INFINITY, isDurable = false } = this.#options;
    let file = this.#file ?? (await this.#openLast());
    const isFull = file.bytes > 0 && file.bytes + bytes.length > fileBytes;
    if (isFull || (file.bytes > 0 && Date.now() - file.begunMs > fileAgeMs)) file = await this.#rotate(file);
    let offset = 0;
    try {
      while (offset < bytes.length) offset += (await file.handle.write(bytes, offset)).bytesWritten;
      if (isDurable) await file.handle.datasync();
    } catch (error) {
      if (offset > 0) await file.handle.truncate(file.bytes).catch(() => {});
      throw error;
    }
    file.bytes += bytes.length;
  }

  /** Frees the file descriptor; the next write opens it again. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close().catch(() => {});
  }

  async #openLast(): Promise<OpenFile> {
    const { folder, onNewFolder } = this.#options;
    const numbers = await logFileNumbers(folder);
    if (numbers.length === 0) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await onNewFolder?.();
    }
    const number = numbers.at(-1) ?? 1;
    const handle = await open(logFile(folder, number), "a+", 0o600);
    try {
      const { size, birthtimeMs } = await handle.stat();
      let bytes = size;
      if (bytes > 0) {
        const last = Buffer.alloc(1);
        await handle.read(last, 0, 1, bytes - 1);
        // A crash in the middle of a write left half a line: what follows starts on one of its own.
        if (last[0] !== 0x0a) bytes += (await handle.write("\n")).bytesWritten;
      }
      this.#file = { handle, number, bytes, begunMs: bytes > 0 ? birthtimeMs : Date.now() };
      await this.#prune(number);
      return this.#file;
    } catch (error) {
      this.#file = undefined;
      await handle.close();
      throw error;
    }
  }

  async #rotate(full: OpenFile): Promise<OpenFile> {
    const number = full.number + 1;
    const handle = await open(logFile(this.#options.folder, number), "a", 0o600);
    this.#file = { handle, number, bytes: 0, begunMs: Date.now() };
    await full.handle.close();
    await this.#prune(number);
    return this.#file;
  }

  /** Deletes what is not to be kept of the files before this one. */
  async #prune(current: number): Promise<void> {
    const { folder, fileBytes } = this.#options;
    const {
      files = Number.POSITIVE_INFINITY,
      totalBytes = Number.POSITIVE_INFINITY,
      ageMs,
    } = this.#options.keep;
    // The file that is written may grow to its full size.
    let heldBytes = fileBytes;
    let isKept = true;
    for (const number of (await logFileNumbers(folder)).reverse()) {
      if (number >= current) continue;
      const path = logFile(folder, number);
      if (totalBytes !== Number.POSITIVE_INFINITY || ageMs !== undefined) {
        const { size, mtimeMs } = await stat(path);
        heldBytes += size;
        // Files are in the order of their age: what is before one that goes, goes.
        isKept &&= heldBytes <= totalBytes && (ageMs === undefined || Date.now() - mtimeMs <= ageMs);
      }
      if (!isKept || current - number > files) await rm(path, { force: true });
    }
  }
}
