import * as zlib from "node:zlib";
import { OperationError } from "../../model/values.ts";
import type { ZlibFormat, ZlibOptions } from "./zlib-options.ts";

/**
 * Node's binding of zlib, as each of its streams holds one. The streams themselves are of no use here: the guest has
 * its own, and what it wants is to hand in input and a flush flag and to have what comes of just that.
 */
interface Binding {
  onerror: (message: string, errno: number, code: string) => void;
  cb: () => void;
  write(...transfer: Transfer): void;
  writeSync(...transfer: Transfer): void;
  params(level: number, strategy: number): void;
  reset(): void;
  close(): void;
}
type Transfer = [
  flush: number,
  input: Uint8Array,
  inOff: number,
  inLen: number,
  output: Uint8Array,
  outOff: number,
  outLen: number,
];

interface Stream {
  readonly _handle: Binding;
  /** Where the binding says how much room its output has left, and how much of its input. */
  readonly _writeState: Uint32Array;
}

const create: Record<ZlibFormat, (options: object) => unknown> = {
  gzip: zlib.createGzip,
  gunzip: zlib.createGunzip,
  deflate: zlib.createDeflate,
  inflate: zlib.createInflate,
  deflateRaw: zlib.createDeflateRaw,
  inflateRaw: zlib.createInflateRaw,
  unzip: zlib.createUnzip,
  brotliCompress: zlib.createBrotliCompress,
  brotliDecompress: zlib.createBrotliDecompress,
  zstdCompress: zlib.createZstdCompress,
  zstdDecompress: zlib.createZstdDecompress,
};

const none = new Uint8Array(0);
/** The input of one write, which is kept until its output is asked for. The guest cuts what is longer. */
export const maxInputBytes = 1024 * 1024;
/** Of an answer: four bytes for what is left of the input, one that says whether there is more output. */
export const answerHeadBytes = 5;

/**
 * One compressor or decompressor. It is written to piece by piece; when a piece makes more output than was asked for,
 * it keeps the rest of the input, and the next call goes on with it.
 *
 *   idle ──write──► writing ──► idle          any ──close──► closed
 */
export class ZlibEngine {
  readonly #memoryBytes: number;
  readonly #growth: ZlibOptions["growth"];
  #takenBytes = 0;
  readonly #binding: Binding;
  readonly #state: Uint32Array;
  readonly #step: Uint8Array;
  #input: Uint8Array = none;
  #inputOffset = 0;
  #flush = 0;
  #isWriting = false;
  #isClosed = false;
  #failure: OperationError | undefined;

  /** @param stepBytes What zlib is given to write to at once, which is where a failure cuts the output off. */
  constructor(format: ZlibFormat, { options, memoryBytes, growth }: ZlibOptions, stepBytes: number) {
    const stream = create[format](options) as Stream;
    // Node's own callback, which would feed the stream, does nothing for one that was destroyed but call `cb`.
    Object.defineProperty(stream, "destroyed", { value: true });
    this.#memoryBytes = memoryBytes + stepBytes;
    this.#growth = growth;
    this.#binding = stream._handle;
    this.#state = stream._writeState;
    this.#step = new Uint8Array(stepBytes);
    this.#binding.onerror = (message, errno, code) => {
      this.#failure = new OperationError(code, `${errno} ${message}`);
    };
  }

  /** What it takes of the host's memory, by zlib's own formulas. */
  get memoryBytes(): number {
    const { perInputByte = 0, bytes = 0 } = this.#growth ?? {};
    return this.#memoryBytes + this.#input.length + Math.min(bytes, perInputByte * this.#takenBytes);
  }

  /** Without `input` goes on with what is left. */
  writeSync(flush: number, input: Uint8Array | undefined, maxOutputBytes: number): Uint8Array {
    this.#begin(flush, input);
    const output = new Output(maxOutputBytes);
    do {
      this.#binding.writeSync(...this.#transfer());
      this.#take(output);
    } while (this.#isFull && !output.isFull);
    return this.#answer(output);
  }

  async write(flush: number, input: Uint8Array | undefined, maxOutputBytes: number): Promise<Uint8Array> {
    this.#begin(flush, input);
    const output = new Output(maxOutputBytes);
    this.#isWriting = true;
    try {
      do {
        await this.#stepAsync();
        if (this.#isClosed) throw new OperationError("EINVAL", "The zlib stream was closed");
        this.#take(output);
      } while (this.#isFull && !output.isFull);
    } finally {
      this.#isWriting = false;
    }
    return this.#answer(output);
  }

  /** Nothing comes of it but for deflate and its like. */
  params(level: number, strategy: number): void {
    this.#assertIdle();
    this.#binding.params(level, strategy);
    if (this.#failure !== undefined) throw this.#failure;
  }

  reset(): void {
    this.#assertIdle();
    this.#binding.reset();
    this.#input = none;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** A write that is under way ends first: the binding waits for it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#binding.close();
  }

  get #isFull(): boolean {
    return this.#state[0] === 0;
  }

  /** The binding ends the process when two things are done with it at once. */
  #assertIdle(): void {
    if (this.#isClosed) throw new OperationError("EINVAL", "The zlib stream was closed");
    if (this.#isWriting) throw new OperationError("EINVAL", "A write to this zlib stream is under way");
  }

  #begin(flush: number, input: Uint8Array | undefined): void {
    this.#assertIdle();
    if (this.#failure !== undefined) throw this.#failure;
    if (input === undefined) return;
    this.#input = input;
    this.#inputOffset = 0;
    this.#takenBytes += input.length;
    this.#flush = flush;
  }

  #transfer(): Transfer {
    const left = this.#input.length - this.#inputOffset;
    return [this.#flush, this.#input, this.#inputOffset, left, this.#step, 0, this.#step.length];
  }

  #stepAsync(): Promise<void> {
    return new Promise((resolve) => {
      const failed = this.#binding.onerror;
      const done = (): void => {
        this.#binding.onerror = failed;
        resolve();
      };
      this.#binding.cb = done;
      this.#binding.onerror = (...error) => {
        failed(...error);
        done();
      };
      this.#binding.write(...this.#transfer());
    });
  }

  /** Takes what the last step wrote. What it failed with comes after the output of the steps before. */
  #take(output: Output): void {
    if (this.#failure !== undefined) {
      if (output.length === 0) throw this.#failure;
      this.#state[0] = 0;
      output.end();
      return;
    }
    const [outputLeft, inputLeft] = this.#state as unknown as [number, number];
    output.add(this.#step.subarray(0, this.#step.length - outputLeft));
    this.#inputOffset = this.#input.length - inputLeft;
  }

  #answer(output: Output): Uint8Array {
    const inputLeft = this.#input.length - this.#inputOffset;
    if (!this.#isFull) this.#input = none;
    return output.answer(inputLeft, this.#isFull);
  }
}

class Output {
  readonly #maxBytes: number;
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #isEnded = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#isEnded || this.#length >= this.#maxBytes;
  }

  /** `bytes` are written over by the next step. */
  add(bytes: Uint8Array): void {
    this.#parts.push(bytes.slice());
    this.#length += bytes.length;
  }

  end(): void {
    this.#isEnded = true;
  }

  answer(inputLeft: number, hasMore: boolean): Uint8Array {
    const answer = new Uint8Array(answerHeadBytes + this.#length);
    new DataView(answer.buffer).setUint32(0, inputLeft);
    answer[4] = hasMore ? 1 : 0;
    let at = answerHeadBytes;
    for (const part of this.#parts) {
      answer.set(part, at);
      at += part.length;
    }
    return answer;
  }
}
