/** A write takes about this much at most. */
const batchBytes = 64 * 1024;

export interface LineBatch {
  readonly bytes: Buffer;
  readonly lines: number;
}

/** Lines on their way to the disk, the oldest first. What is being written stays until it is known to be there. */
export class PendingLines {
  readonly #maxBytes: number;
  readonly #batches: { texts: string[]; bytes: number }[] = [];
  #writing: LineBatch | undefined;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @returns false when there is no room; then it was not taken. */
  append(line: string): boolean {
    const bytes = Buffer.byteLength(line);
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    let last = this.#batches.at(-1);
    if (last === undefined || last.bytes + bytes > batchBytes) {
      last = { texts: [], bytes: 0 };
      this.#batches.push(last);
    }
    last.texts.push(line);
    last.bytes += bytes;
    return true;
  }

  /** The oldest lines; the same ones until `drop`. */
  first(): LineBatch | undefined {
    if (this.#writing === undefined) {
      const batch = this.#batches.shift();
      if (batch === undefined) return undefined;
      this.#writing = { bytes: Buffer.from(batch.texts.join("")), lines: batch.texts.length };
    }
    return this.#writing;
  }

  drop(): void {
    this.#bytes -= this.#writing?.bytes.length ?? 0;
    this.#writing = undefined;
  }

  /** Forgets all of them. @returns How many there were. */
  clear(): number {
    const lines = this.#batches.reduce((sum, { texts }) => sum + texts.length, this.#writing?.lines ?? 0);
    this.#batches.length = 0;
    this.#writing = undefined;
    this.#bytes = 0;
    return lines;
  }
}
