/** Linux's error numbers, as far as file operations of ours end with one. */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EMLINK: 31,
  ENAMETOOLONG: 36,
  ENOTEMPTY: 39,
  ELOOP: 40,
} as const;

export type ErrnoName = keyof typeof errno;

/** How a file operation ends that cannot be done. It never carries anything of the machine's own files. */
export class FileError extends Error {
  readonly errno: number;

  constructor(name: ErrnoName) {
    super(name);
    this.errno = errno[name];
  }
}

/** What the operating system says of a file of ours, in terms of the guest's. */
export function asFileError(error: unknown): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new FileError("ENOSPC");
  if (code === "EMFILE" || code === "ENFILE") return new FileError("EMFILE");
  return new FileError("EIO");
}
