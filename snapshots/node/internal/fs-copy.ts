import path from "node:path";
import { invalidArgType, nodeError } from "./errors.ts";
import { booleanOf, integerOf, pathOf } from "./fs-arguments.ts";
import { later } from "./fs-later.ts";
import * as names from "./fs-names.ts";
import type { Stats } from "./fs-stats.ts";
import * as sync from "./fs-sync.ts";

interface CopyOptions {
  readonly dereference?: boolean;
  readonly errorOnExist?: boolean;
  readonly filter?: (from: string, to: string) => unknown;
  readonly force?: boolean;
  readonly mode?: number;
  readonly preserveTimestamps?: boolean;
  readonly recursive?: boolean;
  readonly verbatimSymlinks?: boolean;
}

const quiet = { throwIfNoEntry: false };

/** What fs.cp refuses has codes and words of its own. */
function refusal(code: string, message: string, name: string, detail: string, where: string): Error {
  const error = nodeError(Error, code, `${message}: cp returned ${name} (${detail}) ${where}`);
  error.name = "SystemError";
  const errno = { EISDIR: 21, EINVAL: 22, ENOTDIR: 20, EEXIST: 17 }[name] ?? 22;
  const info = { code: name, message: detail, path: where, syscall: "cp", errno };
  return Object.assign(error, { info, errno, syscall: "cp", path: where });
}

export function checkedOptions(options: CopyOptions | undefined): CopyOptions {
  if (options === undefined) return { force: true };
  if (typeof options !== "object" || options === null)
    throw invalidArgType("options", "of type object", options);
  const booleans = [
    "dereference",
    "errorOnExist",
    "force",
    "preserveTimestamps",
    "recursive",
    "verbatimSymlinks",
  ] as const;
  for (const name of booleans) if (options[name] !== undefined) booleanOf(options[name], `options.${name}`);
  if (options.mode !== undefined) {
    const mode = integerOf(options.mode, "mode");
    if (mode < 0 || mode > 7)
      throw nodeError(RangeError, "ERR_OUT_OF_RANGE", "mode is out of range: >= 0 && <= 7");
  }
  if (options.filter !== undefined && typeof options.filter !== "function")
    throw invalidArgType("options.filter", "of type function", options.filter);
  if (options.dereference && options.verbatimSymlinks) {
    const message = 'Option "dereference" cannot be used in combination with option "verbatimSymlinks"';
    throw nodeError(Error, "ERR_INCOMPATIBLE_OPTION_PAIR", message);
  }
  return { force: true, ...options };
}

/** Asks the filter by yielding, which may answer now or later. */
type Steps = Generator<unknown, void, unknown>;

export function cpSync(from: unknown, to: unknown, options?: CopyOptions): void {
  const steps = copyAll(pathOf(from, "src"), pathOf(to, "dest"), checkedOptions(options));
  let step = steps.next();
  while (!step.done) {
    if (step.value instanceof Promise) {
      const message =
        'Expected boolean to be returned from the "cpSync filter" function but got an instance of Promise.';
      throw nodeError(TypeError, "ERR_INVALID_RETURN_VALUE", message);
    }
    step = steps.next(step.value);
  }
}

export async function cp(from: unknown, to: unknown, options?: CopyOptions): Promise<void> {
  const steps = copyAll(pathOf(from, "src"), pathOf(to, "dest"), checkedOptions(options));
  await new Promise<void>((resolve) => later(resolve));
  let step = steps.next();
  while (!step.done) step = steps.next(await step.value);
}

function* copyAll(from: string, to: string, options: CopyOptions): Steps {
  if (options.filter && !(yield options.filter(from, to))) return;
  const source = statOf(from, options);
  const target = existing(to, options);
  check(from, source, to, target, options);
  const parent = path.dirname(path.resolve(to));
  if (!sync.exists(parent)) names.mkdir(parent, { recursive: true });
  yield* copyOne(from, to, options);
}

function statOf(from: string, options: CopyOptions): Stats {
  return (options.dereference ? sync.stat(from) : sync.lstat(from)) as Stats;
}

function existing(to: string, { dereference }: CopyOptions): Stats | undefined {
  return (dereference ? sync.stat(to, quiet) : sync.lstat(to, quiet)) as Stats | undefined;
}

function isSame(one: Stats, other: Stats | undefined): boolean {
  return other !== undefined && one.ino === other.ino && one.dev === other.dev;
}

function isInside(folder: string, inner: string): boolean {
  return `${path.resolve(inner)}/`.startsWith(`${path.resolve(folder)}/`);
}

function check(
  from: string,
  source: Stats,
  to: string,
  target: Stats | undefined,
  { recursive }: CopyOptions,
): void {
  if (isSame(source, target))
    throw refusal("ERR_FS_CP_EINVAL", "Invalid src or dest", "EINVAL", "src and dest cannot be the same", to);
  if (target !== undefined && source.isDirectory() && !target.isDirectory()) {
    const detail = `cannot overwrite non-directory ${to} with directory ${from}`;
    throw refusal(
      "ERR_FS_CP_DIR_TO_NON_DIR",
      "Cannot overwrite non-directory with directory",
      "EISDIR",
      detail,
      to,
    );
  }
  if (target !== undefined && !source.isDirectory() && target.isDirectory()) {
    const detail = `cannot overwrite directory ${to} with non-directory ${from}`;
    throw refusal(
      "ERR_FS_CP_NON_DIR_TO_DIR",
      "Cannot overwrite directory with non-directory",
      "ENOTDIR",
      detail,
      to,
    );
  }
  if (!source.isDirectory()) return;
  if (isInside(from, to)) {
    const detail = `cannot copy ${from} to a subdirectory of self ${to}`;
    throw refusal("ERR_FS_CP_EINVAL", "Invalid src or dest", "EINVAL", detail, to);
  }
  if (recursive) return;
  const detail = `${from} is a directory (not copied)`;
  throw refusal(
    "ERR_FS_EISDIR",
    "Recursive option not enabled, cannot copy a directory",
    "EISDIR",
    detail,
    from,
  );
}

function* copyOne(from: string, to: string, options: CopyOptions): Steps {
  const source = statOf(from, options);
  const target = sync.lstat(to, quiet) as Stats | undefined;
  if (source.isDirectory()) {
    if (target !== undefined && !(sync.stat(to) as Stats).isDirectory())
      check(from, source, to, target, options);
    if (target === undefined) names.mkdir(to, { mode: source.mode & 0o777 });
    else if (options.errorOnExist && !options.force) throw exists(to);
    for (const name of sync.readdir(from) as string[]) {
      const [inner, copied] = [path.join(from, name), path.join(to, name)];
      if (options.filter && !(yield options.filter(inner, copied))) continue;
      const one = statOf(inner, options);
      check(inner, one, copied, existing(copied, options), options);
      yield* copyOne(inner, copied, options);
    }
  } else if (source.isSymbolicLink()) copyLink(from, to, target, options);
  else copyContent(from, to, source, target, options);
}

function copyContent(
  from: string,
  to: string,
  source: Stats,
  target: Stats | undefined,
  options: CopyOptions,
): void {
  if (target !== undefined) {
    if (!options.force) {
      if (options.errorOnExist) throw exists(to);
      return;
    }
    names.unlink(to);
  }
  sync.copyFile(from, to, options.mode);
  if (options.preserveTimestamps) names.utimes(to, source.atimeMs / 1000, source.mtimeMs / 1000);
  names.chmod(to, source.mode & 0o777);
}

function copyLink(from: string, to: string, target: Stats | undefined, options: CopyOptions): void {
  let leads = names.readlink(from) as string;
  if (!options.verbatimSymlinks && !path.isAbsolute(leads)) leads = path.resolve(path.dirname(from), leads);
  if (target === undefined) {
    names.symlink(leads, to);
    return;
  }
  if (!target.isSymbolicLink()) {
    if (options.errorOnExist) throw exists(to);
    names.symlink(leads, to);
    return;
  }
  const known = path.resolve(path.dirname(to), names.readlink(to) as string);
  const isFolder = (sync.stat(from, quiet) as Stats | undefined)?.isDirectory() === true;
  if (isFolder && known !== leads && isInside(leads, known)) {
    const detail = `cannot copy ${leads} to a subdirectory of self ${known}`;
    throw refusal("ERR_FS_CP_EINVAL", "Invalid src or dest", "EINVAL", detail, to);
  }
  if (isFolder && known !== leads && isInside(known, leads)) {
    const detail = `cannot overwrite ${known} with ${leads}`;
    throw refusal(
      "ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY",
      "Cannot overwrite symlink in subdirectory of self",
      "EINVAL",
      detail,
      to,
    );
  }
  names.unlink(to);
  names.symlink(leads, to);
}

function exists(to: string): Error {
  return refusal("ERR_FS_CP_EEXIST", "Target already exists", "EEXIST", `${to} already exists`, to);
}
