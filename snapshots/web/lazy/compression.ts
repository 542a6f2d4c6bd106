import { viewOfBytes } from "../bytes.ts";
import { showAs } from "../inspection.ts";
import { asInterface } from "../interface.ts";
import { loadLazy } from "../lazy.ts";
import { utf8Encode } from "../utf8.ts";
import { codedError, invalidArgType } from "./argument-errors.ts";
import { maxInputBytes, type ZlibAnswer, type ZlibFormat, ZlibHandle, zlibError } from "./zlib-handle.ts";

const formats = ["deflate", "deflate-raw", "gzip", "brotli"] as const;
type Format = (typeof formats)[number];

const compressors: Readonly<Record<Format, ZlibFormat>> = {
  deflate: "deflate",
  "deflate-raw": "deflateRaw",
  gzip: "gzip",
  brotli: "brotliCompress",
};
const decompressors: Readonly<Record<Format, ZlibFormat>> = {
  deflate: "inflate",
  "deflate-raw": "inflateRaw",
  gzip: "gunzip",
  brotli: "brotliDecompress",
};

const { ReadableStream, WritableStream } = loadLazy("streams");
type Readable = InstanceType<typeof ReadableStream<Uint8Array>>;
type Writable = InstanceType<typeof WritableStream<unknown>>;

const goOn = 0;
const none = new Uint8Array(0);

/**
 * A pair of streams around one of zlib's in the host. Not a TransformStream, which would take in all that a chunk unpacks
 * to: here the next part of the output is asked for when the one before was read.
 */
class Conversion {
  readonly readable: Readable;
  readonly writable: Writable;
  readonly #handle: ZlibHandle;
  readonly #finish: number;
  #output!: {
    enqueue(chunk: Uint8Array): void;
    close(): void;
    error(reason: unknown): void;
    readonly desiredSize: number | null;
  };
  #input!: { error(reason?: unknown): void };
  /** Called when output is wanted. */
  #wake: (() => void) | undefined;
  #hasFailed = false;

  constructor(format: ZlibFormat) {
    const isBrotli = format.startsWith("brotli");
    this.#finish = isBrotli ? 2 : 4;
    this.#handle = new ZlibHandle(format, {
      options: '{"rejectGarbageAfterEnd":true}',
      dictionary: undefined,
    });
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#output = controller;
        },
        pull: () => this.#wakeUp(),
        cancel: (reason) => {
          this.#input.error(reason);
          this.#end();
        },
      },
      { highWaterMark: 1 },
    );
    this.writable = new WritableStream<unknown>({
      start: (controller) => {
        this.#input = controller;
      },
      write: (chunk) => this.#failing(() => this.#convertAll(bytesOf(chunk))),
      close: () =>
        this.#failing(async () => {
          await this.#convert(none, this.#finish);
          this.#handle.close();
          this.#output.close();
        }),
      abort: (reason) => {
        this.#output.error(reason);
        this.#end();
      },
    });
  }

  async #convertAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += maxInputBytes)
      await this.#convert(bytes.subarray(at, at + maxInputBytes), goOn);
  }

  async #convert(input: Uint8Array, flush: number): Promise<void> {
    let answer: ZlibAnswer;
    let piece: Uint8Array | undefined = input;
    do {
      while ((this.#output.desiredSize ?? 1) <= 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        // Nobody is there any more.
        if (this.#hasFailed) return;
      }
      answer = await this.#handle.write(flush, piece);
      if (this.#hasFailed) return;
      // A copy, since the answer has a head of its own in front.
      if (answer.output.length > 0) this.#output.enqueue(answer.output.slice());
      piece = undefined;
    } while (answer.hasMore);
    if (answer.inputLeft > 0) throw trailingJunk();
  }

  /** What fails on one side fails on the other as well. */
  async #failing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (reason) {
      if (this.#hasFailed) return;
      const error = asTypeError(reason);
      this.#output.error(error);
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#hasFailed = true;
    this.#handle.close();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

export class CompressionStream {
  readonly #conversion: Conversion;

  constructor(format: string) {
    this.#conversion = new Conversion(compressors[formatOf("CompressionStream", format)]);
  }
  get readable(): Readable {
    return this.#conversion.readable;
  }
  get writable(): Writable {
    return this.#conversion.writable;
  }
}

export class DecompressionStream {
  readonly #conversion: Conversion;

  constructor(format: string) {
    this.#conversion = new Conversion(decompressors[formatOf("DecompressionStream", format)]);
  }
  get readable(): Readable {
    return this.#conversion.readable;
  }
  get writable(): Writable {
    return this.#conversion.writable;
  }
}

function formatOf(made: string, given: unknown): Format {
  const name = `${given as string}`;
  const format = formats.find((known) => known === name);
  if (format !== undefined) return format;
  const message = `Failed to construct '${made}': 1st argument '${name}' is not a valid enum value of type CompressionFormat.`;
  throw codedError(TypeError, "ERR_INVALID_ARG_VALUE", message);
}

/** As Node, it takes text as well. */
function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return utf8Encode(chunk);
  if (chunk === null) {
    throw codedError(TypeError, "ERR_STREAM_NULL_VALUES", "May not write null values to stream");
  }
  const bytes = viewOfBytes(chunk);
  const expected = "of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer";
  if (bytes === undefined || isShared(bytes)) throw invalidArgType("chunk", expected, chunk);
  return bytes;
}

function isShared(bytes: Uint8Array): boolean {
  // The class is looked up at the call: a heap that names it could not be frozen.
  return typeof SharedArrayBuffer !== "undefined" && bytes.buffer instanceof SharedArrayBuffer;
}

function asTypeError(reason: unknown): unknown {
  const { code } = reason as { code?: unknown };
  if (reason instanceof TypeError || typeof code !== "string") return reason;
  const cause = zlibError(reason);
  const error = codedError(TypeError, code, cause.message);
  Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
  return error;
}

function trailingJunk(): Error {
  const message = "Trailing junk found after the end of the compressed stream";
  return codedError(TypeError, "ERR_TRAILING_JUNK_AFTER_STREAM_END", message);
}

asInterface(CompressionStream, "CompressionStream");
asInterface(DecompressionStream, "DecompressionStream");
showAs(CompressionStream.prototype, ["readable", "writable"]);
showAs(DecompressionStream.prototype, ["readable", "writable"]);
