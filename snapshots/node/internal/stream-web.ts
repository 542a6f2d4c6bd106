import type { ReadableStreamLike, StreamModule, WritableStreamLike } from "../stream.ts";

interface WebReader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}
interface WebWriter {
  readonly ready: Promise<void>;
  write(chunk: unknown): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}
interface WebReadable {
  getReader(): WebReader;
}
interface WebWritable {
  getWriter(): WebWriter;
}
interface WebController {
  enqueue(chunk: unknown): void;
  close(): void;
  error(reason: unknown): void;
  readonly desiredSize: number | null;
}
interface WebStreams {
  ReadableStream: new (source: object, strategy?: object) => WebReadable;
  WritableStream: new (sink: object, strategy?: object) => WebWritable;
}
type Done = (error?: Error | null) => void;

const webStreams = globalThis as unknown as WebStreams;
const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));

/** `fromWeb` and `toWeb` of Readable, Writable and Duplex; back-pressure passes through in both directions. */
export function webAdapters(stream: StreamModule) {
  function pull(reader: WebReader, readable: ReadableStreamLike): void {
    reader.read().then(
      ({ done, value }) => readable.push(done ? null : value),
      (error: unknown) => readable.destroy(asError(error)),
    );
  }

  function sink(writer: WebWriter) {
    return {
      write(chunk: unknown, _encoding: string, done: Done) {
        writer.ready
          .then(() => writer.write(chunk))
          .then(
            () => done(),
            (error: unknown) => done(asError(error)),
          );
      },
      final(done: Done) {
        writer.close().then(
          () => done(),
          (error: unknown) => done(asError(error)),
        );
      },
    };
  }

  function readableFromWeb(source: WebReadable, options: object = {}) {
    const reader = source.getReader();
    return new stream.Readable({
      ...options,
      read(this: ReadableStreamLike) {
        pull(reader, this);
      },
      destroy(error: Error | null, done: Done) {
        reader.cancel(error ?? undefined).then(
          () => done(error),
          () => done(error),
        );
      },
    });
  }

  function readableToWeb(readable: ReadableStreamLike) {
    return new webStreams.ReadableStream(
      {
        start(controller: WebController) {
          readable.pause();
          readable.on("data", (chunk) => {
            controller.enqueue(
              typeof chunk === "string" || readable.readableObjectMode ? chunk : toBytes(chunk),
            );
            if ((controller.desiredSize ?? 0) <= 0) readable.pause();
          });
          // Attaching "data" starts the flow; nothing is wanted yet.
          readable.pause();
          stream.finished(readable, { writable: false }, (error) => {
            try {
              if (error) controller.error(error);
              else controller.close();
            } catch {
              // The consumer cancelled first.
            }
          });
        },
        pull() {
          readable.resume();
        },
        cancel(reason: unknown) {
          readable.destroy(reason === undefined ? undefined : asError(reason));
        },
      },
      { highWaterMark: 0 },
    );
  }

  function writableFromWeb(target: WebWritable, options: object = {}) {
    const writer = target.getWriter();
    return new stream.Writable({
      ...options,
      ...sink(writer),
      destroy(error: Error | null, done: Done) {
        if (error === null) return done();
        writer.abort(error).then(
          () => done(error),
          () => done(error),
        );
      },
    });
  }

  function writableToWeb(writable: WritableStreamLike) {
    return new webStreams.WritableStream({
      start(controller: WebController) {
        writable.on("error", (error) => controller.error(error));
      },
      write(chunk: unknown) {
        if (writable.write(chunk)) return undefined;
        return new Promise<void>((resolve, reject) => {
          const settle = (error?: unknown) => {
            writable.removeListener("drain", settle);
            writable.removeListener("close", settle);
            if (error || writable.destroyed) reject(error ?? new Error("Premature close"));
            else resolve();
          };
          writable.on("drain", settle);
          writable.on("close", settle);
        });
      },
      close: () => new Promise<void>((resolve) => writable.end(undefined, undefined, resolve)),
      abort(reason: unknown) {
        writable.destroy(asError(reason));
      },
    });
  }

  function duplexFromWeb(pair: { readable: WebReadable; writable: WebWritable }, options: object = {}) {
    const reader = pair.readable.getReader();
    const writer = pair.writable.getWriter();
    return new stream.Duplex({
      ...options,
      ...sink(writer),
      read(this: ReadableStreamLike) {
        pull(reader, this);
      },
      destroy(error: Error | null, done: Done) {
        const ends = error ? [reader.cancel(error), writer.abort(error)] : [reader.cancel()];
        Promise.allSettled(ends).then(() => done(error));
      },
    });
  }

  return {
    readable: { fromWeb: readableFromWeb, toWeb: readableToWeb },
    writable: { fromWeb: writableFromWeb, toWeb: writableToWeb },
    duplex: {
      fromWeb: duplexFromWeb,
      toWeb: (duplex: ReadableStreamLike & WritableStreamLike) => ({
        readable: readableToWeb(duplex),
        writable: writableToWeb(duplex),
      }),
    },
  };
}

/** Web streams carry plain byte arrays. */
function toBytes(chunk: unknown): unknown {
  if (!ArrayBuffer.isView(chunk)) return chunk;
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
