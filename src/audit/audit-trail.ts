import type { Clock } from "../model/clock.ts";
import { LogReader, newest, RotatingFile } from "../observe/index.ts";
import {
  type AuditFacts,
  type AuditRecord,
  type AuditScope,
  auditRecord,
  serviceEvent,
} from "./audit-event.ts";
import { PendingLines } from "./pending-lines.ts";

const flushIntervalMs = 100;
const retryMs = 1_000;
/** What waits for the disk. Beyond it records are counted as lost. */
const maxPendingBytes = 4 * 1024 * 1024;
const dayMs = 86_400_000;

/**
 * Refused calls of nobody in particular: so many at once, and so many a second from then on, have records of their
 * own. Without a bound, whoever reaches the port could push everybody else's records out of the log.
 */
const anonymousBurst = 1_000;
const anonymousPerSecond = 20;

export interface AuditTrailOptions {
  readonly dir: string;
  readonly scope: AuditScope;
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly retentionDays: number;
  readonly clock: Clock;
  /** Told once that the disk does not take the log, and when it does again. */
  readonly onNote: (text: string) => void;
}

/** For `/_health`. */
export interface AuditFigures {
  /** On the disk since the start. */
  readonly written: number;
  /** Never got there: the disk did not take them in time. */
  readonly lost: number;
  /** Refused calls of nobody in particular, beyond what has records of its own. */
  readonly suppressed: number;
  /** Why the disk does not take the log at the moment. */
  readonly failing?: string;
}

export interface AuditEvent {
  readonly timestampMs: number;
  readonly record: AuditRecord;
}

export interface AuditQuery {
  readonly sinceMs?: number;
  /** Only the newest, at most this many. */
  readonly limit?: number;
  readonly matches?: (record: AuditRecord) => boolean;
}

/**
 * The log of all calls of the API, a CloudTrail record a line, in the order in which they were answered. A call never
 * waits for it and never fails by it: records gather for a tenth of a second and are written together, and each write
 * is on the disk itself (fdatasync) before the next. So a crash of the machine or of this process costs the records
 * of the last tenth of a second; an ordinary end costs none.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #file: RotatingFile;
  readonly #pending = new PendingLines(maxPendingBytes);
  readonly #followers = new Set<() => void>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #written = 0;
  #lost = 0;
  /** Of those, what no record tells of yet. */
  #untoldLost = 0;
  #suppressed = 0;
  #untoldSuppressed = 0;
  #failing: string | undefined;
  #anonymous = { tokens: anonymousBurst, atMs: 0 };

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#file = new RotatingFile({
      folder: options.dir,
      fileBytes: options.fileBytes,
      fileAgeMs: dayMs,
      keep: { totalBytes: options.totalBytes, ageMs: options.retentionDays * dayMs },
      isDurable: true,
    });
  }

  get figures(): AuditFigures {
    return {
      written: this.#written,
      lost: this.#lost,
      suppressed: this.#suppressed,
      ...(this.#failing !== undefined && { failing: this.#failing }),
    };
  }

  /** Cheap, never throws, never waits. */
  add(facts: AuditFacts): void {
    if (
      facts.principal === undefined &&
      facts.error !== undefined &&
      !this.#hasRoomForAnonymous(facts.timeMs)
    ) {
      this.#suppressed += 1;
      this.#untoldSuppressed += 1;
      return;
    }
    this.#tellSuppressed(facts.timeMs);
    this.#append(auditRecord(facts, this.#options.scope));
  }

  async *read(query: AuditQuery = {}): AsyncGenerator<AuditEvent> {
    await this.flush();
    yield* newest(this.#matching(this.#reader(query), query), query.limit);
  }

  /** As `read`, and then whatever is added until the signal fires. */
  async *follow(query: AuditQuery & { signal: AbortSignal }): AsyncGenerator<AuditEvent> {
    const signal = AbortSignal.any([query.signal, this.#closing.signal]);
    let wake = Promise.withResolvers<void>();
    const notify = (): void => wake.resolve();
    this.#followers.add(notify);
    signal.addEventListener("abort", notify);
    try {
      const reader = this.#reader(query);
      await this.flush();
      yield* newest(this.#matching(reader, query), query.limit);
      while (!signal.aborted) {
        await wake.promise;
        wake = Promise.withResolvers();
        yield* this.#matching(reader, query);
      }
    } finally {
      signal.removeEventListener("abort", notify);
      this.#followers.delete(notify);
    }
  }

  /** Resolves when all that was added before is written, or cannot be. Never rejects. */
  async flush(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  /** Ends every `follow`: whoever follows holds a connection. */
  stopFollowing(): void {
    this.#closing.abort();
  }

  /** Writes what is left and ends every `follow`. */
  async close(): Promise<void> {
    this.#tellSuppressed(this.#options.clock.now());
    await this.flush();
    clearTimeout(this.#timer);
    this.#lost += this.#pending.clear();
    this.stopFollowing();
    await this.#file.close();
  }

  #tellSuppressed(timeMs: number): void {
    if (this.#untoldSuppressed === 0) return;
    const details = { suppressedRecords: this.#untoldSuppressed };
    this.#untoldSuppressed = 0;
    this.#append(serviceEvent("AnonymousRefusalsSuppressed", details, this.#options.scope, timeMs));
  }

  #append(record: AuditRecord): void {
    if (!this.#pending.append(`${JSON.stringify(record)}\n`)) {
      this.#lost += 1;
      this.#untoldLost += 1;
      return;
    }
    // Nobody waits for this timer: `close` writes what is left.
    this.#timer ??= setTimeout(() => void this.flush(), flushIntervalMs).unref();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #drain(): Promise<void> {
    for (let batch = this.#pending.first(); batch !== undefined; batch = this.#pending.first()) {
      try {
        await this.#file.write(batch.bytes);
      } catch (error) {
        await this.#fail(error);
        return;
      }
      this.#pending.drop();
      this.#written += batch.lines;
      if (this.#failing !== undefined) this.#recovered();
      for (const notify of this.#followers) notify();
    }
  }

  async #fail(error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#failing === undefined) {
      this.#options.onNote(
        `the audit log in ${this.#options.dir} cannot be written: ${reason}; calls are answered meanwhile, and records beyond ${maxPendingBytes / 1024 / 1024} MiB are lost`,
      );
    }
    this.#failing = reason;
    await this.#file.close();
    this.#timer ??= setTimeout(() => void this.flush(), retryMs).unref();
  }

  #recovered(): void {
    this.#failing = undefined;
    const lostRecords = this.#untoldLost;
    this.#untoldLost = 0;
    this.#options.onNote(`the audit log is written again; ${lostRecords} records were lost`);
    const { scope, clock } = this.#options;
    this.#append(serviceEvent("AuditLogInterrupted", { lostRecords }, scope, clock.now()));
  }

  #hasRoomForAnonymous(nowMs: number): boolean {
    const { tokens, atMs } = this.#anonymous;
    const left = Math.min(anonymousBurst, tokens + ((nowMs - atMs) / 1000) * anonymousPerSecond);
    const isRoom = left >= 1;
    this.#anonymous = { tokens: isRoom ? left - 1 : left, atMs: nowMs };
    return isRoom;
  }

  #reader({ sinceMs = Number.NEGATIVE_INFINITY }: AuditQuery): LogReader<AuditEvent> {
    return new LogReader(this.#options.dir, sinceMs, decodeLine);
  }

  async *#matching(reader: LogReader<AuditEvent>, { matches = () => true }: AuditQuery) {
    for await (const event of reader.readToEnd()) if (matches(event.record)) yield event;
  }
}

function decodeLine(line: string): AuditEvent | undefined {
  try {
    const record = JSON.parse(line) as AuditRecord;
    const timestampMs = Date.parse(record.eventTime);
    return Number.isNaN(timestampMs) ? undefined : { timestampMs, record };
  } catch {
    return undefined;
  }
}
