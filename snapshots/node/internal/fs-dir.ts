import { nodeError } from "./errors.ts";
import { assertCallback, encodedName, integerOf, optionsOf, pathOf } from "./fs-arguments.ts";
import { absolute, ask, textOf } from "./fs-host.ts";
import { later } from "./fs-later.ts";
import { type Dirent, direntOf } from "./fs-stats.ts";
import * as sync from "./fs-sync.ts";
import { web } from "./web.ts";

type Done = (error: unknown, entry?: Dirent | null) => void;

/** An open folder. Its names are those that it had when it was opened. */
export class Dir {
  readonly path: string;
  readonly #entries: Dirent[];
  #isClosed = false;
  #pending = 0;

  constructor(path: string, entries: Dirent[]) {
    this.path = path;
    this.#entries = entries;
  }

  read(callback?: Done): Promise<Dirent | null> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.read((error, entry) => (error ? reject(error) : resolve(entry ?? null)));
      });
    }
    assertCallback(callback);
    this.#assertOpen();
    this.#pending++;
    later(() => {
      this.#pending--;
      callback(null, this.#entries.shift() ?? null);
    });
    return undefined;
  }

  readSync(): Dirent | null {
    this.#assertOpen();
    this.#assertQuiet();
    return this.#entries.shift() ?? null;
  }

  close(callback?: Done): Promise<void> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.close((error) => (error ? reject(error) : resolve()));
      });
    }
    assertCallback(callback);
    if (this.#isClosed) {
      web.queueMicrotask(() => callback(closedError()));
      return undefined;
    }
    this.#isClosed = true;
    later(() => callback(null));
    return undefined;
  }

  closeSync(): void {
    this.#assertOpen();
    this.#assertQuiet();
    this.#isClosed = true;
  }

  async *entries(): AsyncGenerator<Dirent> {
    try {
      for (;;) {
        const entry = await this.read();
        if (!entry) break;
        yield entry;
      }
    } finally {
      if (!this.#isClosed) this.#isClosed = true;
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    return this.entries();
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.closeSync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) await this.close();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closedError();
  }

  #assertQuiet(): void {
    if (this.#pending === 0) return;
    const message = "Cannot do synchronous work on directory handle with concurrent asynchronous operations";
    throw nodeError(Error, "ERR_DIR_CONCURRENT_OPERATION", message);
  }
}

function closedError(): Error {
  return nodeError(Error, "ERR_DIR_CLOSED", "Directory handle was closed");
}

export function opendir(path: unknown, options?: unknown): Dir {
  const given = optionsOf(options, { bufferSize: 32, recursive: false });
  const name = pathOf(path);
  integerOf(given.bufferSize, "options.bufferSize", 1, 2 ** 32 - 1);
  if (given.recursive) {
    return new Dir(name, sync.readdir(name, { ...given, withFileTypes: true }) as Dirent[]);
  }
  const text = textOf(ask("readdir", absolute(name)), { syscall: "opendir", path: name });
  const entries = text === "" ? [] : text.split("\0");
  return new Dir(
    name,
    entries.map((entry) => direntOf(encodedName(entry.slice(1), given.encoding), entry[0]!, name)),
  );
}
