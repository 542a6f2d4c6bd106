import type { Value } from "../../model/values.ts";
import { type EnvironmentFiles, FileError, statText } from "../files/index.ts";
import {
  type Argument,
  boolean,
  bytes,
  defineOperation,
  integer,
  number,
  type Operation,
  string,
} from "../operation.ts";

/** Longer ones have names that no folder can hold: the guest knows without asking. */
const path = string(16 * 1024);
const descriptor = integer(0, 2 ** 31 - 1);
const mode = integer(0, 0o7777);
const maxChunkBytes = 16 * 1024 * 1024;
/** Epoch ms; dates of JavaScript reach no farther. */
const time = number(-8.64e15, 8.64e15);
/** Of `open`'s flags: for writing, created, emptied. */
const writingFlags = 0o1103;
const maxOffset = Number.MAX_SAFE_INTEGER;

type Parsed<A extends readonly Argument<unknown>[]> = {
  [K in keyof A]: A[K] extends Argument<infer T> ? T : never;
};

/**
 * File operations all answer within the call: a disk is as near as a host's own memory, and a snapshot's tape has them
 * in order. One that can't be done is answered with a negative errno, which costs the guest no exception.
 */
function fileOperation<const A extends readonly Argument<unknown>[]>(
  name: string,
  args: A,
  // biome-ignore lint/suspicious/noConfusingVoidType: most have nothing to answer but that it was done
  run: (files: EnvironmentFiles, ...args: Parsed<A>) => Value | void,
  changesFiles = false,
): Operation {
  return defineOperation({
    name: `fs.${name}`,
    kind: "sync",
    args,
    replay: "taped",
    hasEffect: changesFiles,
    run: (environment, ...values) => {
      try {
        return run(environment.files, ...(values as Parsed<A>)) ?? 0;
      } catch (error) {
        if (error instanceof FileError) return -error.errno;
        throw error;
      }
    },
  });
}

const changes = true;

export const fileOperations: readonly Operation[] = [
  // Two names for one operation: only one of them may run in a rehearsal.
  fileOperation("open", [path, integer(0, 2 ** 31 - 1)], (files, name, flags) =>
    files.open(name, flags & ~writingFlags, 0),
  ),
  fileOperation(
    "openToWrite",
    [path, integer(0, 2 ** 31 - 1), mode],
    (files, name, flags, bits) => files.open(name, flags, bits),
    changes,
  ),
  fileOperation("close", [descriptor], (files, fd) => files.closeDescriptor(fd)),
  fileOperation(
    "read",
    [descriptor, integer(0, maxChunkBytes), integer(-1, maxOffset)],
    (files, fd, length, position) => files.read(fd, length, position),
  ),
  fileOperation(
    "write",
    [descriptor, bytes(maxChunkBytes), integer(-1, maxOffset)],
    (files, fd, chunk, position) => files.write(fd, chunk, position),
    changes,
  ),
  /** A whole file, as bytes or as the text that they are in UTF-8. */
  fileOperation("readFile", [path, boolean()], (files, name, asText) => {
    const content = files.readWhole(name, maxChunkBytes);
    return asText ? Buffer.from(content.buffer).toString("utf8") : content;
  }),
  /** All of these bytes, into a file that is opened as `openToWrite` would. */
  fileOperation(
    "writeFile",
    [path, bytes(maxChunkBytes), integer(0, 2 ** 31 - 1), mode],
    (files, name, content, flags, bits) => files.writeWhole(name, content, flags, bits),
    changes,
  ),
  fileOperation("stat", [path, boolean()], (files, name, follows) => files.stat(name, follows)),
  fileOperation("fstat", [descriptor], (files, fd) => statText(files.inode(fd))),
  fileOperation("access", [path, integer(0, 7)], (files, name, wanted) => files.tree.access(name, wanted)),
  fileOperation("readdir", [path], (files, name) => files.tree.list(name)),
  fileOperation("readlink", [path], (files, name) => files.tree.readlink(name)),
  fileOperation("realpath", [path], (files, name) => files.tree.realpath(name)),
  fileOperation("statfs", [path], (files, name) => files.statfs(name)),
  fileOperation("mkdir", [path, mode], (files, name, bits) => files.tree.mkdir(name, bits), changes),
  fileOperation("rmdir", [path], (files, name) => files.tree.rmdir(name), changes),
  fileOperation("unlink", [path], (files, name) => files.tree.unlink(name), changes),
  fileOperation("rename", [path, path], (files, from, to) => files.tree.rename(from, to), changes),
  fileOperation("link", [path, path], (files, from, to) => files.tree.link(from, to), changes),
  fileOperation("symlink", [path, path], (files, target, name) => files.tree.symlink(target, name), changes),
  fileOperation(
    "truncate",
    [descriptor, integer(0, maxOffset)],
    (files, fd, length) => files.truncate(fd, length),
    changes,
  ),
  fileOperation(
    "utimes",
    [path, time, time, boolean()],
    (files, name, accessedMs, modifiedMs, follows) =>
      files.tree.setTimes(files.tree.find(name, follows), accessedMs, modifiedMs),
    changes,
  ),
  fileOperation(
    "futimes",
    [descriptor, time, time],
    (files, fd, accessedMs, modifiedMs) => files.tree.setTimes(files.inode(fd), accessedMs, modifiedMs),
    changes,
  ),
  fileOperation(
    "chmod",
    [path, mode],
    (files, name, bits) => files.tree.setMode(files.tree.find(name), bits),
    changes,
  ),
  fileOperation(
    "fchmod",
    [descriptor, mode],
    (files, fd, bits) => files.tree.setMode(files.inode(fd), bits),
    changes,
  ),
  fileOperation(
    "chown",
    [path, integer(-1, 2 ** 32 - 1), integer(-1, 2 ** 32 - 1), boolean()],
    (files, name, user, group, follows) => files.tree.setOwner(files.tree.find(name, follows), user, group),
    changes,
  ),
  fileOperation(
    "fchown",
    [descriptor, integer(-1, 2 ** 32 - 1), integer(-1, 2 ** 32 - 1)],
    (files, fd, user, group) => files.tree.setOwner(files.inode(fd), user, group),
    changes,
  ),
];
