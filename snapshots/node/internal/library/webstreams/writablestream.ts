import { web } from "../../web.ts";

interface Writer {
  write(chunk: unknown): Promise<void>;
}
/** How the library counts writes under way. */
interface Tracker {
  pending: number;
  resolve(): void;
  reject(error: unknown): void;
}

const { WritableStream } = web as unknown as { WritableStream: new () => object };

export { WritableStream };
export const isWritableStream = (value: unknown): boolean => value instanceof WritableStream;

export function writableStreamDefaultWriterWriteWithRequest(
  writer: Writer,
  chunk: unknown,
  tracker: Tracker,
): void {
  tracker.pending++;
  writer.write(chunk).then(
    () => tracker.resolve(),
    (error: unknown) => tracker.reject(error),
  );
}
