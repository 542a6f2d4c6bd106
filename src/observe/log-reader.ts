import { type FileHandle, open } from "node:fs/promises";
import { logFile, logFileNumbers } from "./log-files.ts";

const chunkBytes = 64 * 1024;
const newline = 0x0a;

/** Reads the lines of numbered files from the oldest on, and remembers where it stopped: called again, it goes on from there. */
export class LogReader<T extends { readonly timestampMs: number }> {
  readonly #folder: string;
  readonly #sinceMs: number;
  readonly #decode: (line: string) => T | undefined;
  #number: number | undefined;
  #offset = 0;

  /** @param decode Gives nothing for a line that is no event, as a crash in the middle of a write leaves one. */
  constructor(folder: string, sinceMs: number, decode: (line: string) => T | undefined) {
    this.#folder = folder;
    this.#sinceMs = sinceMs;
    this.#decode = decode;
  }

  /** All complete events up to the end. */
  async *readToEnd(): AsyncGenerator<T> {
    for (;;) {
      const numbers = await logFileNumbers(this.#folder);
      const current = this.#number;
      if (current === undefined || !numbers.includes(current)) {
        // The first call; or the file was rotated away or deleted while nobody read it.
        const next = numbers.find((number) => current === undefined || number > current) ?? numbers[0];
        if (next === undefined) return;
        this.#moveTo(next);
      }
      yield* this.#readFile(this.#number as number);
      const following = numbers.find((number) => number > (this.#number as number));
      if (following === undefined) return;
      this.#moveTo(following);
    }
  }

  #moveTo(number: number): void {
    this.#number = number;
    this.#offset = 0;
  }

  async *#readFile(number: number): AsyncGenerator<T> {
    let handle: FileHandle;
    try {
      handle = await open(logFile(this.#folder, number), "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    try {
      // A file that was last written before `since` holds nothing newer; a second's grace for the buffer.
      const { size, mtimeMs } = await handle.stat();
      if (size < this.#offset) this.#offset = 0; // Deleted and begun anew.
      if (mtimeMs + 1000 < this.#sinceMs) {
        this.#offset = size;
        return;
      }
      yield* this.#readLines(handle);
    } finally {
      await handle.close();
    }
  }

  async *#readLines(handle: FileHandle): AsyncGenerator<T> {
    let partial: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, this.#offset + partial.length);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([partial, chunk.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
        const event = this.#decode(bytes.toString("utf8", start, end));
        // Moved before the event is given out: a reader who stops here must not see it twice.
        this.#offset += end + 1 - start;
        start = end + 1;
        if (event !== undefined && event.timestampMs >= this.#sinceMs) yield event;
      }
      partial = bytes.subarray(start);
    }
  }
}
