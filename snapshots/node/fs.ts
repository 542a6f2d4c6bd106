import buffer from "node:buffer";
import promises from "node:fs/promises";
import { requireInternal } from "../registry.ts";
import { unavailable } from "./internal/errors.ts";
import { fileConstants } from "./internal/file-constants.ts";
import { assertCallback, pathOf, timeOf } from "./internal/fs-arguments.ts";
import { Dir, opendir } from "./internal/fs-dir.ts";
import { later, withCallback } from "./internal/fs-later.ts";
import * as names from "./internal/fs-names.ts";
import { rm } from "./internal/fs-remove.ts";
import { Dirent, Stats } from "./internal/fs-stats.ts";
import * as sync from "./internal/fs-sync.ts";
import * as transfer from "./internal/fs-transfer.ts";

/*
 * Every function answers by the host at once; the ones with a callback or a promise tell it in a later turn. What few
 * functions need (streams, cp) is loaded when it is used.
 */
type Copy = typeof import("./internal/fs-copy.ts");
type Streams = typeof import("./internal/fs-streams.ts");
type Run = (...args: never[]) => unknown;
type Callback = (...args: unknown[]) => void;

const copy = () => requireInternal("brisk:node/internal/fs-copy") as Copy;
const streams = () => requireInternal("brisk:node/internal/fs-streams") as Streams;

const { exists, ...looking } = sync;
const { realpathNative, enter: _, ...naming } = names;
const plain: Readonly<Record<string, Run>> = { ...looking, ...naming, rm, opendir };

const exported: Record<string, unknown> & { constants: typeof fileConstants } = { constants: fileConstants };
for (const [name, run] of Object.entries(plain)) {
  exported[name] = withCallback(name, run);
  const nameOfSync = `${name}Sync`;
  exported[nameOfSync] = { [nameOfSync]: (...args: never[]) => run(...args) }[nameOfSync];
}

/** Answers of several values have names when they come as a promise. */
function withNamedResults(run: Callback, ...keys: string[]): Callback {
  Object.defineProperty(run, Symbol.for("nodejs.util.promisify.custom"), {
    value: (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        run(...args, (error: unknown, ...values: unknown[]) => {
          if (error) reject(error);
          else resolve(Object.fromEntries(keys.map((key, index) => [key, values[index]])));
        });
      }),
  });
  return run;
}

const readBytes = 16 * 1024;

/** `(fd)`, `(fd, options)`, `(fd, buffer, options)` or `(fd, buffer, offset, length, position)`. */
function readInto(fd: unknown, target?: unknown, ...part: unknown[]): { count: number; target: unknown } {
  const isOptions = target === undefined || target === null || typeof target === "object";
  if (ArrayBuffer.isView(target) || !isOptions) return { count: transfer.read(fd, target, ...part), target };
  const options = (target ?? {}) as { buffer?: unknown };
  const into = options.buffer ?? buffer.Buffer.alloc(readBytes);
  return { count: transfer.read(fd, into, options), target: into };
}

const second = (count: unknown, args: readonly unknown[]) => [count, args[1]];

Object.assign(exported, {
  F_OK: fileConstants.F_OK,
  R_OK: fileConstants.R_OK,
  W_OK: fileConstants.W_OK,
  X_OK: fileConstants.X_OK,
  promises,
  Stats,
  Dirent,
  Dir,
  read: withNamedResults(
    withCallback("read", readInto, (result) => {
      const { count, target } = result as ReturnType<typeof readInto>;
      return [count, target];
    }),
    "bytesRead",
    "buffer",
  ),
  write: withNamedResults(withCallback("write", transfer.write, second), "bytesWritten", "buffer"),
  readv: withNamedResults(withCallback("readv", transfer.readv, second), "bytesRead", "buffers"),
  writev: withNamedResults(withCallback("writev", transfer.writev, second), "bytesWritten", "buffers"),
  readSync: (...args: Parameters<typeof transfer.read>) => transfer.read(...args),
  writeSync: (...args: Parameters<typeof transfer.write>) => transfer.write(...args),
  readvSync: transfer.readv,
  writevSync: transfer.writev,
  existsSync: (path: unknown) => exists(path),
  exists: Object.defineProperty(
    (path: unknown, callback: unknown) => {
      assertCallback(callback);
      const found = exists(path);
      later(() => callback(found));
    },
    Symbol.for("nodejs.util.promisify.custom"),
    { value: async (path: unknown) => exists(path) },
  ),
  cp(from: unknown, to: unknown, options: unknown, callback?: unknown) {
    const done = typeof options === "function" ? options : callback;
    assertCallback(done);
    copy().checkedOptions(done === options ? undefined : (options as object));
    copy()
      .cp(from, to, typeof options === "function" ? undefined : (options as object))
      .then(
        () => later(() => done(null)),
        (error: unknown) => later(() => done(error)),
      );
  },
  cpSync: (from: unknown, to: unknown, options?: object) => copy().cpSync(from, to, options),
  /** Only macOS has it. */
  lchmod: undefined,
  lchmodSync: undefined,
  async openAsBlob(path: unknown, options: { type?: string } = {}) {
    const { Blob } = globalThis as unknown as { Blob: new (parts: unknown[], options: object) => object };
    return new Blob([sync.readFile(pathOf(path))], { type: options.type ?? "" });
  },
  createReadStream: (path: unknown, options?: unknown) =>
    new (exported["ReadStream"] as Streams["ReadStream"])(path, options),
  createWriteStream: (path: unknown, options?: unknown) =>
    new (exported["WriteStream"] as Streams["WriteStream"])(path, options),
  unwatchFile() {},
  _toUnixTimestamp: (time: unknown) => timeOf(time) / 1000,
});

const realpath = exported["realpath"] as Record<string, unknown>;
realpath["native"] = withCallback("realpath", realpathNative);
(exported["realpathSync"] as Record<string, unknown>)["native"] = (...args: [unknown]) =>
  realpathNative(...args);

for (const name of ["watch", "watchFile"]) {
  exported[name] = () => {
    throw unavailable(`fs.${name}`, "nothing but the function itself changes its files");
  };
}

/** Loaded when one is touched; packages put their own in the place. */
function lazy(name: string, get: () => unknown): void {
  Object.defineProperty(exported, name, {
    enumerable: true,
    configurable: true,
    get,
    set(value: unknown) {
      Object.defineProperty(exported, name, { value, enumerable: true, configurable: true, writable: true });
    },
  });
}
for (const name of ["ReadStream", "FileReadStream"]) lazy(name, () => streams().ReadStream);
for (const name of ["WriteStream", "FileWriteStream"]) lazy(name, () => streams().WriteStream);

export default exported;
