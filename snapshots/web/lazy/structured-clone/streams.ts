import type { Transfer } from "../../cloning.ts";
import { loadLazy } from "../../lazy.ts";
import { dataCloneError } from "../data-clone-error.ts";
import { structuredClone } from "../structured-clone.ts";

type Streams = ReturnType<typeof loadLazy<"streams">>;
type Readable = InstanceType<Streams["ReadableStream"]>;
type Writable = InstanceType<Streams["WritableStream"]>;

/**
 * Moves a stream: the old one is locked for ever, and feeds the new one with clones of its chunks.
 * @param taken The streams that the same list moves already, and to which this one's are added.
 */
export function transferStream(value: object, taken: Set<object>): Transfer | undefined {
  const streams = loadLazy("streams");
  const { ReadableStream, WritableStream, TransformStream } = streams;
  if (value instanceof ReadableStream) return readable(value, streams, taken);
  if (value instanceof WritableStream) return writable(value, streams, taken);
  if (!(value instanceof TransformStream)) return undefined;
  const ends = {
    readable: readable(value.readable, streams, taken),
    writable: writable(value.writable, streams, taken),
  };
  const moved = new TransformStream();
  for (const name of ["readable", "writable"] as const) {
    Object.defineProperty(moved, name, { value: ends[name].moved, configurable: true });
  }
  return {
    moved,
    commit() {
      ends.readable.commit();
      ends.writable.commit();
    },
  };
}

function readable(stream: Readable, { ReadableStream }: Streams, taken: Set<object>): Transfer {
  take(stream, "ReadableStream", taken);
  let reader: ReturnType<Readable["getReader"]>;
  const source = {
    async pull(controller: { enqueue(chunk: unknown): void; close(): void }) {
      const { done, value } = (await (reader.read as () => Promise<unknown>).call(reader)) as {
        done: boolean;
        value: unknown;
      };
      if (done) controller.close();
      else controller.enqueue(structuredClone(value));
    },
    cancel: (reason: unknown) => reader.cancel(reason),
  };
  return {
    moved: new ReadableStream(source as never, { highWaterMark: 0 }),
    commit() {
      reader = stream.getReader();
    },
  };
}

function writable(stream: Writable, { WritableStream }: Streams, taken: Set<object>): Transfer {
  take(stream, "WritableStream", taken);
  let writer: ReturnType<Writable["getWriter"]>;
  const sink = {
    write: (chunk: unknown) => writer.write(structuredClone(chunk)),
    close: () => writer.close(),
    abort: (reason: unknown) => writer.abort(reason),
  };
  return {
    moved: new WritableStream(sink),
    commit() {
      writer = stream.getWriter();
    },
  };
}

function take(stream: { readonly locked: boolean }, name: string, taken: Set<object>): void {
  if (stream.locked || taken.has(stream)) throw dataCloneError(`A locked ${name} cannot be transferred.`);
  taken.add(stream);
}
