import promises from "node:fs/promises";
import { unavailable } from "./internal/errors.ts";
import { fileConstants } from "./internal/file-constants.ts";
import { fileRefusal, readCalls, writeCalls } from "./internal/file-refusals.ts";

type Callback = (error: unknown) => void;

/*
 * An environment without files, for now: looking for one finds none, writing one is refused, both with the errors
 * that a read-only, empty file system gives.
 */
const exported: Record<string, unknown> & { constants: typeof fileConstants } = {
  constants: fileConstants,
  ...fileConstants,
  promises,
};

for (const [name, syscall] of Object.entries({ ...readCalls, ...writeCalls })) {
  exported[`${name}Sync`] = (path: unknown) => {
    throw fileRefusal(name, syscall, path);
  };
  exported[name] = (path: unknown, ...rest: unknown[]) => {
    const callback = rest.at(-1) as Callback | undefined;
    if (typeof callback !== "function") {
      throw Object.assign(new TypeError('The "cb" argument must be of type function. Received undefined'), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    }
    const error = fileRefusal(name, syscall, path);
    (globalThis as unknown as { process: { nextTick(run: () => void): void } }).process.nextTick(() =>
      callback(error),
    );
  };
}

class Stats {
  isFile(): boolean {
    return false;
  }
  isDirectory(): boolean {
    return false;
  }
  isSymbolicLink(): boolean {
    return false;
  }
}

class Dirent extends Stats {}

const statSync = exported["statSync"] as (path: unknown) => never;
/** With `throwIfNoEntry: false`, nothing found is no error. */
const quietStat = (path: unknown, options?: { throwIfNoEntry?: boolean }) =>
  options?.throwIfNoEntry === false ? undefined : statSync(path);

/** Streams come with files; opening one is refused at once rather than as an event that nobody may hear. */
const noStream = (name: string) =>
  function refuse(): never {
    throw unavailable(`fs.${name}`, "an environment has no files yet: bundle data as a module, or fetch it");
  };

export default Object.assign(exported, {
  Stats,
  Dirent,
  statSync: quietStat,
  lstatSync: quietStat,
  existsSync: () => false,
  exists: (_path: unknown, callback: (found: boolean) => void) => callback(false),
  createReadStream: noStream("createReadStream"),
  createWriteStream: noStream("createWriteStream"),
  ReadStream: noStream("ReadStream"),
  WriteStream: noStream("WriteStream"),
  watch: noStream("watch"),
  watchFile: noStream("watchFile"),
  unwatchFile() {},
});
