import buffer from "node:buffer";
import EventEmitter from "node:events";
import { requireInternal } from "../../registry.ts";
import { nodeError } from "./errors.ts";
import { bufferOf, optionsOf } from "./fs-arguments.ts";
import { withPromise } from "./fs-later.ts";
import * as names from "./fs-names.ts";
import * as sync from "./fs-sync.ts";
import * as transfer from "./fs-transfer.ts";

type Streams = typeof import("./fs-streams.ts");
const streams = () => requireInternal("brisk:node/internal/fs-streams") as Streams;
const defaultReadBytes = 16 * 1024;

/**
 * An open file, as fs.promises.open gives it.
 *
 *     open ──► closed        by close(), or by a stream over it that ends
 */
export class FileHandle extends (EventEmitter as unknown as new () => {
  emit(name: string, ...args: unknown[]): boolean;
}) {
  #fd: number;
  #closing: Promise<void> | undefined;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  get fd(): number {
    return this.#fd;
  }

  close(): Promise<void> {
    if (this.#fd === -1) return Promise.resolve();
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  async #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = -1;
    await closeOne(fd);
    this.emit("close");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async read(target?: unknown, offset?: unknown, length?: unknown, position?: unknown) {
    let into = target;
    let part = offset;
    if (!ArrayBuffer.isView(target)) {
      const given = (target ?? {}) as { buffer?: unknown };
      into = given.buffer ?? buffer.Buffer.alloc(defaultReadBytes);
      part = given;
    }
    if (typeof part === "object" && part !== null && "buffer" in part) bufferOf(into);
    const bytesRead = await this.#run("read", transfer.read, into, part, length, position);
    return { bytesRead, buffer: into };
  }

  async write(data: unknown, offset?: unknown, length?: unknown, position?: unknown) {
    if (ArrayBuffer.isView(data) && data.byteLength === 0) return { bytesWritten: 0, buffer: data };
    const bytesWritten = await this.#run("write", transfer.write, data, offset, length, position);
    return { bytesWritten, buffer: data };
  }

  async readv(buffers: unknown, position?: unknown) {
    return { bytesRead: await this.#run("read", transfer.readv, buffers, position), buffers };
  }

  async writev(buffers: unknown, position?: unknown) {
    return { bytesWritten: await this.#run("write", transfer.writev, buffers, position), buffers };
  }

  readFile(options?: unknown): Promise<unknown> {
    return this.#run("read", sync.readFile, options);
  }
  async writeFile(data: unknown, options?: unknown): Promise<void> {
    const { encoding, signal } = (typeof options === "string" ? { encoding: options } : (options ?? {})) as {
      encoding?: unknown;
      signal?: unknown;
    };
    const given = { encoding: encoding ?? "utf8", ...(signal === undefined ? {} : { signal }) };
    // Of a stream or another iterable, piece by piece.
    if (!isIterable(data)) await this.#run("write", sync.writeFile, data, given);
    else for await (const piece of data) await this.#run("write", sync.writeFile, piece, given);
  }
  appendFile(data: unknown, options?: unknown): Promise<void> {
    return this.writeFile(data, options);
  }
  stat(options?: unknown): Promise<unknown> {
    return this.#run("fstat", sync.fstat, options);
  }
  truncate(length?: unknown): Promise<unknown> {
    return this.#run("ftruncate", sync.ftruncate, length);
  }
  utimes(accessed: unknown, modified: unknown): Promise<unknown> {
    return this.#run("futime", names.futimes, accessed, modified);
  }
  chmod(mode: unknown): Promise<unknown> {
    return this.#run("fchmod", names.fchmod, mode);
  }
  chown(user: unknown, group: unknown): Promise<unknown> {
    return this.#run("fchown", names.fchown, user, group);
  }
  sync(): Promise<unknown> {
    return this.#run("fsync", sync.fsync);
  }
  datasync(): Promise<unknown> {
    return this.#run("fdatasync", sync.fdatasync);
  }

  createReadStream(options?: object): unknown {
    const { ReadStream } = streams();
    return new ReadStream(undefined, { ...options, fd: this });
  }

  createWriteStream(options?: object): unknown {
    const { WriteStream } = streams();
    return new WriteStream(undefined, { ...options, fd: this });
  }

  readLines(options?: { encoding?: string }): AsyncIterable<string> {
    const { encoding } = optionsOf(options, { encoding: "utf8" });
    const stream = this.createReadStream({ ...options, encoding }) as AsyncIterable<string>;
    return linesOf(stream);
  }

  readableWebStream(options: { autoClose?: boolean } = {}): unknown {
    const { ReadableStream } = globalThis as unknown as { ReadableStream: new (source: object) => unknown };
    const finish = async () => {
      if (options.autoClose) await this.close();
    };
    return new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: defaultReadBytes,
      pull: async (controller: {
        byobRequest: { view: Uint8Array; respond(bytes: number): void };
        close(): void;
      }) => {
        const { view } = controller.byobRequest;
        const { bytesRead } = await this.read(view, 0, view.byteLength);
        if (bytesRead === 0) {
          controller.close();
          await finish();
        }
        controller.byobRequest.respond(bytesRead as number);
      },
      cancel: finish,
    });
  }

  #run(
    syscall: string,
    run: (fd: unknown, ...args: never[]) => unknown,
    ...args: unknown[]
  ): Promise<unknown> {
    if (this.#fd === -1) {
      const error = nodeError(Error, "EBADF", "file closed");
      return Promise.reject(Object.assign(error, { syscall }));
    }
    return withPromise(syscall, run as never)(this.#fd, ...args);
  }

  get [Symbol.toStringTag](): string {
    return "FileHandle";
  }
}

const closeOne = withPromise("close", sync.close);

export function isIterable(data: unknown): data is AsyncIterable<unknown> {
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}

async function* linesOf(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
