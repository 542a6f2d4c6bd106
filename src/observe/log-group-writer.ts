import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { batchBytes, LogBatches } from "./log-batches.ts";
import { encodeRecord } from "./log-record.ts";
import { RotatingFile } from "./rotating-file.ts";

/** What waits for the disk, per group. Beyond it events are dropped and counted. */
const maxPendingBytes = 4 * 1024 * 1024;
/** A group keeps the file it writes and this many before it. */
const keptFiles = 4;

export interface LogGroupOptions {
  readonly group: string;
  readonly folder: string;
  readonly fileBytes: number;
  /** The first event since the last write came, or enough for a write: `flush` is due. */
  readonly onDirty: (writer: LogGroupWriter, full: boolean) => void;
  /** Something was written: readers may go on. */
  readonly onWritten: () => void;
}

/** Appends one group's events to its files. Writes run one after another; while one runs, events gather. */
export class LogGroupWriter {
  readonly #options: LogGroupOptions;
  readonly #pending = new LogBatches();
  #dropped = 0;
  #droppedPrefix = "";
  readonly #file: RotatingFile;
  #draining: Promise<void> | undefined;
  #failing = false;

  constructor(options: LogGroupOptions) {
    this.#options = options;
    const { group, folder, fileBytes } = options;
    this.#file = new RotatingFile({
      folder,
      fileBytes,
      keep: { files: keptFiles },
      // For people: the folder's name is a hash.
      onNewFolder: () => writeFile(join(folder, "group.txt"), `${group}\n`),
    });
  }

  get isIdle(): boolean {
    return this.#pending.events === 0 && this.#dropped === 0 && this.#draining === undefined;
  }

  get isOpen(): boolean {
    return this.#file.isOpen;
  }

  /** Appends an event a text. */
  append(timestampMs: number, prefix: string, ...texts: string[]): void {
    const before = this.#pending.bytes;
    if (before > maxPendingBytes) {
      this.#dropped += texts.length;
      this.#droppedPrefix = prefix;
      return;
    }
    let records = "";
    for (const text of texts) records += encodeRecord(timestampMs, prefix, text);
    this.#pending.append(records, texts.length);
    if (before === 0) this.#options.onDirty(this, false);
    if (before < batchBytes && this.#pending.bytes >= batchBytes) this.#options.onDirty(this, true);
  }

  /** Resolves when all that was appended before is written or dropped. Never rejects. */
  async flush(): Promise<void> {
    // A write that is running may have started before the last append: what is left after it needs another.
    if (this.#draining !== undefined) await this.#draining;
    if (this.#draining === undefined && this.#pending.events === 0 && this.#dropped === 0) return;
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
      // Too little for a write of its own: it waits for the interval, or a busy group would write for ever.
      if (this.#pending.events > 0) this.#options.onDirty(this, false);
    });
    await this.#draining;
  }

  /** Frees the file descriptor; the next write opens it again. */
  async release(): Promise<void> {
    await this.flush();
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    let remaining = this.#pending.events;
    try {
      if (this.#dropped > 0) await this.#reportDropped();
      while (remaining > 0 || this.#pending.bytes >= batchBytes) {
        const batch = this.#pending.take();
        if (batch === undefined) break;
        remaining -= batch.events;
        await this.#file.write(batch.bytes).catch((error: unknown) => {
          this.#dropped += batch.events;
          throw error;
        });
        this.#failing = false;
        this.#options.onWritten();
      }
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #reportDropped(): Promise<void> {
    const text = `[brisk] ${this.#dropped} log events were dropped: the disk did not take them in time`;
    await this.#file.write(Buffer.from(encodeRecord(Date.now(), this.#droppedPrefix || " - ", text)));
    this.#dropped = 0;
    this.#options.onWritten();
  }

  /** The disk refused. What waits goes too (it would grow), is counted, and the count is written when the disk is well again. */
  async #fail(error: unknown): Promise<void> {
    this.#dropped += this.#pending.clear();
    await this.#file.close();
    if (this.#failing) return;
    this.#failing = true;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`Cannot write the log of "${this.#options.group}": ${reason}`, "BriskLogWarning");
  }
}
