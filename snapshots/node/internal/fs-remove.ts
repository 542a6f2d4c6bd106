import { booleanOf, integerOf, pathOf } from "./fs-arguments.ts";
import { absolute, ask, errnoOf, isErrno, orThrow, textOf } from "./fs-host.ts";
import { statsOf } from "./fs-stats.ts";

interface RemoveOptions {
  readonly force?: unknown;
  readonly recursive?: unknown;
  readonly retryDelay?: unknown;
  readonly maxRetries?: unknown;
}

/** fs.rm: a file, or a folder with all that is in it. Nothing else uses the files, so there is nothing to try again. */
export function rm(path: unknown, options?: RemoveOptions): void {
  const name = pathOf(path);
  const { force = false, recursive = false, retryDelay = 100, maxRetries = 0 } = options ?? {};
  booleanOf(force, "options.force");
  booleanOf(recursive, "options.recursive");
  integerOf(retryDelay, "options.retryDelay", 0, 2 ** 31 - 1);
  integerOf(maxRetries, "options.maxRetries", 0, 2 ** 32 - 1);
  const answer = ask("stat", absolute(name), false);
  if (force === true && isErrno(answer, errnoOf.ENOENT)) return;
  const stats = statsOf(textOf(answer, { syscall: "lstat", path: name }), undefined);
  if (stats.isDirectory() && recursive !== true) throw isFolder(name);
  remove(name, stats.isDirectory());
}

function remove(path: string, isFolder: boolean): void {
  if (!isFolder) {
    orThrow(ask("unlink", absolute(path)), { syscall: "unlink", path });
    return;
  }
  const text = textOf(ask("readdir", absolute(path)), { syscall: "scandir", path });
  for (const entry of text === "" ? [] : text.split("\0"))
    remove(`${path.replace(/\/+$/, "")}/${entry.slice(1)}`, entry[0] === "d");
  orThrow(ask("rmdir", absolute(path)), { syscall: "rmdir", path });
}

/** Of Node's class SystemError, which tells more than others. */
function isFolder(path: string): Error {
  const info = { code: "EISDIR", message: "is a directory", path, syscall: "rm", errno: errnoOf.EISDIR };
  const error = new Error(`Path is a directory: rm returned EISDIR (is a directory) ${path}`);
  const code = "ERR_FS_EISDIR";
  error.name = "SystemError";
  return Object.assign(error, { code, info, errno: errnoOf.EISDIR, syscall: "rm", path });
}
