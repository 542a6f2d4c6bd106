import { rm } from "node:fs/promises";
import { groupFolder } from "./log-files.ts";
import { LogGroupWriter } from "./log-group-writer.ts";
import { LogReader } from "./log-reader.ts";
import { decodeRecord, recordPrefix } from "./log-record.ts";
import type { LogEvent, LogStore, LogStream, ReadOptions } from "./log-store.ts";
import { newest } from "./newest.ts";

const flushIntervalMs = 100;
/** File descriptors that groups may keep between writes. */
const maxOpenFiles = 128;

export interface FileLogStoreOptions {
  readonly dir: string;
  /** A file is rotated at this size; five files of a group are kept. */
  readonly fileBytes: number;
}

interface Group {
  readonly writer: LogGroupWriter;
  readonly followers: Set<() => void>;
  streams: number;
}

/** Logs as files under one folder. One process may write it at a time: the data folder's lock sees to that. */
export function createFileLogStore(options: FileLogStoreOptions): LogStore {
  return new FileLogStore(options);
}

class FileLogStore implements LogStore {
  readonly #options: FileLogStoreOptions;
  readonly #groups = new Map<string, Group>();
  readonly #dirty = new Set<LogGroupWriter>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FileLogStoreOptions) {
    this.#options = options;
  }

  openStream(groupName: string, stream: string): LogStream {
    const prefix = recordPrefix(stream);
    const group = this.#group(groupName);
    group.streams += 1;
    let open = true;
    return {
      append: (timestampMs, ...texts) => {
        if (open) group.writer.append(timestampMs, prefix, ...texts);
      },
      close: () => {
        if (!open) return;
        open = false;
        group.streams -= 1;
        this.#forget(groupName, group);
      },
    };
  }

  async *read(groupName: string, options: ReadOptions = {}): AsyncGenerator<LogEvent> {
    await this.#groups.get(groupName)?.writer.flush();
    yield* newest(this.#reader(groupName, options).readToEnd(), options.limit);
  }

  async *follow(groupName: string, options: ReadOptions & { signal: AbortSignal }): AsyncGenerator<LogEvent> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const group = this.#group(groupName);
    let written = false;
    let wake: (() => void) | undefined;
    const notify = () => {
      written = true;
      wake?.();
    };
    group.followers.add(notify);
    signal.addEventListener("abort", notify);
    try {
      const reader = this.#reader(groupName, options);
      await group.writer.flush();
      written = false;
      yield* newest(reader.readToEnd(), options.limit);
      while (!signal.aborted) {
        if (!written) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        written = false;
        for await (const event of reader.readToEnd()) {
          yield event;
          if (options.signal.aborted) return;
        }
      }
      if (!options.signal.aborted) yield* reader.readToEnd();
    } finally {
      signal.removeEventListener("abort", notify);
      group.followers.delete(notify);
      this.#forget(groupName, group);
    }
  }

  async deleteGroup(groupName: string): Promise<void> {
    await this.#groups.get(groupName)?.writer.release();
    await rm(groupFolder(this.#options.dir, groupName), { recursive: true, force: true });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.all([...this.#groups.values()].map((group) => group.writer.release()));
    this.#closing.abort();
  }

  #group(name: string): Group {
    const existing = this.#groups.get(name);
    if (existing !== undefined) return existing;
    const followers = new Set<() => void>();
    const group: Group = {
      followers,
      streams: 0,
      writer: new LogGroupWriter({
        group: name,
        folder: groupFolder(this.#options.dir, name),
        fileBytes: this.#options.fileBytes,
        onDirty: (writer, full) => this.#schedule(writer, full),
        onWritten: () => {
          for (const notify of followers) notify();
        },
      }),
    };
    this.#groups.set(name, group);
    return group;
  }

  #reader(groupName: string, options: ReadOptions): LogReader<LogEvent> {
    return new LogReader(
      groupFolder(this.#options.dir, groupName),
      options.sinceMs ?? Number.NEGATIVE_INFINITY,
      decodeRecord,
    );
  }

  #schedule(writer: LogGroupWriter, full: boolean): void {
    if (full) {
      void writer.flush();
      return;
    }
    this.#dirty.add(writer);
    // Nobody waits for this timer: `close` writes what is left.
    this.#timer ??= setTimeout(() => this.#flushDirty(), flushIntervalMs).unref();
  }

  #flushDirty(): void {
    this.#timer = undefined;
    const writers = [...this.#dirty];
    this.#dirty.clear();
    void Promise.all(writers.map((writer) => writer.flush())).then(() => this.#releaseIdle());
  }

  /** Groups stay known while someone writes or reads them; the rest give back what they hold. */
  #releaseIdle(): void {
    let openFiles = 0;
    for (const [name, group] of this.#groups) {
      if (group.writer.isOpen) openFiles += 1;
      if (openFiles > maxOpenFiles && group.writer.isOpen) void group.writer.release();
      this.#forget(name, group);
    }
  }

  #forget(name: string, group: Group): void {
    if (group.streams > 0 || group.followers.size > 0 || !group.writer.isIdle) return;
    if (this.#groups.get(name) !== group) return;
    this.#groups.delete(name);
    void group.writer.release();
  }
}
