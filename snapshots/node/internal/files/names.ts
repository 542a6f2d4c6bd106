import { callSync } from "../../../bridge.ts";
import type { Buffer } from "../buffer-type.ts";
import { nodeError } from "../errors.ts";
import { fileConstants } from "../file-constants.ts";
import { fileMode } from "./descriptors.ts";
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
  type Told,
  textOf,
} from "./host.ts";
import { factsOf } from "./stats.ts";

/** Folders, and what stands in them. */
type Encoding = string | null | undefined;
type Name = string | Buffer;

/** By the letter that the host gives a name. */
const types: Readonly<Record<string, number>> = {
  f: fileConstants.UV_DIRENT_FILE,
  d: fileConstants.UV_DIRENT_DIR,
  l: fileConstants.UV_DIRENT_LINK,
  c: fileConstants.UV_DIRENT_CHAR,
};

interface Entry {
  readonly name: string;
  readonly type: number;
}

/** @param told What an error names. */
export function entriesOf(path: string, told: Told = { syscall: "scandir", path }): Entry[] {
  const text = textOf(ask("readdir", absolute(path)), told);
  if (text === "") return [];
  return text.split("\0").map((entry) => ({ name: entry.slice(1), type: types[entry[0]!] ?? 0 }));
}

export function readdir(path: Path, encoding: Encoding, withTypes: boolean): Name[] | [Name[], number[]] {
  const entries = entriesOf(pathText(path));
  const names = entries.map(({ name }) => encodedName(name, encoding));
  return withTypes ? [names, entries.map(({ type }) => type)] : names;
}

/**
 * All that is below a folder, folder by folder, links to folders among them as Node does. With types: names, types, how
 * many of them each folder has, and the folders' paths from the first.
 */
export function readdirRecursive(
  path: Path,
  encoding: Encoding,
  withTypes: boolean,
): Name[] | [Name[], number[], number[], Name[]] {
  const root = pathText(path);
  const folders = [""];
  const [names, kinds, counts]: [Name[], number[], number[]] = [[], [], []];
  // What is found is put behind, and looked into later.
  for (const folder of folders) {
    const entries = entriesOf(joined(root, folder));
    counts.push(entries.length);
    for (const { name, type } of entries) {
      const relative = folder === "" ? name : `${folder}/${name}`;
      names.push(encodedName(withTypes ? name : relative, encoding));
      kinds.push(type);
      const mayLead = type === fileConstants.UV_DIRENT_LINK;
      if (type === fileConstants.UV_DIRENT_DIR || (mayLead && isFolder(joined(root, relative))))
        folders.push(relative);
    }
  }
  return withTypes ? [names, kinds, counts, folders.map((folder) => encodedName(folder, encoding))] : names;
}

export const joined = (folder: string, name: string): string =>
  name === "" ? folder : `${folder.replace(/\/+$/, "")}/${name}`;

export function isFolder(path: string): boolean {
  const answer = ask("stat", absolute(path), true);
  return typeof answer === "string" && factsOf(answer).isFolder;
}

export function mkdir(path: Path, mode: number, recursive: boolean): string | undefined {
  const name = pathText(path);
  const told = { syscall: "mkdir", path: name };
  const bits = fileMode(mode) & 0o1777;
  if (recursive) return mkdirs(name, bits, told);
  orThrow(change("mkdir", absolute(name), bits), told);
  return undefined;
}

/** As Node, name by name without resolving `..`. @returns The first folder that was made, from the root. */
function mkdirs(path: string, mode: number, told: Told): string | undefined {
  const ahead = [path];
  let first: string | undefined;
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const answer = change("mkdir", absolute(next), mode);
    if (answer === 0) first ??= next;
    else if (isErrno(answer, errnoOf.ENOENT)) {
      const parent = next.slice(0, Math.max(next.lastIndexOf("/"), 0));
      if (parent === "") throw fileError(answer as number, told);
      ahead.push(next, parent);
    } else if (!isErrno(answer, errnoOf.EEXIST)) throw fileError(answer as number, told);
    else if (!isFolder(next)) throw fileError(-(ahead.length > 0 ? errnoOf.ENOTDIR : errnoOf.EEXIST), told);
  }
  return first;
}

const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

export function mkdtemp(prefix: Path, encoding: Encoding): Name {
  const start = pathText(prefix);
  const told = { syscall: "mkdtemp", path: `${start}XXXXXX` };
  for (;;) {
    let name = start;
    for (const byte of callSync("crypto.random", 6) as Uint8Array)
      name += nameCharacters[byte % nameCharacters.length];
    const answer = change("mkdir", absolute(name), 0o700);
    if (isErrno(answer, errnoOf.EEXIST)) continue;
    orThrow(answer, told);
    return encodedName(name, encoding);
  }
}

export function realpath(path: Path, encoding: Encoding): Name {
  const name = pathText(path);
  const told = { syscall: "realpath", path: name };
  return encodedName(textOf(ask("realpath", absolute(name === "" ? "." : name)), told), encoding);
}

/** A file, or a folder with all that is in it. Nothing else uses the files, so there is nothing to try again. */
export function rmSync(path: Path, _maxRetries: number, recursive: boolean): void {
  const name = pathText(path);
  const answer = ask("stat", absolute(name), false);
  if (isErrno(answer, errnoOf.ENOENT) || isErrno(answer, errnoOf.ENOTDIR)) return;
  const { isFolder } = factsOf(textOf(answer, { syscall: "rm", path: name }));
  if (isFolder && !recursive) throw nodeError(Error, "ERR_FS_EISDIR", `Path is a directory: ${name}`);
  remove(name, isFolder);
}

function remove(path: string, isFolder: boolean): void {
  const told = { syscall: "rm", path };
  if (isFolder) {
    for (const { name, type } of entriesOf(path, told))
      remove(joined(path, name), type === fileConstants.UV_DIRENT_DIR);
  }
  orThrow(change(isFolder ? "rmdir" : "unlink", absolute(path)), told);
}

/** A folder to work in, as process.chdir means it. @returns Its path without links. */
export function enter(path: string, from: string): string {
  const told = { syscall: "chdir", path: from, dest: path };
  const found = textOf(ask("realpath", absolute(path)), told);
  if (!isFolder(found)) throw fileError(-errnoOf.ENOTDIR, told);
  return found;
}
