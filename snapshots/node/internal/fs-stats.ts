import { fileConstants } from "./file-constants.ts";

const { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } = fileConstants;

type Numeric = number | bigint;
const fields = ["dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino", "size", "blocks"] as const;
const times = ["atime", "mtime", "ctime", "birthtime"] as const;

class StatsBase<T extends Numeric> {
  declare dev: T;
  declare mode: T;
  declare nlink: T;
  declare uid: T;
  declare gid: T;
  declare rdev: T;
  declare blksize: T;
  declare ino: T;
  declare size: T;
  declare blocks: T;
  declare atimeMs: T;
  declare mtimeMs: T;
  declare ctimeMs: T;
  declare birthtimeMs: T;

  isDirectory(): boolean {
    return this.#is(S_IFDIR);
  }
  isFile(): boolean {
    return this.#is(S_IFREG);
  }
  isBlockDevice(): boolean {
    return this.#is(S_IFBLK);
  }
  isCharacterDevice(): boolean {
    return this.#is(S_IFCHR);
  }
  isSymbolicLink(): boolean {
    return this.#is(S_IFLNK);
  }
  isFIFO(): boolean {
    return this.#is(S_IFIFO);
  }
  isSocket(): boolean {
    return this.#is(S_IFSOCK);
  }
  #is(type: number): boolean {
    return (Number(this.mode) & S_IFMT) === type;
  }
}

/** Dates are made when they are looked at, and may be replaced. */
for (const name of times) {
  Object.defineProperty(StatsBase.prototype, name, {
    enumerable: true,
    configurable: true,
    get(this: Record<string, Numeric>) {
      const value = new Date(Math.round(Number(this[`${name}Ms`])));
      Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true });
      return value;
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true });
    },
  });
}

export class Stats extends StatsBase<number> {
  /** In the order of Node's own constructor, which packages for testing call. */
  constructor(...values: number[]) {
    super();
    for (const [index, name] of [...fields, ...times.map((time) => `${time}Ms`)].entries())
      (this as unknown as Record<string, unknown>)[name] = values[index];
  }
}

export class BigIntStats extends StatsBase<bigint> {
  constructor(values: readonly number[]) {
    super();
    const made = this as unknown as Record<string, bigint>;
    for (const [index, name] of fields.entries()) made[name] = BigInt(values[index]!);
    for (const [index, name] of times.entries())
      made[`${name}Ms`] = BigInt(Math.floor(values[fields.length + index]!));
    for (const [index, name] of times.entries()) {
      const ms = values[fields.length + index]!;
      made[`${name}Ns`] = BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6));
    }
  }
}

/** @param text As the host answers: numbers with commas between them. */
export function statsOf(text: string, options: { bigint?: boolean } | undefined): Stats | BigIntStats {
  const values = text.split(",").map(Number);
  return options?.bigint ? new BigIntStats(values) : new Stats(...values);
}

export class StatFs<T extends Numeric> {
  declare type: T;
  declare bsize: T;
  declare frsize: T;
  declare blocks: T;
  declare bfree: T;
  declare bavail: T;
  declare files: T;
  declare ffree: T;

  constructor(values: readonly T[]) {
    const [type, bsize, blocks, bfree, bavail, files, ffree] = values as readonly [T, T, T, T, T, T, T];
    Object.assign(this, { type, bsize, frsize: bsize, blocks, bfree, bavail, files, ffree });
  }
}

export function statFsOf(text: string, options: { bigint?: boolean } | undefined): StatFs<number | bigint> {
  return new StatFs(text.split(",").map((value) => (options?.bigint ? BigInt(value) : Number(value))));
}

/** By the letter that the host gives a name. */
const types: Readonly<Record<string, number>> = {
  f: fileConstants.UV_DIRENT_FILE,
  d: fileConstants.UV_DIRENT_DIR,
  l: fileConstants.UV_DIRENT_LINK,
  c: fileConstants.UV_DIRENT_CHAR,
};
const typeOf = Symbol("type");

export class Dirent {
  name: unknown;
  parentPath: unknown;
  [typeOf]: number;

  constructor(name: unknown, type: number, parentPath: unknown) {
    this.name = name;
    this.parentPath = parentPath;
    this[typeOf] = type;
    // Not to be seen among its properties.
    Object.defineProperty(this, typeOf, { enumerable: false });
  }
  isDirectory(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_DIR;
  }
  isFile(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_FILE;
  }
  isBlockDevice(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_BLOCK;
  }
  isCharacterDevice(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_CHAR;
  }
  isSymbolicLink(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_LINK;
  }
  isFIFO(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_FIFO;
  }
  isSocket(): boolean {
    return this[typeOf] === fileConstants.UV_DIRENT_SOCKET;
  }
}

/** @param letter As the host gives it. */
export function direntOf(name: unknown, letter: string, parentPath: unknown): Dirent {
  return new Dirent(name, types[letter] ?? 0, parentPath);
}
