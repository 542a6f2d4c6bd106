import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rm,
  statfsSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { asFileError, FileError } from "./errno.ts";

const flagsToCreate = constants.O_RDWR | constants.O_CREAT;
/** Files of one environment that are kept open between two operations, at most. */
const maxOpen = 8;
/**
 * Of the disk, what functions leave to others: the server's own records are mostly on the same one. All quotas together may be
 * more than it has.
 */
const reservedDiskBytes = 256 * 1024 * 1024;
/** How much is written between two looks at what the disk has. */
const lookBytes = 4 * 1024 * 1024;

/**
 * Where the bytes of one environment's `/tmp` lie: a folder of its own on the machine's disk, with a file for each of
 * the guest's, named by its number. No name of the guest's ever becomes a path. The folder is made by the first byte.
 */
export class ScratchStore {
  readonly #dir: string;
  /** By number; the least recently used first. */
  readonly #open = new Map<number, number>();
  #isMade = false;
  readonly #reservedBytes: number;
  #untilLookBytes = 0;

  /**
   * @param dir Absolute path of a folder that nothing else uses.
   * @param reservedBytes What is left free of its disk.
   */
  constructor(dir: string, reservedBytes: number = reservedDiskBytes) {
    this.#dir = dir;
    this.#reservedBytes = reservedBytes;
  }

  read(file: number, buffer: Uint8Array, position: number): number {
    return this.#attempt(() => {
      const fd = this.#fd(file);
      let done = 0;
      while (done < buffer.byteLength) {
        const read = readSync(fd, buffer, done, buffer.byteLength - done, position + done);
        if (read === 0) break;
        done += read;
      }
      return done;
    });
  }

  write(file: number, bytes: Uint8Array, position: number): void {
    this.#attempt(() => {
      const fd = this.#fd(file);
      this.#assertRoom(bytes.byteLength);
      for (let done = 0; done < bytes.byteLength; )
        done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done);
    });
  }

  truncate(file: number, bytes: number): void {
    this.#attempt(() => ftruncateSync(this.#fd(file), bytes));
  }

  /** As `truncate`, as far as the disk does it: after what has failed already. */
  cut(file: number, bytes: number): void {
    try {
      ftruncateSync(this.#fd(file), bytes);
    } catch {
      // Then it ends with the environment's folder.
    }
  }

  remove(file: number): void {
    this.release(file);
    try {
      unlinkSync(this.#path(file));
    } catch {
      // It never had a byte.
    }
  }

  /** Nobody has it open any more. */
  release(file: number): void {
    const fd = this.#open.get(file);
    if (fd === undefined) return;
    this.#open.delete(file);
    closeSync(fd);
  }

  close(): void {
    for (const file of [...this.#open.keys()]) this.release(file);
    // Not in this thread, which others wait for. What a host does not get to remove, the supervisor does.
    if (this.#isMade) rm(this.#dir, { recursive: true, force: true }, () => {});
  }

  #fd(file: number): number {
    const known = this.#open.get(file);
    if (known !== undefined) {
      this.#open.delete(file);
      this.#open.set(file, known);
      return known;
    }
    if (this.#open.size >= maxOpen) this.release([...this.#open.keys()][0]!);
    if (!this.#isMade) {
      mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
      this.#isMade = true;
    }
    // Number for number it is ours alone: what is there is what was written before.
    const fd = openSync(this.#path(file), flagsToCreate, 0o600);
    this.#open.set(file, fd);
    return fd;
  }

  #assertRoom(bytes: number): void {
    if (bytes > this.#untilLookBytes) {
      const { bavail, bsize } = statfsSync(this.#dir);
      if (bavail * bsize - bytes < this.#reservedBytes) throw new FileError("ENOSPC");
      this.#untilLookBytes = lookBytes + bytes;
    }
    this.#untilLookBytes -= bytes;
  }

  #path(file: number): string {
    return join(this.#dir, String(file));
  }

  #attempt<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw asFileError(error);
    }
  }
}
