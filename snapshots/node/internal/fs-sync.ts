import { asBuffer } from "./as-buffer.ts";
import { nodeError } from "./errors.ts";
import {
  booleanOf,
  contentOf,
  descriptorOf,
  encoded,
  encodedName,
  flagsOf,
  integerOf,
  isDescriptor,
  modeOf,
  optionsOf,
  pathOf,
} from "./fs-arguments.ts";
import * as descriptors from "./fs-descriptors.ts";
import { absolute, ask, errnoOf, isErrno, orThrow, textOf } from "./fs-host.ts";
import { direntOf, statFsOf, statsOf } from "./fs-stats.ts";

/** Of fs, what opens, reads, writes and looks, by the functions' names without "Sync". */

export function open(path: unknown, flags?: unknown, mode?: unknown): number {
  const name = pathOf(path);
  return descriptors.open(name, flagsOf(flags ?? "r"), modeOf(mode, "mode", 0o666));
}

export function close(fd: unknown): void {
  descriptors.close(descriptorOf(fd));
}

export function readFile(path: unknown, options?: unknown): unknown {
  const { encoding, flag } = optionsOf(options, { flag: "r" as unknown });
  if (isDescriptor(path)) {
    descriptors.fstat(path);
    return encoded(descriptors.readRest(path), encoding);
  }
  const name = pathOf(path);
  const flags = flagsOf(flag, "flag");
  const asText = encoding === "utf8" || encoding === "utf-8";
  const answer = flags === 0 ? ask("readFile", absolute(name), asText) : -errnoOf.EFBIG;
  if (isErrno(answer, errnoOf.EISDIR)) orThrow(answer, { syscall: "read" });
  if (!isErrno(answer, errnoOf.EFBIG)) {
    const content = orThrow(answer, { syscall: "open", path: name });
    return asText ? content : encoded(asBuffer(content), encoding);
  }
  const fd = descriptors.open(name, flags, 0o666);
  try {
    return encoded(descriptors.readRest(fd), encoding);
  } finally {
    descriptors.close(fd);
  }
}

function put(path: unknown, data: unknown, options: unknown, flag: string): void {
  const given = optionsOf(options, { encoding: "utf8", mode: 0o666, flag, flush: false } as {
    encoding?: string | null;
    mode: unknown;
    flag: unknown;
    flush: unknown;
  });
  if (given.flush !== null) booleanOf(given.flush, "options.flush");
  const bytes = contentOf(data, given.encoding);
  if (isDescriptor(path)) {
    descriptors.write(path, bytes, -1);
    return;
  }
  const fd = open(path, given.flag, given.mode);
  try {
    descriptors.write(fd, bytes, -1);
  } finally {
    descriptors.close(fd);
  }
}

export function writeFile(path: unknown, data: unknown, options?: unknown): void {
  put(path, data, options, "w");
}

export function appendFile(path: unknown, data: unknown, options?: unknown): void {
  put(path, data, options, "a");
}

type StatOptions = { bigint?: boolean; throwIfNoEntry?: boolean } | undefined;

function statOf(path: unknown, options: unknown, follows: boolean): unknown {
  const name = pathOf(path);
  const answer = ask("stat", absolute(name), follows);
  const given = options as StatOptions;
  const isMissing = isErrno(answer, errnoOf.ENOENT) || isErrno(answer, errnoOf.ENOTDIR);
  if (isMissing && given?.throwIfNoEntry === false) return undefined;
  return statsOf(textOf(answer, { syscall: follows ? "stat" : "lstat", path: name }), given);
}

export function stat(path: unknown, options?: unknown): unknown {
  return statOf(path, options, true);
}

export function lstat(path: unknown, options?: unknown): unknown {
  return statOf(path, options, false);
}

export function fstat(fd: unknown, options?: unknown): unknown {
  return statsOf(descriptors.fstat(descriptorOf(fd)), options as StatOptions);
}

export function statfs(path: unknown, options?: unknown): unknown {
  const name = pathOf(path);
  return statFsOf(
    textOf(ask("statfs", absolute(name)), { syscall: "statfs", path: name }),
    options as StatOptions,
  );
}

export function access(path: unknown, mode?: unknown): void {
  const name = pathOf(path);
  const wanted = accessModeOf(mode);
  orThrow(ask("access", absolute(name), wanted), { syscall: "access", path: name });
}

function accessModeOf(mode: unknown): number {
  const wanted = mode === undefined || mode === null ? 0 : integerOf(mode, "mode");
  if (wanted >= 0 && wanted <= 7) return wanted;
  throw nodeError(RangeError, "ERR_OUT_OF_RANGE", "mode is out of range: >= 0 && <= 7");
}

export function exists(path: unknown): boolean {
  try {
    return ask("access", absolute(pathOf(path)), 0) === 0;
  } catch {
    return false;
  }
}

export function readdir(path: unknown, options?: unknown): unknown[] {
  const given = optionsOf(options, { withFileTypes: false, recursive: false });
  if (given.recursive !== null) booleanOf(given.recursive, "options.recursive");
  const root = pathOf(path);
  const { encoding } = given;
  const found: unknown[] = [];
  const walk = (folder: string, prefix: string) => {
    const answer = ask("readdir", absolute(folder));
    const text = textOf(answer, { syscall: "scandir", path: folder });
    for (const entry of text === "" ? [] : text.split("\0")) {
      const name = entry.slice(1);
      const shown = encodedName(given.withFileTypes ? name : prefix + name, encoding);
      found.push(given.withFileTypes ? direntOf(shown, entry[0]!, prefix === "" ? path : folder) : shown);
      if (given.recursive && entry[0] === "d")
        walk(`${folder.replace(/\/$/, "")}/${name}`, `${prefix}${name}/`);
    }
  };
  walk(root, "");
  return found;
}

export function ftruncate(fd: unknown, length?: unknown): void {
  const descriptor = descriptorOf(fd);
  const bytes = Math.max(0, integerOf(length ?? 0, "len"));
  orThrow(ask("truncate", descriptor, bytes), { syscall: "ftruncate" });
}

export function truncate(path: unknown, length?: unknown): void {
  const bytes = integerOf(length ?? 0, "len");
  const fd = open(path, "r+");
  try {
    ftruncate(fd, bytes);
  } finally {
    descriptors.close(fd);
  }
}

/** What is written is there for all readers at once; that it is on a disk means nothing for files that end with the environment. */
export function fsync(fd: unknown): void {
  descriptors.fstat(descriptorOf(fd), { syscall: "fsync" });
}

export function fdatasync(fd: unknown): void {
  descriptors.fstat(descriptorOf(fd), { syscall: "fdatasync" });
}

const copyChunkBytes = 1024 * 1024;

export function copyFile(from: unknown, to: unknown, mode?: unknown): void {
  const [path, dest] = [pathOf(from, "src"), pathOf(to, "dest")];
  const flags = accessModeOf(mode);
  const told = { syscall: "copyfile", path, dest };
  const source = descriptors.open(path, 0, 0, told);
  try {
    const { mode: bits, ino, dev } = fstat(source) as { mode: number; ino: number; dev: number };
    const same = stat(dest, { throwIfNoEntry: false }) as { ino: number; dev: number } | undefined;
    if ((flags & 1) !== 0 && same !== undefined) orThrow(-errnoOf.EEXIST, told);
    if (same?.ino === ino && same.dev === dev) return;
    const isFile = (bits & 0o170000) === 0o100000;
    if (!isFile) orThrow(-errnoOf.EISDIR, told);
    const target = descriptors.open(dest, flagsOf((flags & 1) !== 0 ? "wx" : "w"), bits & 0o777, told);
    try {
      for (;;) {
        const chunk = descriptors.read(source, copyChunkBytes, -1, told);
        if (chunk.byteLength === 0) break;
        descriptors.write(target, chunk, -1);
      }
    } finally {
      descriptors.close(target);
    }
  } finally {
    descriptors.close(source);
  }
}
