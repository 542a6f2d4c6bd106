import buffer from "node:buffer";
import fs from "node:fs";
import stream from "node:stream";
import { invalidArgType, nodeError, outOfRange } from "./errors.ts";
import { booleanOf, integerOf, optionsOf, pathOf } from "./fs-arguments.ts";
import { type Done, destroyFile, OpenedFile, openFile, quiet, type StreamOptions } from "./fs-stream-file.ts";

/** A stream, and what ours have of it: functions rather than classes, since packages call them on objects of their own. */
interface FileStream {
  path: unknown;
  flags: unknown;
  mode: unknown;
  fd: number | null;
  start: number | undefined;
  end: unknown;
  pos: number | undefined;
  bytesRead: number;
  bytesWritten: number;
  autoClose: boolean;
  closed: boolean;
  pending: boolean;
  destroyed: boolean;
  file: OpenedFile;
  push(chunk: unknown): boolean;
  on(name: string, listener: () => void): void;
  emit(name: string, ...args: unknown[]): boolean;
  destroy(error?: unknown, callback?: Done): void;
  finish(): void;
  setEncoding(encoding: string): void;
  setDefaultEncoding(encoding: string): void;
}
type StreamFunction = { prototype: object } & ((this: FileStream, options: object) => void);

const Readable = stream.Readable as unknown as StreamFunction;
const Writable = stream.Writable as unknown as StreamFunction;
const chunkBytes = 64 * 1024;

function inherit(child: { prototype: object }, parent: { prototype: object }, members: object): void {
  Object.setPrototypeOf(child, parent);
  Object.setPrototypeOf(child.prototype, parent.prototype);
  Object.defineProperties(child.prototype, Object.getOwnPropertyDescriptors(members));
}

/** What both kinds begin with. */
function begin(
  self: FileStream,
  path: unknown,
  options: StreamOptions,
  flags: string,
  needed: string[],
): OpenedFile {
  const file = new OpenedFile(
    options,
    options.fd === undefined || options.fd === null ? ["open", ...needed] : needed,
    fs,
  );
  Object.defineProperty(self, "file", { value: file, configurable: true });
  if (options.autoClose !== false && typeof file.operations["close"] !== "function")
    throw invalidArgType("options.fs.close", "of type function", file.operations["close"]);
  self.fd = file.fd;
  self.path = file.fd === null ? textOrBytes(path) : path;
  self.flags = options.flags ?? flags;
  self.mode = options.mode ?? 0o666;
  self.start = positionOf(options.start, "start");
  file.handle?.on("close", () => self.destroy());
  return file;
}

function textOrBytes(path: unknown): unknown {
  const text = pathOf(path);
  return path instanceof Uint8Array ? path : text;
}

function positionOf(value: unknown, name: string): number | undefined {
  return value === undefined ? undefined : integerOf(value, name, 0);
}

const shared = {
  _construct(this: FileStream, done: Done) {
    const legacy = (this as unknown as { open?: () => void }).open;
    if (typeof legacy === "function" && legacy !== shared.open) {
      legacyOpen(this, legacy, done);
      return;
    }
    openFile(this, done);
  },
  open() {},
  close(this: FileStream, callback?: Done) {
    if (typeof callback === "function") {
      if (this.closed) queueMicrotask(() => callback());
      else this.on("close", () => callback());
    }
    this.destroy();
  },
  get pending(): boolean {
    return (this as unknown as FileStream).fd === null;
  },
};
declare function queueMicrotask(run: () => void): void;

/** A subclass or package that replaced `open`: it emits `open` when it has a descriptor. */
function legacyOpen(self: FileStream, open: () => void, done: Done): void {
  const emit = self.emit;
  self.emit = function (this: FileStream, name: string, ...args: unknown[]): boolean {
    if (name === "open") {
      self.emit = emit;
      self.file.fd = args[0] as number;
      self.fd = args[0] as number;
      done();
    } else if (name === "error") {
      self.emit = emit;
      done(args[0]);
      return true;
    }
    return Reflect.apply(emit, self, [name, ...args]) as boolean;
  };
  Reflect.apply(open, self, []);
}

export const ReadStream = function ReadStream(this: FileStream, path: unknown, given?: unknown): unknown {
  if (!(this instanceof ReadStream)) return Reflect.construct(ReadStream, [path, given]);
  const options = { ...optionsOf(given, {}) } as StreamOptions;
  const file = begin(this, path, options, "r", ["read"]);
  const end =
    options.end === undefined || options.end === Number.POSITIVE_INFINITY
      ? Number.POSITIVE_INFINITY
      : integerOf(options.end, "end", 0);
  if (this.start !== undefined && this.start > end)
    throw outOfRange("start", `<= "end" (here: ${end})`, this.start);
  this.end = end;
  this.pos = this.start;
  this.bytesRead = 0;
  Reflect.apply(Readable, this, [
    {
      highWaterMark: options.highWaterMark ?? chunkBytes,
      emitClose: options.emitClose ?? true,
      autoDestroy: file.autoClose,
      signal: options.signal,
    },
  ]);
  if (options.encoding) this.setEncoding(options.encoding);
  return this;
} as unknown as { new (path: unknown, options?: unknown): object; prototype: object };

inherit(ReadStream, Readable, {
  _read(this: FileStream, wanted: number) {
    const { file, pos } = this;
    const left =
      pos === undefined ? (this.end as number) - this.bytesRead + 1 : (this.end as number) - pos + 1;
    const length = Math.min(left, wanted);
    if (length <= 0) {
      this.push(null);
      return;
    }
    const into = buffer.Buffer.alloc(length);
    file.isUsed = true;
    file.call("read", this.fd, into, 0, length, pos, (error: unknown, count: unknown) => {
      quiet(file);
      if (this.destroyed) return;
      if (error) {
        this.destroy(error);
        return;
      }
      const bytes = count as number;
      if (this.pos !== undefined) this.pos += bytes;
      this.bytesRead += bytes;
      this.push(bytes > 0 ? into.subarray(0, bytes) : null);
    });
  },
  _destroy(this: FileStream, error: unknown, done: Done) {
    destroyFile(this, error, done);
  },
});

export const WriteStream = function WriteStream(this: FileStream, path: unknown, given?: unknown): unknown {
  if (!(this instanceof WriteStream)) return Reflect.construct(WriteStream, [path, given]);
  const options = { decodeStrings: true, ...optionsOf(given, {}) } as StreamOptions;
  const isCustom = options.fs !== undefined && options.fs !== null;
  for (const name of ["write", "writev"]) {
    const given = isCustom ? (options.fs as Record<string, unknown>)[name] : undefined;
    if (given !== undefined && typeof given !== "function")
      throw invalidArgType(`options.fs.${name}`, "of type function", given);
  }
  const file = begin(this, path, options, "w", []);
  if (isCustom && !file.has("write") && !file.has("writev"))
    throw invalidArgType("options.fs.write", "of type function", file.operations["write"]);
  if (options.flush !== undefined && options.flush !== null) booleanOf(options.flush, "options.flush");
  file.flushes = options.flush === true;
  this.pos = this.start;
  this.bytesWritten = 0;
  Reflect.apply(Writable, this, [
    {
      highWaterMark: options.highWaterMark ?? 16 * 1024,
      emitClose: options.emitClose ?? true,
      autoDestroy: file.autoClose,
      signal: options.signal,
      decodeStrings: true,
    },
  ]);
  if (!file.has("writev")) Object.defineProperty(this, "_writev", { value: null, configurable: true });
  if (options.encoding) this.setDefaultEncoding(options.encoding);
  return this;
} as unknown as { new (path: unknown, options?: unknown): object; prototype: object };

function put(self: FileStream, name: string, data: unknown, bytes: number, done: Done): void {
  const { file } = self;
  const at = self.pos;
  if (at !== undefined) self.pos = at + bytes;
  const written = (error: unknown, count: unknown) => {
    quiet(file);
    if (error) {
      done(error);
      return;
    }
    self.bytesWritten += count as number;
    done();
  };
  file.isUsed = true;
  if (name === "writev") file.call(name, self.fd, data, at, written);
  else file.call(name, self.fd, data, 0, bytes, at, written);
}

inherit(WriteStream, Writable, {
  _write(this: FileStream, chunk: Uint8Array, _encoding: string, done: Done) {
    put(
      this,
      this.file.has("write") ? "write" : "writev",
      this.file.has("write") ? chunk : [chunk],
      chunk.byteLength,
      done,
    );
  },
  _writev(this: FileStream, pieces: { chunk: Uint8Array }[], done: Done) {
    const chunks = pieces.map(({ chunk }) => chunk);
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.byteLength;
    put(this, "writev", chunks, bytes, done);
  },
  _final(this: FileStream, done: Done) {
    const { file } = this;
    if (file.flushes && file.has("fsync")) file.call("fsync", this.fd, done);
    else done();
  },
  _destroy(this: FileStream, error: unknown, done: Done) {
    destroyFile(this, error, done);
  },
  close(this: FileStream, callback?: Done) {
    if (typeof callback === "function") {
      if (this.closed) queueMicrotask(() => callback());
      else this.on("close", () => callback());
    }
    // What was written before still is.
    if (!this.autoClose) this.on("finish", () => this.destroy());
    (Writable.prototype as { end: () => void }).end.call(this);
  },
  destroySoon: (Writable.prototype as { end: unknown }).end,
});

for (const { prototype } of [ReadStream, WriteStream]) {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(shared)))
    if (!Object.hasOwn(prototype, name)) Object.defineProperty(prototype, name, descriptor);
  Object.defineProperty(prototype, "autoClose", {
    configurable: true,
    get(this: FileStream) {
      if (this.file === undefined)
        throw nodeError(TypeError, "ERR_INVALID_THIS", 'Value of "this" must be of type FileStream');
      return this.file.autoClose;
    },
    set(this: FileStream, value: boolean) {
      this.file.autoClose = value;
    },
  });
}
