/** Linux's error numbers, as far as a function can meet them. */
export const systemErrors: ReadonlyMap<string, readonly [number: number, message: string]> = new Map([
  ["EPERM", [1, "operation not permitted"]],
  ["ENOENT", [2, "no such file or directory"]],
  ["EINTR", [4, "interrupted system call"]],
  ["EIO", [5, "i/o error"]],
  ["EBADF", [9, "bad file descriptor"]],
  ["EAGAIN", [11, "resource temporarily unavailable"]],
  ["ENOMEM", [12, "not enough memory"]],
  ["EACCES", [13, "permission denied"]],
  ["EBUSY", [16, "resource busy or locked"]],
  ["EEXIST", [17, "file already exists"]],
  ["EXDEV", [18, "cross-device link not permitted"]],
  ["ENOTDIR", [20, "not a directory"]],
  ["EISDIR", [21, "illegal operation on a directory"]],
  ["EINVAL", [22, "invalid argument"]],
  ["EMFILE", [24, "too many open files"]],
  ["EFBIG", [27, "file too large"]],
  ["ENOSPC", [28, "no space left on device"]],
  ["EROFS", [30, "read-only file system"]],
  ["EMLINK", [31, "too many links"]],
  ["EPIPE", [32, "broken pipe"]],
  ["ERANGE", [34, "result too large"]],
  ["ENAMETOOLONG", [36, "name too long"]],
  ["ENOSYS", [38, "function not implemented"]],
  ["ENOTEMPTY", [39, "directory not empty"]],
  ["ELOOP", [40, "too many symbolic links encountered"]],
  ["ENOTSUP", [95, "operation not supported on socket"]],
  ["EADDRINUSE", [98, "address already in use"]],
  ["ENETUNREACH", [101, "network is unreachable"]],
  ["ECONNABORTED", [103, "software caused connection abort"]],
  ["ECONNRESET", [104, "connection reset by peer"]],
  ["ENOTCONN", [107, "socket is not connected"]],
  ["ETIMEDOUT", [110, "connection timed out"]],
  ["ECONNREFUSED", [111, "connection refused"]],
  ["EHOSTUNREACH", [113, "host is unreachable"]],
]);

/** An error of the shape of libuv's: errno (negative), code, syscall, path, dest. */
export function systemError(code: string, syscall: string, path?: string, dest?: string): Error {
  const [number, message] = systemErrors.get(code) ?? [5, "i/o error"];
  const where = path === undefined ? "" : ` '${path}'`;
  const error = new Error(
    `${code}: ${message}, ${syscall}${where}${dest === undefined ? "" : ` -> '${dest}'`}`,
  );
  return Object.assign(error, {
    errno: -number,
    code,
    syscall,
    ...(path === undefined ? {} : { path }),
    ...(dest === undefined ? {} : { dest }),
  });
}

/** @param errno Positive. */
export function codeOfErrno(errno: number): string {
  for (const [code, [number]] of systemErrors) if (number === errno) return code;
  return "EIO";
}
