import path from "node:path";
import { nodeError } from "../errors.ts";
import * as descriptors from "./descriptors.ts";
import {
  absolute,
  ask,
  change,
  errnoOf,
  fileError,
  orThrow,
  type Path,
  pathText,
  type Told,
  textOf,
} from "./host.ts";
import { entriesOf, joined, mkdir } from "./names.ts";
import { type FileFacts, factsOf } from "./stats.ts";

/** Copies of files and folders, as Node makes them outside of JavaScript. */
const copyChunkBytes = 1024 * 1024;
const exclusive = 1;
const { O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } = {
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_WRONLY: 1,
};

export function copyFile(from: Path, to: Path, mode: number): void {
  const [source, dest] = [pathText(from), pathText(to)];
  copyContent(source, dest, mode, { syscall: "copyfile", path: source, dest });
}

function copyContent(from: string, to: string, flags: number, told: Told): void {
  const source = descriptors.open(from, 0, 0, told);
  try {
    const facts = factsOf(descriptors.fstat(source, told));
    const same = lookAt(to, true);
    if ((flags & exclusive) !== 0 && same !== undefined) throw fileError(-errnoOf.EEXIST, told);
    if (same?.identity === facts.identity) return;
    if (!facts.isFile) throw fileError(-errnoOf.EISDIR, told);
    const how = O_WRONLY | O_CREAT | ((flags & exclusive) !== 0 ? O_EXCL : O_TRUNC);
    const target = descriptors.open(to, how, facts.mode & 0o777, told);
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

/** What is there, or undefined. */
function lookAt(name: string, follows: boolean): FileFacts | undefined {
  const answer = ask("stat", absolute(name), follows);
  return typeof answer === "string" ? factsOf(answer) : undefined;
}

function factsAt(name: string, follows: boolean, syscall = follows ? "stat" : "lstat"): FileFacts {
  return factsOf(textOf(ask("stat", absolute(name), follows), { syscall, path: name }));
}

/** Whether such a copy can be made; the folder for it is made. @throws {Error} */
export function cpSyncCheckPaths(from: Path, to: Path, dereference: boolean, recursive: boolean): void {
  const [source, dest] = [pathText(from), pathText(to)];
  const facts = factsAt(source, !dereference, dereference ? "stat" : "lstat");
  const target = lookAt(dest, dereference);
  const isFolder = facts.isFolder || (dereference && facts.isLink);
  if (target !== undefined) {
    if (lookAt(source, true)?.identity === lookAt(dest, true)?.identity)
      throw refusal("ERR_FS_CP_EINVAL", `src and dest cannot be the same ${dest}`);
    if (isFolder && !target.isFolder) {
      const message = `Cannot overwrite non-directory ${dest} with directory ${source}`;
      throw refusal("ERR_FS_CP_DIR_TO_NON_DIR", message);
    }
    if (!isFolder && target.isFolder) {
      const message = `Cannot overwrite directory ${dest} with non-directory ${source}`;
      throw refusal("ERR_FS_CP_NON_DIR_TO_DIR", message);
    }
  }
  const folder = source.endsWith("/") ? source : `${source}/`;
  if ((isFolder && dest.startsWith(folder)) || isAbove(source, dest))
    throw refusal("ERR_FS_CP_EINVAL", `Cannot copy ${folder} to a subdirectory of self ${dest}`);
  if (isFolder && !recursive)
    throw refusal("ERR_FS_EISDIR", `Recursive option not enabled, cannot copy a directory: ${folder}`);
  const parent = path.dirname(path.resolve(dest));
  if (lookAt(parent, true) === undefined) mkdir(parent, 0o777, true);
}

const refusal = (code: string, message: string): Error => nodeError(Error, code, message);

/** Whether the source is a folder on the way to where it is to be copied to, by whatever name. */
function isAbove(source: string, dest: string): boolean {
  const own = lookAt(source, true)?.identity;
  if (path.dirname(source) === path.dirname(dest)) return false;
  for (let parent = path.dirname(path.resolve(dest)); parent !== "/"; parent = path.dirname(parent))
    if (lookAt(parent, true)?.identity === own) return true;
  return false;
}

export function cpSyncOverrideFile(from: Path, to: Path, mode: number, keepsTimes: boolean): void {
  const [source, dest] = [pathText(from), pathText(to)];
  orThrow(change("unlink", absolute(dest)), { syscall: "unlink", path: dest });
  copyContent(source, dest, mode, { syscall: "cp", path: source, dest });
  if (keepsTimes) copyTimes(source, dest);
}

function copyTimes(source: string, dest: string): void {
  const { accessedMs, modifiedMs } = factsAt(source, true);
  const answer = change("utimes", absolute(dest), accessedMs, modifiedMs, true);
  orThrow(answer, { syscall: "utime", path: dest });
}

function setMode(name: string, mode: number): void {
  orThrow(change("chmod", absolute(name), mode), { syscall: "chmod", path: name });
}

export interface CopyOptions {
  readonly force: boolean;
  readonly dereference: boolean;
  readonly errorOnExist: boolean;
  readonly verbatimSymlinks: boolean;
  readonly preserveTimestamps: boolean;
  /** The target is not there yet: whatever appears there meanwhile is an error. */
  readonly isNew: boolean;
  /** As fs.copyFile takes it. */
  readonly mode: number;
}

/** The folder and all that is in it. @throws {Error} */
export function copyFolder(source: string, dest: string, options: CopyOptions): void {
  const wasThere = lookAt(dest, true) !== undefined;
  if (options.isNew || !wasThere) mkdir(dest, 0o777, !options.isNew);
  copyEntries(source, dest, options);
  if (!wasThere) setMode(dest, factsAt(source, true).mode);
  if (options.preserveTimestamps) copyTimes(source, dest);
}

function copyEntries(source: string, dest: string, options: CopyOptions): void {
  for (const { name } of entriesOf(source, { syscall: "cp", path: source })) {
    const [from, to] = [joined(source, name), joined(dest, name)];
    const own = factsAt(from, false);
    const facts = own.isLink && options.dereference ? factsAt(from, true) : own;
    if (facts.isLink) copyLink(from, to, options);
    else if (facts.isFolder) copyInner(from, to, facts, options);
    else if (facts.isFile) copyOne(from, to, facts, own.isLink, options);
  }
}

function copyInner(from: string, to: string, { mode }: FileFacts, options: CopyOptions): void {
  const isMade = options.isNew || lookAt(to, true) === undefined;
  if (isMade) mkdir(to, 0o777, false);
  copyEntries(from, to, options);
  // Last, since the source may be read-only.
  if (isMade) setMode(to, mode);
  if (options.preserveTimestamps) copyTimes(from, to);
}

function copyOne(
  from: string,
  to: string,
  { mode }: FileFacts,
  wasLink: boolean,
  options: CopyOptions,
): void {
  if (!options.isNew && lookAt(to, false) !== undefined) {
    if (!options.force) {
      if (!options.errorOnExist) return;
      const message = `[ERR_FS_CP_EEXIST]: Target already exists: cp returned EEXIST (${to} already exists)`;
      throw refusal("ERR_FS_CP_EEXIST", message);
    }
    // A link that is there is not written through.
    if (wasLink) orThrow(change("unlink", absolute(to)), { syscall: "unlink", path: to });
  }
  const told = { syscall: options.isNew ? "copyfile" : "cp", path: to };
  copyContent(from, to, options.isNew ? options.mode | exclusive : 0, told);
  if (options.preserveTimestamps) copyTimes(from, to);
  setMode(to, mode);
}

function copyLink(from: string, to: string, options: CopyOptions): void {
  const leads = textOf(ask("readlink", absolute(from)), { syscall: "readlink", path: from });
  const told = { syscall: "symlink", path: leads, dest: to };
  if (options.verbatimSymlinks) {
    orThrow(change("symlink", leads, absolute(to)), told);
    return;
  }
  const whole = path.resolve(path.dirname(from), leads);
  const target = options.isNew ? undefined : lookAt(to, false);
  if (target?.isLink) replaceLink(to, leads, whole);
  orThrow(change("symlink", whole, absolute(to)), told);
}

/** Takes a link away that is to lead elsewhere. @throws {Error} One of both is in the other. */
function replaceLink(to: string, leads: string, whole: string): void {
  const known = textOf(ask("readlink", absolute(to)), { syscall: "readlink", path: to });
  if (lookAt(whole, true)?.isFolder && isInside(leads, known))
    throw refusal("ERR_FS_CP_EINVAL", `Cannot copy ${leads} to a subdirectory of self ${known}`);
  if (lookAt(to, true)?.isFolder && isInside(known, leads))
    throw refusal("ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY", `cannot overwrite ${known} with ${leads}`);
  orThrow(change("unlink", absolute(to)), { syscall: "unlink", path: to });
}

function isInside(folder: string, inner: string): boolean {
  return `${path.resolve(inner)}/`.startsWith(`${path.resolve(folder)}/`);
}
