import { requireInternal } from "../registry.ts";

export interface StreamModule {
  new (): object;
  Readable: new (options?: object) => ReadableStreamLike;
  Writable: new (options?: object) => WritableStreamLike;
  Duplex: new (options?: object) => ReadableStreamLike & WritableStreamLike;
  Transform: new (options?: object) => ReadableStreamLike & WritableStreamLike;
  PassThrough: new (options?: object) => ReadableStreamLike & WritableStreamLike;
  Stream: unknown;
  promises: Record<string, unknown>;
  finished(stream: object, options: object, callback: (error?: Error) => void): () => void;
  pipeline(...args: unknown[]): unknown;
}

type Emitter = InstanceType<typeof import("./events.ts").default>;

export interface ReadableStreamLike extends Emitter {
  readable: boolean;
  destroyed: boolean;
  readableEnded: boolean;
  readonly readableObjectMode: boolean;
  push(chunk: unknown, encoding?: string): boolean;
  read(size?: number): unknown;
  resume(): this;
  pause(): this;
  destroy(error?: unknown): this;
  pipe<T>(destination: T): T;
  unpipe(): this;
  setEncoding(encoding: string): this;
}

export interface WritableStreamLike extends Emitter {
  writable: boolean;
  destroyed: boolean;
  writableEnded: boolean;
  writableFinished: boolean;
  writableLength: number;
  write(chunk: unknown, encoding?: unknown, callback?: (error?: Error | null) => void): boolean;
  end(chunk?: unknown, encoding?: unknown, callback?: () => void): this;
  destroy(error?: unknown): this;
  cork(): void;
  uncork(): void;
}

export default requireInternal("library:stream") as StreamModule;
