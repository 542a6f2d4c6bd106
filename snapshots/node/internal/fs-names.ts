import { callSync } from "../../bridge.ts";
import { processState } from "../../process-state.ts";
import {
  booleanOf,
  descriptorOf,
  encodedName,
  integerOf,
  invalidArgValue,
  modeOf,
  optionsOf,
  pathOf,
  timeOf,
} from "./fs-arguments.ts";
import { absolute, ask, errnoOf, isErrno, orThrow, type Told, textOf } from "./fs-host.ts";
import { statsOf } from "./fs-stats.ts";

/** Of fs, what changes names and what is said of files, by the functions' names without "Sync". */

const modeBits = 0o7777;
/** -1, as some write it. */
const anyId = 2 ** 32 - 1;

export function mkdir(path: unknown, options?: unknown): string | undefined {
  const isMode = typeof options === "number" || typeof options === "string";
  const given = (isMode ? { mode: options } : (options ?? {})) as { recursive?: unknown; mode?: unknown };
  const name = pathOf(path);
  const recursive = given.recursive === undefined ? false : booleanOf(given.recursive, "options.recursive");
  const mode = modeOf(given.mode, "mode", 0o777) & ~processState.umask & 0o1777;
  const told = { syscall: "mkdir", path: name };
  if (recursive) return mkdirs(absolute(name), mode, told);
  orThrow(ask("mkdir", absolute(name), mode), told);
  return undefined;
}

/** @returns The first folder that was made. */
function mkdirs(path: string, mode: number, told: Told): string | undefined {
  const answer = ask("mkdir", path, mode);
  if (isErrno(answer, errnoOf.ENOENT) && path !== "") {
    const first = mkdirs(path.replace(/\/+[^/]*\/*$/, "") || "/", mode, told);
    orThrow(ask("mkdir", path, mode), told);
    return first ?? path;
  }
  if (isErrno(answer, errnoOf.EEXIST) && isFolder(path)) return undefined;
  orThrow(answer, told);
  return path;
}

function isFolder(path: string): boolean {
  const answer = ask("stat", path, true);
  return typeof answer === "string" && statsOf(answer, undefined).isDirectory();
}

export function rmdir(path: unknown, options?: { recursive?: unknown }): void {
  const name = pathOf(path);
  if (options?.recursive !== undefined) {
    throw invalidArgValue("options.recursive", options.recursive, "is no longer supported");
  }
  orThrow(ask("rmdir", absolute(name)), { syscall: "rmdir", path: name });
}

export function unlink(path: unknown): void {
  const name = pathOf(path);
  orThrow(ask("unlink", absolute(name)), { syscall: "unlink", path: name });
}

export function rename(from: unknown, to: unknown): void {
  const [path, dest] = [pathOf(from, "oldPath"), pathOf(to, "newPath")];
  orThrow(ask("rename", absolute(path), absolute(dest)), { syscall: "rename", path, dest });
}

export function link(from: unknown, to: unknown): void {
  const [path, dest] = [pathOf(from, "existingPath"), pathOf(to, "newPath")];
  orThrow(ask("link", absolute(path), absolute(dest)), { syscall: "link", path, dest });
}

export function symlink(target: unknown, path: unknown, type?: unknown): void {
  if (!["dir", "file", "junction", null, undefined].includes(type as string)) {
    throw invalidArgValue("type", type, "must be one of: 'dir', 'file', 'junction', null, undefined");
  }
  const [from, dest] = [pathOf(target, "target"), pathOf(path)];
  orThrow(ask("symlink", from, absolute(dest)), { syscall: "symlink", path: from, dest });
}

export function readlink(path: unknown, options?: unknown): unknown {
  const { encoding } = optionsOf(options, {});
  const name = pathOf(path);
  return encodedName(textOf(ask("readlink", absolute(name)), { syscall: "readlink", path: name }), encoding);
}

function realpathOf(path: unknown, options: unknown, syscall: string): unknown {
  const { encoding } = optionsOf(options, {});
  const name = pathOf(path);
  return encodedName(
    textOf(ask("realpath", absolute(name === "" ? "." : name)), { syscall, path: name }),
    encoding,
  );
}

export function realpath(path: unknown, options?: unknown): unknown {
  return realpathOf(path, options, "lstat");
}

export function realpathNative(path: unknown, options?: unknown): unknown {
  return realpathOf(path, options, "realpath");
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export function mkdtemp(prefix: unknown, options?: unknown): unknown {
  const { encoding } = optionsOf(options, {});
  const start = pathOf(prefix, "prefix");
  const told = { syscall: "mkdtemp", path: `${start}XXXXXX` };
  for (;;) {
    let name = start;
    for (const byte of callSync("crypto.random", 6) as Uint8Array)
      name += nameCharacters[byte % nameCharacters.length];
    const answer = ask("mkdir", absolute(name), 0o700);
    if (isErrno(answer, errnoOf.EEXIST)) continue;
    orThrow(answer, told);
    return encodedName(name, encoding);
  }
}

function utimesOf(path: unknown, accessed: unknown, modified: unknown, follows: boolean): void {
  const name = pathOf(path);
  const args = [absolute(name), timeOf(accessed), timeOf(modified), follows] as const;
  orThrow(ask("utimes", ...args), { syscall: follows ? "utime" : "lutime", path: name });
}

export function utimes(path: unknown, accessed: unknown, modified: unknown): void {
  utimesOf(path, accessed, modified, true);
}

export function lutimes(path: unknown, accessed: unknown, modified: unknown): void {
  utimesOf(path, accessed, modified, false);
}

export function futimes(fd: unknown, accessed: unknown, modified: unknown): void {
  orThrow(ask("futimes", descriptorOf(fd), timeOf(accessed), timeOf(modified)), { syscall: "futime" });
}

export function chmod(path: unknown, mode: unknown): void {
  const name = pathOf(path);
  orThrow(ask("chmod", absolute(name), modeOf(mode, "mode") & modeBits), { syscall: "chmod", path: name });
}

export function fchmod(fd: unknown, mode: unknown): void {
  orThrow(ask("fchmod", descriptorOf(fd), modeOf(mode, "mode") & modeBits), { syscall: "fchmod" });
}

function chownOf(path: unknown, user: unknown, group: unknown, follows: boolean): void {
  const name = pathOf(path);
  const args = [
    absolute(name),
    integerOf(user, "uid", -1, anyId),
    integerOf(group, "gid", -1, anyId),
    follows,
  ] as const;
  orThrow(ask("chown", ...args), { syscall: follows ? "chown" : "lchown", path: name });
}

export function chown(path: unknown, user: unknown, group: unknown): void {
  chownOf(path, user, group, true);
}

export function lchown(path: unknown, user: unknown, group: unknown): void {
  chownOf(path, user, group, false);
}

export function fchown(fd: unknown, user: unknown, group: unknown): void {
  const descriptor = descriptorOf(fd);
  const args = [descriptor, integerOf(user, "uid", -1, anyId), integerOf(group, "gid", -1, anyId)] as const;
  orThrow(ask("fchown", ...args), { syscall: "fchown" });
}

/** A folder to work in, as process.chdir means it. @returns Its path without links. */
export function enter(path: string, from: string): string {
  const told = { syscall: "chdir", path: from, dest: path };
  const found = textOf(ask("realpath", absolute(path)), told);
  if (!isFolder(found)) orThrow(-errnoOf.ENOTDIR, told);
  return found;
}
