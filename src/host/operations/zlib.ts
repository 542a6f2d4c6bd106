import * as zlib from "node:zlib";
import { OperationError } from "../../model/values.ts";
import {
  bytes,
  defineOperation,
  integer,
  type OperationEnvironment,
  oneOf,
  optional,
  string,
} from "../operation.ts";
import { maxInputBytes, ZlibEngine } from "./zlib-engine.ts";
import { zlibFormats, zlibOptions } from "./zlib-options.ts";

const maxDataBytes = 16 * 1024 * 1024;
/** The guest asks again for more output than that. */
const maxOutputBytes = 1024 * 1024;
const maxOptionsChars = 4096;
/** What one environment may have open, and what those may take of zlib's own memory by zlib's own formulas. */
const maxStreams = 128;
const maxMemoryBytes = 512 * 1024 * 1024;

/** The open streams of one environment, closed with it. */
class Streams {
  readonly #byHandle = new Map<number, ZlibEngine>();

  open(handle: number, make: () => ZlibEngine): void {
    if (this.#byHandle.has(handle))
      throw new OperationError("EINVAL", `zlib stream ${handle} is open already`);
    if (this.#byHandle.size >= maxStreams) {
      throw new OperationError("ELIMIT", `Cannot open a zlib stream: at most ${maxStreams} may be open`);
    }
    const engine = make();
    this.#byHandle.set(handle, engine);
    try {
      this.#assertRoom();
    } catch (error) {
      this.end(handle);
      throw error;
    }
  }

  get(handle: number): ZlibEngine {
    const engine = this.#byHandle.get(handle);
    if (engine === undefined) throw new OperationError("EINVAL", `zlib stream ${handle} is not open`);
    return engine;
  }

  /** One that is to be written to, unless all of them take too much by now. */
  writable(handle: number): ZlibEngine {
    const engine = this.get(handle);
    this.#assertRoom();
    return engine;
  }

  #assertRoom(): void {
    let taken = 0;
    for (const { memoryBytes } of this.#byHandle.values()) taken += memoryBytes;
    if (taken <= maxMemoryBytes) return;
    throw new OperationError(
      "ELIMIT",
      `Cannot compress: ${this.#byHandle.size} zlib streams take ${taken} bytes, at most ${maxMemoryBytes} are allowed`,
    );
  }

  end(handle: number): void {
    const engine = this.#byHandle.get(handle);
    if (engine === undefined) return;
    engine.close();
    this.#byHandle.delete(handle);
  }

  inUse(): string | undefined {
    return this.#byHandle.size === 0 ? undefined : `${this.#byHandle.size} zlib streams are open`;
  }

  close(): void {
    for (const handle of [...this.#byHandle.keys()]) this.end(handle);
  }
}

function streamsOf(environment: OperationEnvironment): Streams {
  const present = environment.resources.get("zlib");
  if (present instanceof Streams) return present;
  const made = new Streams();
  environment.resources.set("zlib", made);
  return made;
}

/** What is done in one call, without a stream: opening one takes several times as long as what it does with so little. */
const maxOnceBytes = 64 * 1024;

const syncFunctions: Readonly<Record<string, unknown>> = zlib;
type Once = (data: Uint8Array, options: object) => Uint8Array;

/** All of it, by the usual options; nothing when more comes out than an answer holds. */
export const runOnce = defineOperation({
  name: "zlib.once",
  kind: "sync",
  args: [oneOf(...zlibFormats), bytes(maxOnceBytes)],
  replay: "pure",
  run: (_environment, format, data) => {
    const { options } = zlibOptions(format, "");
    const once = syncFunctions[`${format}Sync`] as Once;
    try {
      return new Uint8Array(once(data, { ...options, maxOutputLength: maxOutputBytes }));
    } catch (error) {
      const { code, errno, message } = error as Error & { code?: string; errno?: number };
      if (code === "ERR_BUFFER_TOO_LARGE") return undefined;
      if (code === undefined || errno === undefined) throw error;
      throw new OperationError(code, `${errno} ${message}`);
    }
  },
});

const handle = integer(1, Number.MAX_SAFE_INTEGER);
/** Where a failure cuts output off, and so how large its chunks are in Node. */
const stepBytes = integer(64, maxOutputBytes);
const opening = [oneOf(...zlibFormats), string(maxOptionsChars), optional(bytes(maxDataBytes))] as const;
/** Without input it goes on with what it has not taken yet. */
const writing = [handle, integer(0, 5), optional(bytes(maxInputBytes)), integer(1, maxOutputBytes)] as const;

/** Whether a stream with these options can be opened. */
export const checkOptions = defineOperation({
  name: "zlib.check",
  kind: "sync",
  args: opening,
  replay: "pure",
  run: (_environment, format, options, dictionary) => {
    const checked = zlibOptions(format, options, dictionary);
    translated(() => new ZlibEngine(format, checked, 64)).close();
  },
});

export const openStream = defineOperation({
  name: "zlib.open",
  kind: "sync",
  args: [handle, ...opening, stepBytes],
  replay: "taped",
  run: (environment, id, format, options, dictionary, step) => {
    const checked = zlibOptions(format, options, dictionary);
    streamsOf(environment).open(id, () => translated(() => new ZlibEngine(format, checked, step)));
  },
});

/** The output that this input and this flush let out, after a head that says what is left of both. */
export const writeStream = defineOperation({
  name: "zlib.write",
  kind: "async",
  args: writing,
  replay: "taped",
  run: (environment, id, flush, input, wantedBytes) =>
    streamsOf(environment).writable(id).write(flush, input, wantedBytes),
});

export const writeStreamSync = defineOperation({
  name: "zlib.writeSync",
  kind: "sync",
  args: writing,
  replay: "taped",
  run: (environment, id, flush, input, wantedBytes) =>
    streamsOf(environment).writable(id).writeSync(flush, input, wantedBytes),
});

export const setParams = defineOperation({
  name: "zlib.params",
  kind: "sync",
  args: [handle, integer(-1, 9), integer(0, 4)],
  replay: "taped",
  run: (environment, id, level, strategy) => streamsOf(environment).get(id).params(level, strategy),
});

export const resetStream = defineOperation({
  name: "zlib.reset",
  kind: "sync",
  args: [handle],
  replay: "taped",
  run: (environment, id) => streamsOf(environment).get(id).reset(),
});

export const closeStream = defineOperation({
  name: "zlib.close",
  kind: "sync",
  args: [handle],
  replay: "taped",
  run: (environment, id) => streamsOf(environment).end(id),
});

export const crc32 = defineOperation({
  name: "zlib.crc32",
  kind: "sync",
  args: [bytes(maxDataBytes), integer(0, 2 ** 32 - 1)],
  replay: "pure",
  run: (_environment, data, value) => zlib.crc32(data, value),
});

/** Only what Node says of the guest's own options; anything else is our bug and keeps its stack on our side. */
function translated<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code?.startsWith("ERR_")) throw new OperationError(code, message);
    throw error;
  }
}
