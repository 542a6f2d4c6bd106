import buffer from "node:buffer";
import { requireInternal } from "../../../registry.ts";
import { nodeError } from "../errors.ts";
import * as descriptors from "../files/descriptors.ts";
import {
  absolute,
  ask,
  change,
  encodedName,
  errnoOf,
  fileError,
  isErrno,
  orThrow,
  type Path,
  pathText,
  textOf,
} from "../files/host.ts";
import { FileHandle, readAll, readWhole, writeWhole } from "../files/jobs.ts";
import * as names from "../files/names.ts";
import { requestable } from "../files/requests.ts";
import { factsOf, statFsOf, statsOf } from "../files/stats.ts";
import { web } from "../web.ts";

/**
 * What fs is made of under Node's JavaScript, over the host's file operations. Arguments are as that JavaScript leaves
 * them: it checks most of them, and the rest is checked here.
 */
export { CpDirJob, FileHandle, ReadFileJob, WriteFileJob } from "../files/jobs.ts";
export { FSReqCallback, kUsePromises } from "../files/requests.ts";
export { statFields as kFsStatsFieldsNumber } from "../files/stats.ts";

type Copy = typeof import("../files/copy.ts");
type Watches = typeof import("../files/stat-watcher.ts");
type Encoding = string | null | undefined;

const copy = () => requireInternal("brisk:node/internal/files/copy") as Copy;

interface Checks {
  getValidatedFd(fd: unknown): number;
}

function descriptorOf(fd: unknown): number {
  if (Number.isInteger(fd) && (fd as number) > 0 && (fd as number) < 2 ** 31) return fd as number;
  return (requireInternal("library:internal/fs/utils") as Checks).getValidatedFd(fd);
}

/** Of `access` and `copyFile`. @throws {TypeError | RangeError} */
function modeOf(mode: unknown): number {
  if (mode === undefined || mode === null) return 0;
  if (typeof mode !== "number")
    throw nodeError(TypeError, "ERR_INVALID_ARG_TYPE", "mode must be int32 or null/undefined");
  if (mode >= 0 && mode <= 7) return mode | 0;
  throw nodeError(RangeError, "ERR_OUT_OF_RANGE", "mode is out of range: >= 0 && <= 7");
}

export const access = requestable(2, (path: Path, mode: unknown) => {
  const wanted = modeOf(mode);
  const name = pathText(path);
  orThrow(ask("access", absolute(name), wanted), { syscall: "access", path: name });
});

export function existsSync(path: Path): boolean {
  return ask("access", absolute(pathText(path)), 0) === 0;
}

/** As Node's loaders ask: 0 for a file, 1 for a folder, negative for what is not there. */
export function internalModuleStat(path: Path): number {
  const answer = ask("stat", absolute(pathText(path)), true);
  return typeof answer === "string" ? Number(factsOf(answer).isFolder) : (answer as number);
}

export const open = requestable(3, (path: Path, flags: number, mode: number) =>
  descriptors.open(pathText(path), flags, mode),
);
export const openFileHandle = requestable(
  3,
  (path: Path, flags: number, mode: number) => new FileHandle(descriptors.open(pathText(path), flags, mode)),
);
export const close = requestable(1, (fd: unknown) => descriptors.close(descriptorOf(fd)));

export const readFileUtf8 = (file: Path | number, flags: number): unknown => readAll(file, flags, true);

/** The bytes of a file that can be had at once; undefined if Node's own way, through a descriptor, is needed. */
export const readFileWhole = (path: Path, flags: number): unknown => readWhole(pathText(path), flags, false);

export function writeFileUtf8(file: Path | number, text: string, flags: number, mode: number): void {
  writeWhole(file, new web.TextEncoder().encode(text), flags, mode);
}

const viewOf = (view: ArrayBufferView, offset = 0, length = view.byteLength - offset): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + offset, length);

/** -1: where the last one ended. No file reaches farther than JavaScript's integers. */
function positionOf(position: unknown): number {
  if (typeof position === "bigint")
    return position > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Math.max(Number(position), -1);
  return Number.isSafeInteger(position) ? Math.max(position as number, -1) : -1;
}

function readInto(fd: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.byteLength) {
    const chunk = descriptors.read(fd, bytes.byteLength - done, position < 0 ? -1 : position + done);
    bytes.set(chunk, done);
    done += chunk.byteLength;
    // Only of more than one call of the host's gives there is more to come.
    if (chunk.byteLength < descriptors.maxChunkBytes) break;
  }
  return done;
}

export const read = requestable(
  5,
  (fd: unknown, view: ArrayBufferView, offset: number, length: number, position: unknown) =>
    readInto(descriptorOf(fd), viewOf(view, offset, length), positionOf(position)),
);
export const readBuffers = requestable(3, (fd: unknown, views: ArrayBufferView[], position: unknown) => {
  if (views.length === 0) throw fileError(-errnoOf.EINVAL, { syscall: "read" });
  return inTurn(views, position, (view, at) => readInto(descriptorOf(fd), view, at));
});
export const writeBuffer = requestable(
  5,
  (fd: unknown, view: ArrayBufferView, offset: number | null, length: number | null, position: unknown) =>
    descriptors.write(descriptorOf(fd), viewOf(view, offset ?? 0, length ?? undefined), positionOf(position)),
);
export const writeBuffers = requestable(3, (fd: unknown, views: ArrayBufferView[], position: unknown) =>
  inTurn(views, position, (view, at) => descriptors.write(descriptorOf(fd), view, at)),
);
export const writeString = requestable(
  4,
  (fd: unknown, text: string, position: unknown, encoding: Encoding) =>
    descriptors.write(descriptorOf(fd), buffer.Buffer.from(text, encoding ?? "utf8"), positionOf(position)),
);

/** One after the other, until one comes to its end before its time. */
function inTurn(
  views: readonly ArrayBufferView[],
  position: unknown,
  run: (view: Uint8Array, at: number) => number,
): number {
  let at = positionOf(position);
  let done = 0;
  for (const view of views) {
    if (view.byteLength === 0) continue;
    const count = run(viewOf(view), at);
    done += count;
    if (at >= 0) at += count;
    if (count < view.byteLength) break;
  }
  return done;
}

const statWith = (follows: boolean) => {
  const syscall = follows ? "stat" : "lstat";
  return (path: Path, bigint: boolean, _request: unknown, throwIfNoEntry?: boolean) => {
    const name = pathText(path);
    const answer = ask("stat", absolute(name), follows);
    const isMissing = isErrno(answer, errnoOf.ENOENT) || isErrno(answer, errnoOf.ENOTDIR);
    if (isMissing && throwIfNoEntry === false) return undefined;
    return statsOf(textOf(answer, { syscall, path: name }), bigint);
  };
};
export const stat = requestable(2, statWith(true));
export const lstat = requestable(2, statWith(false));
export const fstat = requestable(2, (fd: unknown, bigint: boolean) =>
  statsOf(descriptors.fstat(descriptorOf(fd)), bigint),
);
export const statfs = requestable(2, (path: Path, bigint: boolean) => {
  const name = pathText(path);
  return statFsOf(textOf(ask("statfs", absolute(name)), { syscall: "statfs", path: name }), bigint);
});

export const readdir = requestable(3, names.readdir);
export const readdirRecursive = requestable(3, names.readdirRecursive);
export const mkdir = requestable(3, names.mkdir);
export const mkdtemp = requestable(2, names.mkdtemp);
export const realpath = requestable(2, names.realpath);
export const rmSync = names.rmSync;
export const readlink = requestable(2, (path: Path, encoding: Encoding) => {
  const name = pathText(path);
  return encodedName(textOf(ask("readlink", absolute(name)), { syscall: "readlink", path: name }), encoding);
});

/** What changes one name. */
const onName =
  (operation: string, syscall = operation) =>
  (path: Path): void => {
    const name = pathText(path);
    orThrow(change(operation, absolute(name)), { syscall, path: name });
  };
export const rmdir = requestable(1, onName("rmdir"));
export const unlink = requestable(1, onName("unlink"));

/** What makes one name out of another. */
const onNames =
  (operation: string) =>
  (from: Path, to: Path): void => {
    const [path, dest] = [pathText(from), pathText(to)];
    orThrow(change(operation, absolute(path), absolute(dest)), { syscall: operation, path, dest });
  };
export const rename = requestable(2, onNames("rename"));
export const link = requestable(2, onNames("link"));
export const symlink = requestable(3, (target: Path, to: Path) => {
  const [path, dest] = [pathText(target), pathText(to)];
  orThrow(change("symlink", path, absolute(dest)), { syscall: "symlink", path, dest });
});

export const copyFile = requestable(3, (from: Path, to: Path, mode: unknown) =>
  copy().copyFile(from, to, modeOf(mode)),
);
export const cpSyncCheckPaths: Copy["cpSyncCheckPaths"] = (...args) => copy().cpSyncCheckPaths(...args);
export const cpSyncOverrideFile: Copy["cpSyncOverrideFile"] = (...args) => copy().cpSyncOverrideFile(...args);
export function cpSyncCopyDir(
  from: Path,
  to: Path,
  ...[force, dereference, errorOnExist, verbatimSymlinks, preserveTimestamps]: boolean[]
): void {
  copy().copyFolder(pathText(from), pathText(to), {
    force: force === true,
    dereference: dereference === true,
    errorOnExist: errorOnExist === true,
    verbatimSymlinks: verbatimSymlinks === true,
    preserveTimestamps: preserveTimestamps === true,
    isNew: false,
    mode: 0,
  });
}

export const ftruncate = requestable(2, (fd: unknown, length: number | undefined) => {
  const answer = change("truncate", descriptorOf(fd), Math.max(0, length ?? 0));
  orThrow(answer, { syscall: "ftruncate" });
});
/** What is written is there for all readers at once; that it is on a disk means nothing for files that end with the environment. */
const synced = (syscall: string) => (fd: unknown) => void descriptors.fstat(descriptorOf(fd), { syscall });
export const fsync = requestable(1, synced("fsync"));
export const fdatasync = requestable(1, synced("fdatasync"));

/** No date is later. */
const latestMs = 8.64e15;
const timeMs = (seconds: number): number => Math.max(-latestMs, Math.min(seconds * 1000 || 0, latestMs));

const timesOf =
  (follows: boolean, syscall: string) =>
  (path: Path, accessed: number, modified: number): void => {
    const name = pathText(path);
    const answer = change("utimes", absolute(name), timeMs(accessed), timeMs(modified), follows);
    orThrow(answer, { syscall, path: name });
  };
export const utimes = requestable(3, timesOf(true, "utime"));
export const lutimes = requestable(3, timesOf(false, "lutime"));
export const futimes = requestable(3, (fd: unknown, accessed: number, modified: number) => {
  orThrow(change("futimes", descriptorOf(fd), timeMs(accessed), timeMs(modified)), { syscall: "futime" });
});

const modeBits = 0o7777;
export const chmod = requestable(2, (path: Path, mode: number) => {
  const name = pathText(path);
  orThrow(change("chmod", absolute(name), mode & modeBits), { syscall: "chmod", path: name });
});
export const fchmod = requestable(2, (fd: unknown, mode: number) => {
  orThrow(change("fchmod", descriptorOf(fd), mode & modeBits), { syscall: "fchmod" });
});

const ownerOf =
  (follows: boolean, syscall: string) =>
  (path: Path, user: number, group: number): void => {
    const name = pathText(path);
    orThrow(change("chown", absolute(name), user, group, follows), { syscall, path: name });
  };
export const chown = requestable(3, ownerOf(true, "chown"));
export const lchown = requestable(3, ownerOf(false, "lchown"));
export const fchown = requestable(3, (fd: unknown, user: number, group: number) => {
  orThrow(change("fchown", descriptorOf(fd), user, group), { syscall: "fchown" });
});

/** Loaded when something is watched. */
export function StatWatcher(bigint: boolean): object {
  const { StatWatcher: Watcher } = requireInternal("brisk:node/internal/files/stat-watcher") as Watches;
  return new Watcher(bigint);
}
