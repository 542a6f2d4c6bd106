/** One event of a function's log. */
export interface LogEvent {
  readonly timestampMs: number;
  /** The environment that wrote it. */
  readonly stream: string;
  /** May hold newlines. */
  readonly text: string;
}

/** The log of one environment, from its writer's side. */
export interface LogStream {
  /** Cheap, never throws, never waits: the event is on disk within 100 ms or, when the disk cannot follow, counted as dropped. */
  append(timestampMs: number, ...texts: string[]): void;
  /** Nothing is lost: what was appended is still written. */
  close(): void;
}

export interface ReadOptions {
  /** Leaves out older events. */
  sinceMs?: number;
  /** Only the newest events, at most this many. */
  limit?: number;
}

/** Where functions' logs are kept: a group per function, a stream per environment (CloudWatch Logs' words). */
export interface LogStore {
  openStream(group: string, stream: string): LogStream;
  /** What the group holds now, in the order in which it was appended. A group without events is empty, not an error. */
  read(group: string, options?: ReadOptions): AsyncIterable<LogEvent>;
  /** As `read`, and then whatever is appended until the signal fires; ends without an error then. A slow reader costs no memory. */
  follow(group: string, options: ReadOptions & { signal: AbortSignal }): AsyncIterable<LogEvent>;
  deleteGroup(group: string): Promise<void>;
  /** Writes what is buffered and ends every `follow`. */
  close(): Promise<void>;
}
