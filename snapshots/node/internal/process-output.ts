import { requireInternal } from "../../registry.ts";
import { nextTick } from "../../ticks.ts";
import type { BufferConstructor } from "./buffer-type.ts";
import { printBytes, printText } from "./output-lines.ts";

type Done = (error?: Error | null) => void;

/** The part of Node's classes that is used here. */
interface Stream {
  destroy: unknown;
  emit(name: string): boolean;
  push(chunk: null): void;
  _undestroy(): void;
  readonly _writableState: { emitClose: boolean };
}
type StreamClass = new (options: object) => Stream;

/** Loaded when a function touches one of its process's streams. */
const load = (kind: string) => requireInternal(kind) as StreamClass;

/** process.stdout and process.stderr: pipes into the log, as far as a function can tell. */
export function createOutput(fd: 1 | 2): object {
  const Writable = load("library:internal/streams/writable");
  const output = new Writable({
    decodeStrings: false,
    highWaterMark: 65_536,
    write(chunk: string | Uint8Array, encoding: string, done: Done) {
      if (typeof chunk !== "string") printBytes(fd, chunk);
      else if (encoding === "utf8" || encoding === "utf-8") printText(fd, chunk);
      else
        printBytes(fd, (globalThis as unknown as { Buffer: BufferConstructor }).Buffer.from(chunk, encoding));
      done();
    },
    // As Node's: the descriptor stays open, and who ended the stream may write again.
    destroy(this: Stream, error: Error | null, done: Done) {
      done(error);
      this._undestroy();
      if (!this._writableState.emitClose) nextTick(() => this.emit("close"));
    },
  });
  return Object.assign(output, { fd, _type: "pipe", _isStdio: true, destroySoon: output.destroy });
}

/** process.stdin: it ends when it is read, since nobody types. */
export function createInput(): object {
  const Readable = load("library:internal/streams/readable");
  return Object.assign(new Readable({ highWaterMark: 65_536, read: endAtOnce }), { fd: 0 });
}

function endAtOnce(this: Stream): void {
  this.push(null);
}
