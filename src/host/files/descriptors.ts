import { FileError } from "./errno.ts";
import type { Inode } from "./inode.ts";

/** As Lambda allows (spec: scaling.md), of which three are the process's own. */
const maxDescriptors = 1024;
const firstDescriptor = 3;

/** What an open file is to whoever opened it. */
export interface OpenFile {
  readonly inode: Inode;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly appends: boolean;
  /** Where the next read or write goes that names no place. */
  position: number;
}

/** The open files of one environment, by their numbers. */
export class Descriptors {
  readonly #files = new Map<number, OpenFile>();
  /** No number below it is free. */
  #lowest = firstDescriptor;

  get size(): number {
    return this.#files.size;
  }

  /** @throws {FileError} No more can be opened. */
  assertRoom(): void {
    if (this.#files.size >= maxDescriptors - firstDescriptor) throw new FileError("EMFILE");
  }

  /** @returns The lowest free number, as POSIX wants. @throws {FileError} */
  add(file: OpenFile): number {
    this.assertRoom();
    let number = this.#lowest;
    while (this.#files.has(number)) number++;
    this.#files.set(number, file);
    this.#lowest = number + 1;
    return number;
  }

  /** @throws {FileError} */
  get(number: number): OpenFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new FileError("EBADF");
    return file;
  }

  /** @throws {FileError} */
  remove(number: number): OpenFile {
    const file = this.get(number);
    this.#files.delete(number);
    this.#lowest = Math.min(this.#lowest, number);
    return file;
  }
}
