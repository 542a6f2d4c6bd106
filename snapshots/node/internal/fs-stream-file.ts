import { nextTick } from "../../ticks.ts";
import { invalidArgType } from "./errors.ts";
import { descriptorOf } from "./fs-arguments.ts";
import type { FileHandle } from "./fs-handle.ts";

export type Done = (error?: unknown, result?: unknown) => void;
type Operation = (...args: unknown[]) => void;
/** The functions that a stream uses: fs's own, or those that it was given. */
type Operations = Record<string, Operation | undefined>;

export interface StreamOptions {
  flags?: unknown;
  encoding?: string | null;
  fd?: unknown;
  mode?: unknown;
  autoClose?: boolean;
  emitClose?: boolean;
  start?: unknown;
  end?: unknown;
  highWaterMark?: number;
  flush?: unknown;
  fs?: unknown;
  signal?: unknown;
}

/** The file of a stream, whoever opened it. */
export class OpenedFile {
  readonly operations: Operations;
  readonly handle: (FileHandle & { on(name: string, listener: () => void): void }) | undefined;
  autoClose: boolean;
  flushes = false;
  fd: number | null = null;
  /** A read or write is under way. */
  isUsed = false;
  onQuiet: (() => void) | undefined;

  /** @param needed Names of operations that there must be. */
  constructor(options: StreamOptions, needed: readonly string[], fs: object) {
    const { fd } = options;
    this.autoClose = options.autoClose ?? true;
    if (typeof fd === "object" && fd !== null && "fd" in fd) {
      this.handle = fd as OpenedFile["handle"];
      this.fd = this.handle!.fd;
    } else if (fd !== undefined && fd !== null) this.fd = descriptorOf(fd);
    this.operations =
      this.handle === undefined ? ((options.fs ?? fs) as Operations) : operationsOf(this.handle);
    for (const name of needed) {
      if (!this.has(name))
        throw invalidArgType(`options.fs.${name}`, "of type function", this.operations[name]);
    }
  }

  has(name: string): boolean {
    return typeof this.operations[name] === "function";
  }

  call(name: string, ...args: unknown[]): void {
    Reflect.apply(this.operations[name]!, this.operations, args);
  }
}

type Counted = { bytesRead?: unknown; bytesWritten?: unknown };

/** A handle's own functions, which somebody may have replaced. */
function operationsOf(handle: FileHandle): Operations {
  const on =
    (name: "read" | "write" | "writev", count: keyof Counted): Operation =>
    (_fd, ...args) => {
      const done = args.pop() as Done;
      Reflect.apply(handle[name] as (...args: unknown[]) => Promise<Counted>, handle, args).then(
        (result) => done(null, result[count]),
        (error: unknown) => done(error),
      );
    };
  return {
    open: () => {},
    close: () => {},
    read: on("read", "bytesRead"),
    write: on("write", "bytesWritten"),
    writev: on("writev", "bytesWritten"),
    fsync: (_fd, done) => {
      handle.sync().then(
        () => (done as Done)(null),
        (error: unknown) => (done as Done)(error),
      );
    },
  };
}

interface Self {
  readonly file: OpenedFile;
  path: unknown;
  flags: unknown;
  mode: unknown;
  fd: number | null;
  emit(name: string, ...args: unknown[]): boolean;
}

/** Asks for the file, and says so when it is there. */
export function openFile(self: Self, done: Done): void {
  const { file } = self;
  if (file.fd !== null) {
    done();
    return;
  }
  file.call("open", self.path, self.flags, self.mode, (error: unknown, fd: unknown) => {
    if (error) {
      done(error);
      return;
    }
    file.fd = fd as number;
    self.fd = file.fd;
    done();
    // When the stream knows, too, two ticks later: what a listener writes before would come behind what it writes next.
    nextTick(() =>
      nextTick(() => {
        self.emit("open", fd);
        self.emit("ready");
      }),
    );
  });
}

/** Closes the file, if that is the stream's to do, when no call is under way any more. */
export function destroyFile(self: Self, error: unknown, done: Done): void {
  const { file } = self;
  const end = () => close(self, error, done);
  if (file.isUsed) file.onQuiet = end;
  else end();
}

export function quiet(file: OpenedFile): void {
  file.isUsed = false;
  file.onQuiet?.();
  file.onQuiet = undefined;
}

function close(self: Self, error: unknown, done: Done): void {
  const { file } = self;
  const { fd, handle } = file;
  file.fd = null;
  self.fd = null;
  if (handle !== undefined) {
    handle.close().then(
      () => done(error),
      (failed: unknown) => done(error ?? failed),
    );
  } else if (fd === null) done(error);
  else file.call("close", fd, (failed: unknown) => done(error ?? failed ?? null));
}
