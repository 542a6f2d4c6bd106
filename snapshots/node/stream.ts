import stream from "readable-stream/lib/stream.js";
import { webAdapters } from "./internal/stream-web.ts";

type Class = { prototype: object } & Record<string, unknown>;

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

const exported = stream as unknown as StreamModule;

// The package leaves out what needs web streams.
const adapters = webAdapters(exported);
Object.assign(exported.Readable as unknown as Class, adapters.readable);
Object.assign(exported.Writable as unknown as Class, adapters.writable);
Object.assign(exported.Duplex as unknown as Class, adapters.duplex);

let defaultBytes = 65_536;
let defaultObjects = 16;
Object.assign(exported, {
  getDefaultHighWaterMark: (objectMode: boolean) => (objectMode ? defaultObjects : defaultBytes),
  setDefaultHighWaterMark(objectMode: boolean, value: number) {
    if (objectMode) defaultObjects = value;
    else defaultBytes = value;
  },
});

export default exported;
