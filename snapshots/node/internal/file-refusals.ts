import { invalidArgType } from "./errors.ts";
import { systemError } from "./system-errors.ts";

/** fs functions that look for a file, with the system call that Node names in the error. */
export const readCalls: Readonly<Record<string, string>> = {
  access: "access",
  copyFile: "copyfile",
  lstat: "lstat",
  open: "open",
  opendir: "opendir",
  readFile: "open",
  readdir: "scandir",
  readlink: "readlink",
  realpath: "lstat",
  stat: "stat",
  statfs: "statfs",
  unlink: "unlink",
  rmdir: "rmdir",
  rename: "rename",
  truncate: "open",
  utimes: "utime",
  chmod: "chmod",
  chown: "chown",
};

export const writeCalls: Readonly<Record<string, string>> = {
  appendFile: "open",
  cp: "cp",
  link: "link",
  mkdir: "mkdir",
  mkdtemp: "mkdtemp",
  rm: "rm",
  symlink: "symlink",
  writeFile: "open",
};

export function fileRefusal(name: string, syscall: string, path: unknown): Error {
  return systemError(Object.hasOwn(readCalls, name) ? "ENOENT" : "EROFS", syscall, pathText(path));
}

function pathText(path: unknown): string {
  if (typeof path === "string") return path;
  if (ArrayBuffer.isView(path)) return String(path);
  const { pathname } = (path ?? {}) as { pathname?: unknown };
  if (typeof pathname === "string") return decodeURIComponent(pathname);
  throw invalidArgType("path", "of type string or an instance of Buffer or URL", path);
}
