import * as zlib from "node:zlib";
import { OperationError } from "../../model/values.ts";
import type { ZlibFormat } from "./zlib-options.ts";

type Transform = zlib.Gzip | zlib.BrotliCompress;
export type Flush = "none" | "sync" | "full" | "finish";

/** What one write may let out. A chunk of 64 KiB that unpacks to more is a bomb, or is to be cut smaller. */
const maxOutputBytes = 64 * 1024 * 1024;

const create: Record<ZlibFormat, (options: object) => Transform> = {
  gzip: (options) => zlib.createGzip(options),
  gunzip: (options) => zlib.createGunzip(options) as unknown as Transform,
  deflate: (options) => zlib.createDeflate(options) as unknown as Transform,
  inflate: (options) => zlib.createInflate(options) as unknown as Transform,
  deflateRaw: (options) => zlib.createDeflateRaw(options) as unknown as Transform,
  inflateRaw: (options) => zlib.createInflateRaw(options) as unknown as Transform,
  unzip: (options) => zlib.createUnzip(options) as unknown as Transform,
  brotliCompress: (options) => zlib.createBrotliCompress(options),
  brotliDecompress: (options) => zlib.createBrotliDecompress(options) as unknown as Transform,
};

/** A zlib transform that is written to chunk by chunk; each write answers with the output it caused. */
export class ZlibStream {
  readonly #transform: Transform;
  readonly #isBrotli: boolean;
  #output: Buffer[] = [];
  #outputBytes = 0;
  #failure: Error | undefined;
  #onFailure: ((error: Error) => void) | undefined;

  constructor(format: ZlibFormat, options: object) {
    this.#isBrotli = format.startsWith("brotli");
    this.#transform = create[format](options);
    this.#transform.on("data", (chunk: Buffer) => {
      this.#output.push(chunk);
      this.#outputBytes += chunk.length;
      if (this.#outputBytes <= maxOutputBytes) return;
      const message = `Cannot create a Buffer larger than ${maxOutputBytes} bytes`;
      this.#transform.destroy(new OperationError("ERR_BUFFER_TOO_LARGE", message));
    });
    this.#transform.on("error", (error: Error) => {
      this.#failure = error;
      this.#onFailure?.(error);
    });
  }

  async write(input: Uint8Array, flush: Flush): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#onFailure !== undefined)
      throw new OperationError("EINVAL", "A write to this zlib stream is under way");
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onFailure = reject;
        const written = () => {
          if (flush === "finish") this.#transform.end(() => this.#afterEnd(resolve));
          else if (flush === "none") resolve();
          else this.#transform.flush(this.#flushKind(flush), resolve);
        };
        if (input.length === 0) written();
        else this.#transform.write(input, written);
      });
      const output = Buffer.concat(this.#output, this.#outputBytes);
      return new Uint8Array(output.buffer.slice(output.byteOffset, output.byteOffset + output.length));
    } finally {
      this.#onFailure = undefined;
      this.#output = [];
      this.#outputBytes = 0;
    }
  }

  close(): void {
    this.#onFailure?.(new OperationError("ERR_STREAM_DESTROYED", "The zlib stream was closed"));
    this.#transform.destroy();
  }

  /** "finish" says that all input was taken; the last output may still be on its way. */
  #afterEnd(resolve: () => void): void {
    if (this.#transform.readableEnded) resolve();
    else this.#transform.once("end", resolve);
  }

  #flushKind(flush: "sync" | "full"): number {
    if (this.#isBrotli) return zlib.constants.BROTLI_OPERATION_FLUSH;
    return flush === "sync" ? zlib.constants.Z_SYNC_FLUSH : zlib.constants.Z_FULL_FLUSH;
  }
}
