import { web } from "../../web.ts";

interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
}
type Request = Record<symbol, (value?: unknown) => void>;

const { ReadableStream } = web as unknown as { ReadableStream: new () => object };

export { ReadableStream };
export const isReadableStream = (value: unknown): boolean => value instanceof ReadableStream;

export const kChunk = Symbol("kChunk");
export const kClose = Symbol("kClose");
export const kError = Symbol("kError");

/** One read, whose outcome goes to the member of the request that is for it. */
export function readableStreamDefaultReaderRead(reader: Reader, request: Request): void {
  reader.read().then(
    ({ done, value }) => (done ? request[kClose]!() : request[kChunk]!(value)),
    (error: unknown) => request[kError]!(error),
  );
}

/** What the stream's source would be told of is told, whether or not somebody reads. */
export function readableStreamCancel(stream: { cancel(): Promise<void> }): void {
  stream.cancel().catch(() => {});
}
