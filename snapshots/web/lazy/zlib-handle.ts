import { callAsync, callSync } from "../../bridge.ts";
import { setTimeout } from "../../loop.ts";
import { wholeBuffer } from "../bytes.ts";

export type ZlibFormat =
  | "gzip"
  | "gunzip"
  | "deflate"
  | "inflate"
  | "deflateRaw"
  | "inflateRaw"
  | "unzip"
  | "brotliCompress"
  | "brotliDecompress"
  | "zstdCompress"
  | "zstdDecompress";

/** What one write let out. */
export interface ZlibAnswer {
  readonly output: Uint8Array<ArrayBuffer>;
  /** Bytes of the input that were not taken. */
  readonly inputLeft: number;
  /** There is more output: it is to be written to again, without input. */
  readonly hasMore: boolean;
}

/** What crosses to the host at once, bounded by its operations' arguments. */
export const maxInputBytes = 1024 * 1024;
const maxStepBytes = 1024 * 1024;
const maxOutputBytes = 256 * 1024;
const maxOutputSyncBytes = 1024 * 1024;
const answerHeadBytes = 5;
/** Of those that the host allows some are left to who cannot wait. */
const maxOpenAtOnce = 64;
/** How long who finds no room looks on while nothing is under way. */
const maxTries = 50;
const tryMs = 10;

let lastNumber = 0;
/** Writes that the host has not answered, and those that wait for one of them to end before they open a stream of their own. */
let underWay = 0;
let open = 0;
let waiting: (() => void)[] = [];

function oneEnded(): void {
  const woken = waiting;
  waiting = [];
  for (const wake of woken) wake();
}

/** How the host's streams are made: options as JSON, and the dictionary. */
export interface ZlibSettings {
  readonly options: string;
  readonly dictionary: Uint8Array | undefined;
}

/**
 * A compressor or decompressor that the host holds. It is opened by the first write, so that one that was made at init and
 * not written to survives a freeze.
 */
export class ZlibHandle {
  readonly #number = ++lastNumber;
  readonly #format: ZlibFormat;
  readonly #settings: ZlibSettings;
  readonly #stepBytes: number;
  #level: readonly [level: number, strategy: number] | undefined;
  #isOpen = false;
  #isClosed = false;

  constructor(format: ZlibFormat, settings: ZlibSettings, stepBytes: number = 16_384) {
    this.#format = format;
    this.#settings = settings;
    this.#stepBytes = Math.min(stepBytes, maxStepBytes);
  }

  /**
   * @param input At most maxInputBytes; nothing to go on with what is left of the last.
   * @param wantedBytes Of output, before it stops; at most and by default maxOutputBytes.
   */
  async write(
    flush: number,
    input: Uint8Array | undefined,
    wantedBytes: number = maxOutputBytes,
  ): Promise<ZlibAnswer> {
    await this.#openWithRoom();
    underWay++;
    try {
      const bytes = input === undefined ? undefined : wholeBuffer(input);
      return answerOf(
        await callAsync("zlib.write", this.#number, flush, bytes, Math.min(wantedBytes, maxOutputBytes)),
      );
    } finally {
      underWay--;
      oneEnded();
    }
  }

  writeSync(flush: number, input: Uint8Array | undefined): ZlibAnswer {
    this.#open();
    const bytes = input === undefined ? undefined : wholeBuffer(input);
    return answerOf(callSync("zlib.writeSync", this.#number, flush, bytes, maxOutputSyncBytes));
  }

  params(level: number, strategy: number): void {
    if (this.#isOpen) callSync("zlib.params", this.#number, level, strategy);
    else this.#level = [level, strategy];
  }

  reset(): void {
    if (this.#isOpen) callSync("zlib.reset", this.#number);
  }

  close(): void {
    this.#isClosed = true;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    open--;
    callSync("zlib.close", this.#number);
    oneEnded();
  }

  /** As many as somebody likes may be made at once: those that find no room wait for the ones before. */
  async #openWithRoom(): Promise<void> {
    for (let tries = 0; !this.#isOpen; ) {
      // Streams that are between two writes let the ones that wait know when they close; until then they are looked at.
      const isPatient = underWay > 0 || tries++ < maxTries;
      if (this.#tryToOpen(isPatient)) return;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (underWay === 0) setTimeout(resolve, tryMs);
      });
    }
  }

  #tryToOpen(isPatient: boolean): boolean {
    if (isPatient && open >= maxOpenAtOnce) return false;
    try {
      this.#open();
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "ELIMIT" && isPatient) return false;
      throw error;
    }
  }

  #open(): void {
    if (this.#isOpen) return;
    if (this.#isClosed) throw new Error("zlib binding closed");
    const { options, dictionary } = this.#settings;
    callSync("zlib.open", this.#number, this.#format, options, dictionary, this.#stepBytes);
    this.#isOpen = true;
    open++;
    if (this.#level !== undefined) this.params(...this.#level);
  }
}

function answerOf(answer: unknown): ZlibAnswer {
  const bytes = answer as Uint8Array<ArrayBuffer>;
  const inputLeft = ((bytes[0]! * 256 + bytes[1]!) * 256 + bytes[2]!) * 256 + bytes[3]!;
  return { output: bytes.subarray(answerHeadBytes), inputLeft, hasMore: bytes[4] === 1 };
}

/** What zlib says of its input: the host's message begins with zlib's own number for it. */
export function zlibError(error: unknown): Error {
  const failure = error as Error & { errno?: number };
  const said = /^(-?\d+) (.*)$/s.exec(failure.message);
  if (said !== null) {
    failure.errno = Number(said[1]);
    failure.message = said[2]!;
    // The stack repeats the message.
    const { stack } = failure;
    if (typeof stack === "string") failure.stack = stack.replace(said[0], said[2]!);
  }
  return failure;
}
