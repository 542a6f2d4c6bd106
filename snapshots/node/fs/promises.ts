import { requireInternal } from "../../registry.ts";
import { unavailable } from "../internal/errors.ts";
import { fileConstants } from "../internal/file-constants.ts";
import { isDescriptor } from "../internal/fs-arguments.ts";
import { opendir } from "../internal/fs-dir.ts";
import { FileHandle, isIterable } from "../internal/fs-handle.ts";
import { withPromise } from "../internal/fs-later.ts";
import * as names from "../internal/fs-names.ts";
import { rm } from "../internal/fs-remove.ts";
import * as sync from "../internal/fs-sync.ts";

type Copy = typeof import("../internal/fs-copy.ts");
type Run = (...args: never[]) => unknown;

const exported: Record<string, unknown> = { constants: fileConstants };
const plain: Readonly<Record<string, Run>> = {
  access: sync.access,
  chmod: names.chmod,
  chown: names.chown,
  copyFile: sync.copyFile,
  lchown: names.lchown,
  link: names.link,
  lstat: sync.lstat,
  lutimes: names.lutimes,
  mkdir: names.mkdir,
  mkdtemp: names.mkdtemp,
  opendir,
  readdir: sync.readdir,
  readlink: names.readlink,
  realpath: names.realpathNative,
  rename: names.rename,
  rm,
  rmdir: names.rmdir,
  stat: sync.stat,
  statfs: sync.statfs,
  symlink: names.symlink,
  truncate: sync.truncate,
  unlink: names.unlink,
  utimes: names.utimes,
};
for (const [name, run] of Object.entries(plain)) exported[name] = withPromise(name, run);

const openOne = withPromise("open", sync.open);
const readOne = withPromise("readFile", (path: unknown, options: unknown) =>
  sync.readFile(fileOf(path), options),
);
const appendOne = withPromise("appendFile", (path: unknown, data: unknown, options: unknown) =>
  sync.appendFile(fileOf(path), data, options),
);
const writeOne = withPromise("writeFile", (path: unknown, data: unknown, options: unknown) =>
  sync.writeFile(fileOf(path), data, options),
);

/** A number is no path here, a handle stands for its file. */
function fileOf(path: unknown): unknown {
  if (path instanceof FileHandle) return path.fd;
  return isDescriptor(path) ? {} : path;
}

Object.assign(exported, {
  open: async (path: unknown, flags?: unknown, mode?: unknown) =>
    new FileHandle((await openOne(path, flags, mode)) as number),
  readFile: (path: unknown, options?: unknown) => readOne(path, options),
  appendFile: (path: unknown, data: unknown, options?: unknown) => appendOne(path, data, options),
  async writeFile(path: unknown, data: unknown, options?: unknown) {
    if (!isIterable(data)) return writeOne(path, data, options);
    const given = (typeof options === "string" ? { encoding: options } : (options ?? {})) as {
      flag?: unknown;
      mode?: unknown;
      encoding?: unknown;
      signal?: { aborted: boolean };
    };
    if (path instanceof FileHandle) return path.writeFile(data, given);
    const file = new FileHandle((await openOne(path, given.flag ?? "w", given.mode)) as number);
    try {
      await file.writeFile(data, given);
    } finally {
      await file.close();
    }
    return undefined;
  },
  cp: (from: unknown, to: unknown, options?: object) =>
    (requireInternal("brisk:node/internal/fs-copy") as Copy).cp(from, to, options),
  lchmod: async () => {
    throw unavailable("fs.promises.lchmod", "links have no modes of their own: use chmod");
  },
  watch() {
    throw unavailable("fs.promises.watch", "nothing but the function itself changes its files");
  },
});

export default exported;
