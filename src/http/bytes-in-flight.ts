/**
 * Counts bytes held at once against a bound, so that many large requests together cannot fill the memory. One holder gets
 * three quarters of it: who sends large bodies slowly shuts out nobody else.
 */
export class BytesInFlight {
  readonly #limitBytes: number;
  readonly #limitOfOneBytes: number;
  #heldBytes = 0;
  readonly #heldBy = new Map<string, number>();

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
    this.#limitOfOneBytes = (limitBytes * 3) / 4;
  }

  /**
   * @param holder Who sends them; absent for the program itself, which has no bound of its own.
   * @returns false when they do not fit; then nothing was reserved.
   */
  reserve(bytes: number, holder?: string): boolean {
    if (this.#heldBytes + bytes > this.#limitBytes) return false;
    if (holder !== undefined) {
      const held = (this.#heldBy.get(holder) ?? 0) + bytes;
      if (held > this.#limitOfOneBytes) return false;
      this.#heldBy.set(holder, held);
    }
    this.#heldBytes += bytes;
    return true;
  }

  /** What `reserve` gave, for the same holder. */
  release(bytes: number, holder?: string): void {
    this.#heldBytes -= bytes;
    if (holder === undefined) return;
    const left = (this.#heldBy.get(holder) ?? 0) - bytes;
    if (left > 0) this.#heldBy.set(holder, left);
    else this.#heldBy.delete(holder);
  }
}
