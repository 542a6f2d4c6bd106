/** A write takes at most about this much, so that rotation keeps to the file's size. */
export const batchBytes = 64 * 1024;

export interface LogBatch {
  readonly bytes: Buffer;
  readonly events: number;
}

/**
 * Events on their way to the disk. They are encoded as they come: as strings they would live until the next write,
 * and each garbage collection until then would copy them (a third of a busy supervisor's time, before this).
 */
export class LogBatches {
  #current: Buffer = Buffer.allocUnsafeSlow(batchBytes);
  #used = 0;
  #events = 0;
  readonly #full: LogBatch[] = [];
  #fullBytes = 0;
  #fullEvents = 0;

  get bytes(): number {
    return this.#fullBytes + this.#used;
  }

  get events(): number {
    return this.#fullEvents + this.#events;
  }

  /** @param records One or more records, each with its newline. */
  append(records: string, events: number): void {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    if (records.length * 3 > batchBytes - this.#used) {
      this.#seal();
      if (records.length * 3 > batchBytes) {
        this.#push({ bytes: Buffer.from(records), events });
        return;
      }
    }
    this.#used += this.#current.write(records, this.#used);
    this.#events += events;
  }

  /** The oldest events, which are the caller's now. */
  take(): LogBatch | undefined {
    if (this.#full.length === 0) this.#seal();
    const batch = this.#full.shift();
    if (batch === undefined) return undefined;
    this.#fullBytes -= batch.bytes.length;
    this.#fullEvents -= batch.events;
    return batch;
  }

  /** Forgets all of them. Returns how many there were. */
  clear(): number {
    const { events } = this;
    this.#full.length = 0;
    this.#fullBytes = 0;
    this.#fullEvents = 0;
    this.#used = 0;
    this.#events = 0;
    return events;
  }

  #seal(): void {
    if (this.#used === 0) return;
    this.#push({ bytes: this.#current.subarray(0, this.#used), events: this.#events });
    this.#current = Buffer.allocUnsafeSlow(batchBytes);
    this.#used = 0;
    this.#events = 0;
  }

  #push(batch: LogBatch): void {
    this.#full.push(batch);
    this.#fullBytes += batch.bytes.length;
    this.#fullEvents += batch.events;
  }
}
